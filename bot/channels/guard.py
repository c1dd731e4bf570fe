"""The guarantee that every turn gets a reply: a deadline, a count, a safe reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.core.processor import MessageProcessor
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.action_endpoint import GuardedEndpoint
from bot.channels.watching import Watch
from bot.degraded import SafeReplies, Turn, danger
from bot.quick_actions import QuickProcessor
from bot.records import RecordsError, message_key
from bot.settings import Settings

logger = logging.getLogger(__name__)

Handler = Callable[[UserMessage], Awaitable[Any]]


class GaveUp(RuntimeError):
    """A message has taken too many servers down to be tried again."""


# What a failure is counted as; the first that fits.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (asyncio.TimeoutError, "deadline"),
    (LockError, "lock_fault"),
    (SQLAlchemyError, "store_fault"),
    (RecordsError, "store_fault"),
    (GaveUp, "gave_up"),
)


class WholeTextCollector(CollectingOutputChannel):
    """Collects a turn's messages; a text stays one message, its paragraphs are not torn apart."""

    messages: list[dict[str, Any]]

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Collect a text."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))


class Guard:
    """Runs turns so that they end, in time, with exactly one complete reply.

    Args:
        replies: what to say when a turn fails, or when somebody in danger would wait for it.
        settings: deadlines and action timeout, in seconds.
    """

    def __init__(self, replies: SafeReplies, settings: Settings) -> None:
        self._replies = replies
        self._settings = settings
        self._processor: MessageProcessor | None = None
        self._behind: set[asyncio.Future[Exception | None]] = set()
        self._watch = Watch(settings)
        self._agent: Agent | None = None

    async def run(
        self, message: UserMessage, handler: Handler, *, usable: bool = True
    ) -> list[dict[str, Any]]:
        """Handle the message and return the turn's messages, complete by the contract.

        Messages are collected first: a turn that breaks halfway sends nothing of its half. A turn
        that takes long is looked at by itself: if it is about danger, help comes at once, whatever
        it waits for, and the turn ends without anybody waiting. Usable: whether the model may be
        asked.
        """
        with self._watch.turn(message) as messages:
            messages += await self._run(message, handler, usable)
        return messages

    async def _run(
        self, message: UserMessage, handler: Handler, usable: bool
    ) -> list[dict[str, Any]]:
        collector = WholeTextCollector()
        message.output_channel = collector
        turn = asyncio.ensure_future(self._handle(message, handler))
        try:
            done, _ = await asyncio.wait({turn}, timeout=self._settings.urgent_seconds)
            if not done:
                urgent = await self.urgent(message, usable=usable)
                if urgent is not None and not turn.done():
                    metrics.fault("hurried")
                    self._leave(turn)
                    return urgent
            failure = await turn
        except asyncio.CancelledError:
            turn.cancel()
            await asyncio.wait({turn})
            raise
        if _is_complete(collector.messages):
            return collector.messages
        metrics.fault(self._reason(failure))
        return await self._safe(self._failed(message, await self._read(message, usable)))

    async def urgent(
        self, message: UserMessage, *, usable: bool = True
    ) -> list[dict[str, Any]] | None:
        """Return the reply to a message in danger, made without a turn; None to any other."""
        failed = self._failed(message, await self._read(message, usable))
        return await self._safe(failed) if danger(failed) else None

    async def _handle(self, message: UserMessage, handler: Handler) -> Exception | None:
        """Run the turn; return what it failed of."""
        try:
            await asyncio.wait_for(handler(message), self._settings.turn_deadline)
        except Exception as error:
            logger.error("A turn failed (%s); a safe reply is sent", type(error).__name__)
            return error
        return None

    def _leave(self, turn: asyncio.Future[Exception | None]) -> None:
        """Let a turn end behind its reply: the conversation must know what was said."""
        self._behind.add(turn)
        turn.add_done_callback(self._behind.discard)

    def _reason(self, failure: Exception | None) -> str:
        """Return why a turn has no complete reply, as metrics and logs name it."""
        for kind, reason in _REASONS:
            if isinstance(failure, kind):
                return reason
        if self._agent is None or self._agent.processor is None:
            metrics.degraded("model", True)
            return "no_model"
        return "other" if failure else "incomplete"

    async def _read(self, message: UserMessage, usable: bool) -> str | None:
        """Return what the model makes of a message by itself, if it can be asked."""
        if not usable or self._processor is None or not message.text:
            return None
        try:
            read = await self._processor.parse_message(message)
            return (read.get("intent") or {}).get("name")
        except Exception as error:
            logger.error("A message could not be read by itself (%s)", type(error).__name__)
            return None

    def _failed(self, message: UserMessage, intent: str | None) -> Turn:
        return Turn(
            sender=message.sender_id,
            channel=message.input_channel or "unknown",
            message_key=message_key(message.sender_id, message.message_id),
            text=message.text or "",
            intent=intent,
        )

    async def _safe(self, turn: Turn) -> list[dict[str, Any]]:
        reply = await self._replies.reply(turn)
        collector = WholeTextCollector()
        await send(collector, turn.sender, reply.messages())
        return collector.messages

    def protect(self, agent: Agent) -> None:
        """Put the guarded action endpoint and quick actions into the agent, once."""
        self._agent = agent
        metrics.degraded("model", agent.processor is None)
        if type(agent.processor) is MessageProcessor:
            agent.processor = QuickProcessor.of(agent.processor)
        self._processor = agent.processor
        endpoint = agent.action_endpoint
        if endpoint is None or isinstance(endpoint, GuardedEndpoint):
            return
        settings = self._settings
        guarded = GuardedEndpoint(
            endpoint,
            self._replies,
            settings.action_timeout,
            settings.action_url,
            settings.action_key,
        )
        agent.action_endpoint = guarded
        if agent.processor is not None:
            agent.processor.action_endpoint = guarded


class Runner:
    """Runs the turns of a channel that keeps what is said.

    Args:
        guard: gives every turn a reply.
        channel: the channel's name.
        handler: Rasa's.
        settings: longest text that is read whole.
    """

    def __init__(self, guard: Guard, channel: str, handler: Handler, settings: Settings) -> None:
        self._guard = guard
        self._channel = channel
        self._handler = handler
        self._limit = settings.max_message_chars

    async def run(
        self, agent: Agent | None, sender: str, message_id: str, text: str, usable: bool
    ) -> list[dict[str, Any]]:
        """Return the reply to a text; from the model only if it is usable for this text."""
        message = self._message(agent, sender, message_id, text)
        return await self._guard.run(message, self._handler if usable else _unusable, usable=usable)

    async def urgent(
        self, agent: Agent | None, sender: str, message_id: str, text: str
    ) -> list[dict[str, Any]] | None:
        """Return the reply to a text in danger, made without a turn; None to any other."""
        return await self._guard.urgent(self._message(agent, sender, message_id, text))

    def _message(self, agent: Agent | None, sender: str, message_id: str, text: str) -> UserMessage:
        if agent is not None:
            self._guard.protect(agent)
        shown, shortened = shorten(text, self._limit)
        return UserMessage(
            shown,
            sender_id=sender,
            input_channel=self._channel,
            message_id=message_id,
            metadata={"shortened": True} if shortened else {},
        )


async def _unusable(message: UserMessage) -> None:
    raise GaveUp("the model is not asked about this message again")


def shorten(text: str, limit: int) -> tuple[str, bool]:
    """Return the text, or its start and end if it is longer than the limit, and whether it was."""
    if len(text) <= limit:
        return text, False
    half = limit // 2
    return f"{text[:half]}\n{text[-half:]}", True


async def send(channel: OutputChannel, recipient: str, messages: list[dict[str, Any]]) -> None:
    """Send Rasa responses through a channel, in order."""
    for message in messages:
        await channel.send_response(recipient, dict(message))


def _is_complete(messages: list[dict[str, Any]]) -> bool:
    texts = any(message.get("text") for message in messages)
    return texts and sum("custom" in message for message in messages) == 1
