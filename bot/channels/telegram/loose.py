"""Loose replies: those that the database does not keep, or took too long to keep.

They are sent from memory, and lost if the server stops before; but nobody waits for a database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.api import ApiError, Blocked, Refused, TooMany, Unsure
from bot.channels.telegram.layout import Bubble, bubbles
from bot.channels.telegram.messenger import Messenger
from bot.reply.outcomes import URGENT

logger = logging.getLogger(__name__)

MOST_PAUSE = 60.0
# Above which a pause is `MOST_PAUSE`; two to the power of some thousands is no float.
_MOST_DOUBLINGS = 10
# Attempts for one message, with pauses that double: some three minutes.
ATTEMPTS = 8
# Replies and chats that are remembered.
MOST_KEPT = 5000


@dataclass(frozen=True)
class _Loose:
    chat: int
    key: str
    body: Mapping[str, Any]
    # The message that it answers.
    message_id: str


class LooseReplies:
    """Sends the loose replies of all chats.

    Args:
        messenger: sends a message, in its turn.
        footer: lines that are shown as such (`layout.footer_lines`).
    """

    def __init__(self, messenger: Messenger, footer: Collection[str]) -> None:
        self._messenger = messenger
        self._footer = footer
        self._waiting: dict[str, deque[_Loose]] = {}
        self._answered: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._numbers: OrderedDict[str, set[int]] = OrderedDict()

    def add(self, sender: str, chat: int, key: str, body: Mapping[str, Any]) -> None:
        """Take a reply, an entry as `entries.unstored` makes it; `key` names it in its buttons."""
        reply = _Loose(chat, key, body, str(body["to"]))
        self._waiting.setdefault(sender, deque()).append(reply)

    def answered(self, sender: str, message_id: str) -> bool:
        """Tell whether the whole reply to a message was sent from here."""
        return (sender, message_id) in self._answered

    def give_up(self, sender: str, message_id: str) -> None:
        """Send nothing that waits for a message: the reply to it is sent from the records."""
        if waiting := self._waiting.get(sender):
            left = (reply for reply in waiting if reply.message_id != message_id)
            self._waiting[sender] = deque(left)

    def numbers(self, sender: str) -> Collection[int]:
        """Return the numbers of the messages that were sent to a sender from here."""
        return self._numbers.get(sender, ())

    async def send(self, sender: str) -> None:
        """Send what waits for a sender, in order; what cannot be sent is given up."""
        while waiting := self._waiting.get(sender):
            reply = waiting.popleft()
            try:
                if not await self._send(sender, reply):
                    logger.error("A reply that nothing keeps could not be sent")
                    continue
            except Exception as error:
                logger.error("A reply that nothing keeps is lost (%s)", type(error).__name__)
                continue
            key = (sender, reply.message_id)
            self._answered[key] = None
            trim(self._answered, key)
        self._waiting.pop(sender, None)

    async def _send(self, sender: str, reply: _Loose) -> bool:
        keyboard = self._messenger.keyboard(reply.body, reply.key)
        messages = bubbles(reply.body, self._footer)
        for index, message in enumerate(messages):
            await self._messenger.wait(reply.chat, urgent=is_urgent(reply.body))
            markup = keyboard if index == len(messages) - 1 else None
            number = await self._place(reply, message, markup, self.numbers(sender))
            if number is None:
                return False
            self._numbers.setdefault(sender, set()).add(number)
            trim(self._numbers, sender)
        return True

    async def _place(
        self, reply: _Loose, message: Bubble, markup: Any, others: Collection[int]
    ) -> int | None:
        """Return the number of a message, which is in the chat once; None if that cannot be."""
        messenger, chat = self._messenger, reply.chat
        sent_after: int | None = None
        for attempt in range(ATTEMPTS):
            before = sent_after
            try:
                if sent_after is not None:
                    found = await messenger.find(chat, message, markup, sent_after, others)
                    if found is not None:
                        return found
                    sent_after = None
                before = messenger.seen(chat)
                return await messenger.send(chat, message, markup)
            except (Blocked, Refused) as error:
                logger.warning("A reply that nothing keeps is refused (%s)", type(error).__name__)
                return None
            except TooMany as error:
                messenger.hold(chat, error.retry_after)
                await messenger.wait(chat, urgent=is_urgent(reply.body))
            except ApiError as error:
                sent_after = before if isinstance(error, Unsure) else sent_after
                await asyncio.sleep(pause_after(attempt))
        return None


def pause_after(attempts: int) -> float:
    """Return how many seconds to wait after so many attempts that failed."""
    return min(float(2 ** min(attempts, _MOST_DOUBLINGS)), MOST_PAUSE)


def is_urgent(body: Mapping[str, Any]) -> bool:
    """Tell whether a reply is to somebody in danger."""
    return (body.get("custom") or {}).get("outcome") in URGENT


def trim(known: OrderedDict[Any, Any], newest: Any) -> None:
    """Forget what was longest of no use, above `MOST_KEPT`."""
    known.move_to_end(newest)
    while len(known) > MOST_KEPT:
        known.popitem(last=False)
