"""Sends replies: every message once and in order, also over a stop, a crash or a fault on the way.

Before a message goes, the records say so; when Telegram has confirmed it, they hold its number. If
the confirmation is lost, the message is looked for: to write its own text over it changes nothing
where it is, and fails where it is not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from bot.channels.archive import Archive
from bot.channels.telegram.api import ApiError, Blocked, Refused, TooMany, Unsure
from bot.channels.telegram.layout import Bubble, bubbles
from bot.channels.telegram.loose import LooseReplies, is_urgent, pause_after, trim
from bot.channels.telegram.messenger import Messenger
from bot.records import ClaimedTurn, Entry, PendingReply, RecordsError

logger = logging.getLogger(__name__)

LEASE_SECONDS = 4.0
RENEW_SECONDS = 1.0
SWEEP_SECONDS = 2.0


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
        # Replies that were claimed when they were stored, their place among the messages taken;
        # and when that was.
        self._claimed: dict[str, tuple[PendingReply, float]] = {}
        self._loose = LooseReplies(messenger, footer)
        self._chats: OrderedDict[str, int] = OrderedDict()
        self._sweeper: asyncio.Task[None] | None = None
        self._knows_numbers = False

    def know(self, sender: str, chat: int) -> None:
        """Remember where a sender's replies go, for when the database cannot tell."""
        self._chats[sender] = chat
        trim(self._chats, sender)

    def chat(self, sender: str) -> int | None:
        """Return where a sender's replies go, if it is remembered."""
        return self._chats.get(sender)

    def forget(self, sender: str) -> None:
        """Forget where a sender's replies go; what waits already is still sent."""
        self._chats.pop(sender, None)

    def wake(self, sender: str) -> None:
        """Send what waits for a sender, soon."""
        if sender in self._tasks:
            self._again.add(sender)
        else:
            self._tasks[sender] = asyncio.create_task(self._work(sender))

    async def answer(self, claim: ClaimedTurn, body: Mapping[str, Any]) -> Entry | None:
        """Store a reply as `Records.answer_turn` does; if nothing is in its way, it is claimed for
        sending in the same transaction, and goes.

        Raises:
            RecordsError: as there.
        """
        ask, records, sender = self._archive.ask, self._archive.records, claim.sender
        chat = self._chats.get(sender)
        free = self._knows_numbers and chat is not None and sender not in self._tasks
        if chat is None or not free or not self._messenger.take(chat):
            return await ask(records.answer_turn, claim, body)
        seen, began = self._messenger.seen(chat), time.monotonic()
        entry, reply = await ask(records.answer_and_claim, claim, body, LEASE_SECONDS, seen)
        if reply is not None:
            self._claimed[sender] = reply, began
        return entry

    def send_loose(self, sender: str, key: str, body: Mapping[str, Any]) -> None:
        """Send a reply that nothing keeps, soon."""
        chat = self._chats.get(sender)
        if chat is None:
            logger.error("A reply is not sent: nobody knows where to")
            return
        self._loose.add(sender, chat, key, body)
        self.wake(sender)

    def start(self) -> None:
        """Begin to look for replies that nobody sends."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self, seconds: float) -> None:
        """Let what is being sent arrive, for so many seconds; the rest goes after a start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        running = set(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()

    async def _sweep(self) -> None:
        while True:
            with suppress(RecordsError):
                await self._learn_numbers()
                unsent = self._archive.records.unsent_replies
                for sender in await self._archive.ask(unsent, "telegram"):
                    self.wake(sender)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _work(self, sender: str) -> None:
        try:
            while True:
                self._again.discard(sender)
                await self._loose.send(sender)
                await self._send_stored(sender)
                if sender not in self._again:
                    return
        finally:
            del self._tasks[sender]

    async def _send_stored(self, sender: str) -> None:
        try:
            if not await self._send_claimed(sender):
                return
            while await self._deliver(sender):
                pass
        except RecordsError as error:
            logger.warning("Replies wait until the database is back (%s)", type(error).__name__)
        except Exception as error:
            # It stays among the unsent, and the sweep comes back to it.
            logger.error("A chat's replies ended early (%s)", type(error).__name__)

    async def _send_claimed(self, sender: str) -> bool:
        """Send what was claimed when it was stored; return whether there may be another one."""
        reply, began = self._claimed.pop(sender, (None, 0.0))
        if reply is None or time.monotonic() - began > RENEW_SECONDS:
            # So late that it may be somebody else's: it is claimed anew when its lease is over.
            return True
        return await self._attend(reply)

    async def _deliver(self, sender: str) -> bool:
        """Send a sender's oldest reply; return whether there may be another one to send now."""
        ask, records = self._archive.ask, self._archive.records
        waiting = await ask(records.next_reply, sender)
        if waiting is None:
            return False
        chat, body = int(waiting[0]), waiting[1]
        await self._learn_numbers()
        await self._messenger.wait(chat, urgent=is_urgent(body))
        seen = self._messenger.seen(chat)
        reply = await ask(records.claim_reply, sender, LEASE_SECONDS, seen)
        return reply is not None and await self._attend(reply)

    async def _attend(self, reply: PendingReply) -> bool:
        """Send a reply that is ours, unless it was sent without the records."""
        if self._loose.answered(reply.sender, reply.message_id):
            # The database took so long to keep it that it was sent without.
            drop = self._archive.records.drop_replies
            await self._archive.ask(drop, reply.sender, reply.entry_id)
            return True
        self._loose.give_up(reply.sender, reply.message_id)
        async with self._renewed(reply):
            return await self._attempt(int(reply.address), reply)

    async def _learn_numbers(self) -> None:
        """Begin where the last server ended: what it sent without a trace is looked for there."""
        if not self._knows_numbers:
            known = await self._archive.ask(self._archive.records.highest_number)
            self._messenger.note(0, known)
            self._knows_numbers = True

    async def _attempt(self, chat: int, reply: PendingReply) -> bool:
        """Send a reply that is ours; note what came of it."""
        ask, records = self._archive.ask, self._archive.records
        pause = pause_after(reply.attempts)
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
        """Send the messages of a reply that have not arrived yet, for as long as it is ours."""
        messages = bubbles(reply.body, self._footer)
        if not messages:
            raise Refused("sendMessage", 400, "there is nothing to show")
        keyboard = self._messenger.keyboard(reply.body, reply.key)
        for index in range(len(reply.arrived), len(messages)):
            last = index == len(messages) - 1
            number = await self._place(chat, messages[index], keyboard if last else None, reply)
            if number is None:
                return
            note, seen = self._archive.records.note_arrival, self._messenger.seen(chat)
            if not await self._archive.ask(note, reply, number, more=not last, seen=seen):
                return
            reply = replace(reply, arrived=(*reply.arrived, number), sent_after=None)
            if not last:
                await self._messenger.wait(chat)

    async def _place(
        self, chat: int, message: Bubble, markup: Any, reply: PendingReply
    ) -> int | None:
        """Return the number of a message, which is in the chat once; None if it is no longer
        ours."""
        after = reply.sent_after
        if after is not None:
            others = self._loose.numbers(reply.sender)
            found = await self._messenger.find(chat, message, markup, after, others)
            if found is not None:
                return found
            seen = max(after, self._messenger.seen(chat))
            if not await self._archive.ask(self._archive.records.note_sending, reply, seen):
                return None
        return await self._messenger.send(chat, message, markup)

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
