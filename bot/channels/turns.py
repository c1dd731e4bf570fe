"""Turns: every message is answered once and in order, also over a stop or crash of the server.

Each session has at most one task here, which claims its messages one by one. Claims are leases in
the database: of several servers, or of a dead one and its successor, one answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from bot.channels.archive import Archive
from bot.channels.entries import Message, receipt_in, reply_body, shown, unstored
from bot.channels.hurry import Hurry, Remembered
from bot.channels.shapes import Answer, Key, Messages, Publish, Run, TakeAndClaim, Urgent
from bot.records import ClaimedTurn, RecordsError, UnknownSession

logger = logging.getLogger(__name__)

LEASE_SECONDS = 4.0
RENEW_SECONDS = 1.0
SWEEP_SECONDS = 2.0
# Turns that run at once. Two processes share the work of a turn, so that more at once would only
# make each slower, and it has a deadline; that counts from its beginning, not while it waits.
AT_ONCE = 4
# A message whose turns have taken this many servers down is answered without one.
MOST_ATTEMPTS = 5


class Turns:
    """Runs the turns of all sessions of a channel.

    Args:
        channel: its name.
        archive: where messages wait and replies go.
        run: runs a turn; always returns a complete reply.
        publish: sends entries to whoever looks at the session.
        close: ends a session that was forgotten: nothing more is sent to its connections.
        answer: stores a reply, if the channel has more to do with it; by default, nothing else.
        urgent, urgent_seconds: see `Hurry`; by default, nothing is hurried.
    """

    def __init__(
        self,
        channel: str,
        archive: Archive,
        run: Run,
        publish: Publish,
        close: Callable[[str], Awaitable[None]],
        answer: Answer | None = None,
        urgent: Urgent | None = None,
        urgent_seconds: float = 0.5,
    ) -> None:
        self._channel = channel
        self._archive = archive
        self._run = run
        self._publish = publish
        self._close = close
        self._store_reply = answer or partial(archive.ask, archive.records.answer_turn)
        # Turns whose place is taken already, each for the task of its sender.
        self._begun: dict[str, ClaimedTurn] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._unstored: dict[str, deque[Message]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        # Replies of unstored messages, to know a message that is sent again.
        self._kept = Remembered()
        self._sweeper: asyncio.Task[None] | None = None
        self._hurry = Hurry(urgent, urgent_seconds, self._tell)
        # Watches a message from before it is stored: in danger, help comes soon.
        self.expect = self._hurry.expect

    def answered(self, sender: str, message_id: str) -> None:
        """Take note that a message was answered before."""
        self._hurry.end((sender, message_id))

    def wake(self, sender: str) -> None:
        """Answer what waits in a session, soon."""
        if sender in self._tasks:
            self._again.add(sender)
        else:
            self._tasks[sender] = asyncio.create_task(self._work(sender))

    def at_once(self, sender: str) -> bool:
        """Tell whether a message of a sender would be answered without waiting for others."""
        return sender not in self._tasks and not self._places.locked()

    async def take(self, take: TakeAndClaim, sender: str, *args: Any) -> bool:
        """Store a message and begin its turn, if it is `at_once`; return whether it is new.

        Raises:
            RecordsError: it could not be stored.
        """
        await self._places.acquire()
        claim = None
        try:
            new, claim = await self._archive.ask(take, *args, LEASE_SECONDS)
            if claim is not None:
                self._begin(claim)
            if new:
                self.wake(sender)
            return new
        finally:
            if claim is None:
                self._places.release()

    def _begin(self, claim: ClaimedTurn) -> None:
        """Hand a turn, with the place that was taken for it, to its sender's task."""
        if self._begun.pop(claim.sender, None) is not None:
            # It was waited for until its lease ended.
            self._places.release()
        self._begun[claim.sender] = claim

    async def take_unstored(self, sender: str, message: Message) -> None:
        """Answer a message that could not be stored; once, while it is remembered."""
        key = (sender, message.id)
        if key not in self._kept or self._hurry.claim(key):
            self._kept.setdefault(key)
            self._unstored.setdefault(sender, deque()).append(message)
            await self._publish(sender, "entry", unstored("user", message.id, message.body()))
            self.wake(sender)
        elif (reply := self.remembered(*key)) is not None:
            self._hurry.end(key)
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
        self._kept.drop(sender)

    def start(self) -> None:
        """Begin to look for messages that nobody answers."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self, seconds: float) -> None:
        """Let the turns that run end, for so many seconds; the rest is answered after a start."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._hurry.stop()
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
            if self._begun.pop(sender, None) is not None:
                self._places.release()

    async def _answer_unstored(self, sender: str) -> None:
        while waiting := self._unstored.get(sender):
            message = waiting.popleft()
            key = (sender, message.id)
            try:
                async with self._places:
                    messages = await self._run(sender, message.id, message.body(), True)
            except Exception:
                # So that it is answered when it is sent again.
                self._kept.pop(key, None)
                raise
            if self._kept.get(key) is None:
                await self._tell(key, messages)
        self._unstored.pop(sender, None)

    async def _tell(self, key: Key, messages: Messages) -> None:
        """Hand out a reply that is not stored, and remember it."""
        self._kept.keep(key, messages)
        self._hurry.end(key)
        await self._publish(key[0], "entry", unstored("bot", key[1], reply_body(messages)))

    async def _answer_stored(self, sender: str) -> None:
        try:
            if (claim := self._begun.pop(sender, None)) is not None:
                await self._answer_begun(claim)
            while await self._answer_next(sender):
                pass
        except RecordsError as error:
            logger.warning("Messages wait until the database is back (%s)", type(error).__name__)

    async def _answer_begun(self, claim: ClaimedTurn) -> None:
        try:
            await self._answer(claim)
        finally:
            self._places.release()

    async def _answer_next(self, sender: str) -> bool:
        """Answer a session's oldest message; return whether there was one."""
        claim = self._archive.records.claim_turn
        async with self._places:
            ours = await self._archive.ask(claim, sender, LEASE_SECONDS)
            if ours is not None:
                await self._answer(ours)
            return ours is not None

    async def _answer(self, claim: ClaimedTurn) -> None:
        self._is_stored(*(key := (claim.sender, claim.message_id)))
        known, helped = self._kept.get(key), self._hurry.claim(key)
        messages = known if known and not helped else await self._leased(claim)
        # Who was given help meanwhile was given that.
        messages = self._kept.get(key) or messages
        self._hurry.ready(key, messages)
        body = reply_body(messages)
        try:
            entry = await self._store_reply(claim, body)
        except UnknownSession:
            await self._forgotten(claim, messages)
        except RecordsError:
            if self._kept.get(key) is None:
                await self._tell(key, messages)
            raise
        else:
            self._kept.pop(key, None)
            if entry is not None:
                await self._publish(claim.sender, "entry", shown(entry))
            elif receipt_in(body) is not None:
                # Erased by this very turn, and begun anew by a message that came right after.
                await self._forgotten(claim, messages)
        finally:
            self._hurry.end(key)

    def _is_stored(self, sender: str, message_id: str) -> None:
        """Take note of a message that was stored after all: it is answered as such, not twice."""
        if waiting := self._unstored.get(sender):
            left = [message for message in waiting if message.id != message_id]
            self._unstored[sender] = deque(left)

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
                    await self._archive.ask(records.renew_turn, claim, LEASE_SECONDS)

        records = self._archive.records
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
            self._kept.keep((sender, claim.message_id), messages)
            await self._publish(sender, "entry", unstored("bot", claim.message_id, body))
            await self._publish(sender, "forgotten", {"receipt": receipt})
            await self._close(sender)
