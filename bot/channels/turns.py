"""Turns: every message is answered once and in order, also over a stop or crash of the server.

Each session has at most one task here, which claims its messages one by one. Claims are leases in
the database: of several servers, or of a dead one and its successor, one answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.channels.archive import Archive
from bot.channels.entries import Message, receipt_in, reply_body, shown, unstored
from bot.records import ClaimedTurn, RecordsError, UnknownSession

logger = logging.getLogger(__name__)

LEASE_SECONDS = 4.0
RENEW_SECONDS = 1.0
SWEEP_SECONDS = 2.0
# Turns that run at once; a turn has a deadline, and with too many none would meet it.
AT_ONCE = 8
# A message whose turns have taken this many servers down is answered without one.
MOST_ATTEMPTS = 5
# Replies of unstored messages that are remembered, to know a message that is sent again.
MOST_KEPT = 1000

Messages = list[dict[str, Any]]
# Runs one turn: sender, message id, the message's body, and whether the model may be asked.
Run = Callable[[str, str, Mapping[str, Any], bool], Awaitable[Messages]]
# Sends an event with its body to every open connection of a sender.
Publish = Callable[[str, str, dict[str, Any]], Awaitable[None]]


class Turns:
    """Runs the turns of all sessions of a channel.

    Args:
        channel: its name.
        archive: where messages wait and replies go.
        run: runs a turn; always returns a complete reply.
        publish: sends entries to whoever looks at the session.
        close: ends a session that was forgotten: nothing more is sent to its connections.
    """

    def __init__(
        self,
        channel: str,
        archive: Archive,
        run: Run,
        publish: Publish,
        close: Callable[[str], Awaitable[None]],
    ) -> None:
        self._channel = channel
        self._archive = archive
        self._run = run
        self._publish = publish
        self._close = close
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._unstored: dict[str, deque[Message]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[tuple[str, str], Messages | None] = OrderedDict()
        self._sweeper: asyncio.Task[None] | None = None

    def wake(self, sender: str) -> None:
        """Answer what waits in a session, soon."""
        if sender in self._tasks:
            self._again.add(sender)
        else:
            self._tasks[sender] = asyncio.create_task(self._work(sender))

    async def take_unstored(self, sender: str, message: Message) -> None:
        """Answer a message that could not be stored; once, while it is remembered."""
        if (sender, message.id) not in self._kept:
            self._keep((sender, message.id), None)
            self._unstored.setdefault(sender, deque()).append(message)
            await self._publish(sender, "entry", unstored("user", message.id, message.body()))
            self.wake(sender)
        elif (reply := self.remembered(sender, message.id)) is not None:
            await self._publish(sender, "entry", reply)

    def remembered(self, sender: str, message_id: str) -> dict[str, Any] | None:
        """Return the reply to an unstored message as an entry, if it is known."""
        known = self._kept.get((sender, message_id))
        return None if known is None else unstored("bot", message_id, reply_body(known))

    def running(self, sender: str) -> bool:
        """Tell whether this process has work for a session."""
        return sender in self._tasks

    async def settled(self, sender: str) -> None:
        """Wait until nothing runs for a session in this process."""
        while (task := self._tasks.get(sender)) is not None:
            await asyncio.wait({task})

    def drop(self, sender: str) -> None:
        """Forget what is remembered of a sender."""
        self._unstored.pop(sender, None)
        for key in [key for key in self._kept if key[0] == sender]:
            del self._kept[key]

    def start(self) -> None:
        """Begin to look for messages that nobody answers."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self, seconds: float) -> None:
        """Let the turns that run end, for so many seconds; the rest is answered after a start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        running = set(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()

    async def _sweep(self) -> None:
        """Wake sessions left by a server that stopped or lost the database, for ever."""
        while True:
            with suppress(RecordsError):
                records = self._archive.records
                for sender in await self._archive.ask(records.unanswered_sessions, self._channel):
                    self.wake(sender)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _work(self, sender: str) -> None:
        try:
            while True:
                self._again.discard(sender)
                await self._answer_unstored(sender)
                await self._answer_stored(sender)
                if sender not in self._again:
                    return
        except Exception as error:
            # Its message stays unanswered in the records, and the sweep comes back to it.
            logger.error("A session's turns ended early (%s)", type(error).__name__)
        finally:
            del self._tasks[sender]

    async def _answer_unstored(self, sender: str) -> None:
        while waiting := self._unstored.get(sender):
            message = waiting.popleft()
            try:
                async with self._places:
                    messages = await self._run(sender, message.id, message.body(), True)
            except Exception:
                # So that it is answered when it is sent again.
                self._kept.pop((sender, message.id), None)
                raise
            self._keep((sender, message.id), messages)
            await self._publish(sender, "entry", unstored("bot", message.id, reply_body(messages)))
        self._unstored.pop(sender, None)

    async def _answer_stored(self, sender: str) -> None:
        try:
            while await self._answer_next(sender):
                pass
        except RecordsError as error:
            logger.warning("Messages wait until the database is back (%s)", type(error).__name__)

    async def _answer_next(self, sender: str) -> bool:
        """Answer a session's oldest message; return whether there was one."""
        claim = self._archive.records.claim_turn
        async with self._places:
            ours = await self._archive.ask(claim, sender, LEASE_SECONDS)
            if ours is not None:
                await self._answer(ours)
            return ours is not None

    async def _answer(self, claim: ClaimedTurn) -> None:
        key = (claim.sender, claim.message_id)
        known = self._kept.get(key)
        messages = known if known is not None else await self._leased(claim)
        body = reply_body(messages)
        try:
            answer = self._archive.records.answer_turn
            entry = await self._archive.ask(answer, claim, body)
        except UnknownSession:
            await self._forgotten(claim, messages)
        except RecordsError:
            self._keep(key, messages)
            if known is None:
                await self._publish(claim.sender, "entry", unstored("bot", key[1], body))
            raise
        else:
            self._kept.pop(key, None)
            if entry is not None:
                await self._publish(claim.sender, "entry", shown(entry))
            elif receipt_in(body) is not None:
                # Erased by this very turn, and begun anew by a message that came right after.
                await self._forgotten(claim, messages)

    async def _leased(self, claim: ClaimedTurn) -> Messages:
        async with self._renewed(claim):
            usable = claim.attempt <= MOST_ATTEMPTS
            return await self._run(claim.sender, claim.message_id, claim.body, usable)

    @asynccontextmanager
    async def _renewed(self, claim: ClaimedTurn) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(RecordsError):
                    method = self._archive.records.renew_turn
                    await self._archive.ask(method, claim, LEASE_SECONDS)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _forgotten(self, claim: ClaimedTurn, messages: Messages) -> None:
        """Show the reply of the turn that erased its session, then tell that all is gone.

        A session that was erased from elsewhere during a turn gets nothing of it any more.
        """
        sender, body = claim.sender, reply_body(messages)
        receipt = receipt_in(body)
        self.drop(sender)
        if receipt is not None:
            # Kept for the one who waits for it over REST; it repeats nothing that they wrote.
            self._keep((sender, claim.message_id), messages)
            await self._publish(sender, "entry", unstored("bot", claim.message_id, body))
            await self._publish(sender, "forgotten", {"receipt": receipt})
            await self._close(sender)

    def _keep(self, key: tuple[str, str], messages: Messages | None) -> None:
        self._kept[key] = messages
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
