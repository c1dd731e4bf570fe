"""Sends replies: every message once and in order, also over a stop, a crash or a fault on the way.

Before a message goes, the records say so; when Telegram has confirmed it, they hold its number. If
the confirmation is lost, the message is looked for: to write its own text over it changes nothing
where it is, and fails where it is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from bot.channels.archive import Archive
from bot.channels.telegram.api import ApiError, Blocked, Refused, TooMany, Unsure
from bot.channels.telegram.layout import Bubble, bubbles
from bot.channels.telegram.messenger import Messenger
from bot.records import PendingReply, RecordsError
from bot.reply.outcomes import URGENT

logger = logging.getLogger(__name__)

LEASE_SECONDS = 4.0
RENEW_SECONDS = 1.0
SWEEP_SECONDS = 2.0
MOST_PAUSE = 60.0
# Attempts for a reply that nothing keeps, with pauses that double: some two minutes.
LOOSE_ATTEMPTS = 8
# Chats that are remembered, of which the database may not be asked.
MOST_KEPT = 5000


class Postman:
    """Sends the replies of all chats.

    Args:
        archive: where replies wait.
        messenger: sends a message, in its turn.
        footer: lines that are shown as such (`layout.footer_lines`).
    """

    def __init__(self, archive: Archive, messenger: Messenger, footer: Collection[str]) -> None:
        self._archive = archive
        self._messenger = messenger
        self._footer = footer
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._loose: set[asyncio.Task[None]] = set()
        self._chats: OrderedDict[str, int] = OrderedDict()
        self._sweeper: asyncio.Task[None] | None = None

    def know(self, sender: str, chat: int) -> None:
        """Remember where a sender's replies go, for when the database cannot tell."""
        self._chats[sender] = chat
        self._chats.move_to_end(sender)
        while len(self._chats) > MOST_KEPT:
            self._chats.popitem(last=False)

    def chat(self, sender: str) -> int | None:
        """Return where a sender's replies go, if it is remembered."""
        return self._chats.get(sender)

    def wake(self, sender: str) -> None:
        """Send what waits for a sender, soon."""
        if sender in self._tasks:
            self._again.add(sender)
        else:
            self._tasks[sender] = asyncio.create_task(self._work(sender))

    def send_loose(self, sender: str, key: str, body: Mapping[str, Any]) -> None:
        """Send a reply that nothing keeps."""
        task = asyncio.create_task(self._send_loose(sender, key, body))
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)

    def start(self) -> None:
        """Begin to look for replies that nobody sends."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self, seconds: float) -> None:
        """Let what is being sent arrive, for so many seconds; the rest goes after a start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        running = {*self._tasks.values(), *self._loose}
        if running:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()

    async def _sweep(self) -> None:
        while True:
            with suppress(RecordsError):
                unsent = self._archive.records.unsent_replies
                for sender in await self._archive.ask(unsent, "telegram"):
                    self.wake(sender)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _work(self, sender: str) -> None:
        try:
            while True:
                self._again.discard(sender)
                while await self._deliver(sender):
                    pass
                if sender not in self._again:
                    return
        except RecordsError as error:
            logger.warning("Replies wait until the database is back (%s)", type(error).__name__)
        except Exception as error:
            # It stays among the unsent, and the sweep comes back to it.
            logger.error("A chat's replies ended early (%s)", type(error).__name__)
        finally:
            del self._tasks[sender]

    async def _deliver(self, sender: str) -> bool:
        """Send a sender's oldest reply; return whether there may be another one to send now."""
        ask, records = self._archive.ask, self._archive.records
        waiting = await ask(records.next_reply, sender)
        if waiting is None:
            return False
        chat, body = int(waiting[0]), waiting[1]
        self.know(sender, chat)
        await self._messenger.wait(chat, urgent=_is_urgent(body))
        reply = await ask(records.claim_reply, sender, LEASE_SECONDS, self._messenger.seen)
        if reply is None:
            return False
        async with self._renewed(reply):
            return await self._attempt(chat, reply)

    async def _attempt(self, chat: int, reply: PendingReply) -> bool:
        """Send a reply that is ours; note what came of it."""
        ask, records = self._archive.ask, self._archive.records
        pause = min(2.0**reply.attempts, MOST_PAUSE)
        try:
            await self._send(chat, reply)
        except Blocked:
            dropped = await ask(records.drop_replies, reply.sender)
            logger.info("A chat is closed: %d replies are not sent", dropped)
            return False
        except Refused as error:
            logger.error("A reply is dropped, since Telegram refuses it: %s", error)
            await ask(records.drop_replies, reply.sender, reply.entry_id)
        except TooMany as error:
            self._messenger.hold(chat, error.retry_after)
            unsure = reply.sent_after is not None
            await ask(records.postpone_reply, reply, error.retry_after, unsure=unsure)
            return False
        except ApiError as error:
            logger.warning("A reply waits for %.0f seconds: %s", pause, error)
            unsure = isinstance(error, Unsure) or reply.sent_after is not None
            await ask(records.postpone_reply, reply, pause, unsure=unsure)
            return False
        return True

    async def _send(self, chat: int, reply: PendingReply) -> None:
        """Send the messages of a reply that have not arrived yet."""
        messages = bubbles(reply.body, self._footer)
        if not messages:
            raise Refused("sendMessage", 400, "there is nothing to show")
        keyboard = self._messenger.keyboard(reply.body, reply.key)
        for index in range(len(reply.arrived), len(messages)):
            last = index == len(messages) - 1
            number = await self._messenger.place(
                chat, messages[index], keyboard if last else None, reply.sent_after
            )
            note, seen = self._archive.records.note_arrival, self._messenger.seen
            await self._archive.ask(note, reply, number, more=not last, seen=seen)
            reply = replace(reply, arrived=(*reply.arrived, number), sent_after=None)
            if not last:
                await self._messenger.wait(chat)

    @asynccontextmanager
    async def _renewed(self, reply: PendingReply) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(RecordsError):
                    await self._archive.ask(self._archive.records.renew_reply, reply, LEASE_SECONDS)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _send_loose(self, sender: str, key: str, body: Mapping[str, Any]) -> None:
        chat = self._chats.get(sender)
        if chat is None:
            logger.error("A reply is lost: nobody knows where to")
            return
        messages = bubbles(body, self._footer)
        keyboard = self._messenger.keyboard(body, key)
        for index, message in enumerate(messages):
            await self._messenger.wait(chat, urgent=_is_urgent(body))
            last = index == len(messages) - 1
            if not await self._place_loose(chat, message, keyboard if last else None):
                return

    async def _place_loose(self, chat: int, message: Bubble, keyboard: Any) -> bool:
        sent_after: int | None = None
        for attempt in range(LOOSE_ATTEMPTS):
            before = self._messenger.seen
            try:
                await self._messenger.place(chat, message, keyboard, sent_after)
            except Blocked:
                return False
            except ApiError as error:
                if isinstance(error, Unsure) and sent_after is None:
                    sent_after = before
                pause = error.retry_after if isinstance(error, TooMany) else 2.0**attempt
                await asyncio.sleep(min(pause, MOST_PAUSE))
            else:
                return True
        logger.error("A reply that nothing keeps could not be sent")
        return False


def _is_urgent(body: Mapping[str, Any]) -> bool:
    return (body.get("custom") or {}).get("outcome") in URGENT
