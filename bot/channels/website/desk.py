"""The desk: what clients may ask for, the same over sockets and over REST."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from bot.channels.archive import Archive
from bot.channels.entries import Message, shown
from bot.channels.shapes import Publish
from bot.channels.turns import Turns
from bot.channels.website.limits import Limits
from bot.channels.website.refusals import Refusal, no_session, unavailable
from bot.channels.website.schema import read_message, read_nothing, read_opinion
from bot.channels.website.tokens import Session, TokenError, Tokens
from bot.records import (
    Entry,
    RecordsError,
    StorageError,
    UnknownMessage,
    UnknownSession,
    conversation_reference,
)
from bot.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Admitted:
    """A client that was let in, and the token it is to keep."""

    session: Session
    token: str
    new: bool


class Desk:
    """Lets clients in and takes what they bring. Everything it refuses is a `Refusal`.

    Args:
        settings: longest message, the server's secret.
        archive: where sessions are kept.
        tokens: makes and reads tokens.
        limits: how much one visitor may ask for.
        turns: answers messages.
        publish: sends an event to every connection of a sender.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        tokens: Tokens,
        limits: Limits,
        turns: Turns,
        publish: Publish,
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._tokens = tokens
        self._limits = limits
        self._turns = turns
        self._publish = publish
        self._storing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def admit(self, token: str | None, address: str) -> Admitted:
        """Let a client in: without a token, to a session of its own.

        Raises:
            Refusal: `session` (forged, expired or forgotten) or `rate_limited`.
        """
        if token is None:
            self._limits.new_session(address)
            opened = await self._opened(self._tokens.new())
            return Admitted(opened, self._tokens.write(opened), new=True)
        session = self.read(token)
        if session.loose:
            firm = await self._opened(session)
            token = token if firm.loose else self._tokens.write(firm)
            session = firm
        try:
            await self._archive.ask(self._archive.records.require_session, session.sender)
        except UnknownSession:
            raise no_session() from None
        except StorageError:
            # Its signature vouches for it; nothing can be read while the database is down.
            logger.warning("A session was let in unseen, while the database is down")
        return Admitted(session, token, new=False)

    def read(self, token: str | None) -> Session:
        """Return what a token stands for, by its signature alone.

        Raises:
            Refusal: `session`.
        """
        try:
            return self._tokens.read(token or "")
        except TokenError:
            raise no_session() from None

    async def history(self, session: Session, after: int) -> list[dict[str, Any]]:
        """Return the entries behind a number.

        Raises:
            Refusal: `session` or `unavailable`.
        """
        try:
            found = await self._archive.ask(self._archive.records.history, session.sender, after)
        except UnknownSession:
            raise no_session() from None
        except RecordsError:
            raise unavailable() from None
        return [shown(entry) for entry in found]

    async def take(self, session: Session, address: str, data: object) -> dict[str, Any]:
        """Take a message and return its acknowledgement; the reply comes as an entry.

        Raises:
            Refusal: any of them but `unavailable`: a message always gets a reply.
        """
        message = read_message(data, self._settings.max_message_chars)
        self._limits.message(session.sender, address)
        expected = self._turns.expect(session.sender, message)
        try:
            entry, new = await self._stored(session, message)
        except UnknownSession:
            self._turns.answered(session.sender, message.id)
            raise no_session() from None
        except RecordsError as error:
            logger.error("A message is answered unstored (%s)", type(error).__name__)
            await self._turns.take_unstored(session.sender, message)
            return {"ok": True, "seq": None, "stored": False}
        if new:
            await self._publish(session.sender, "entry", shown(entry))
        elif expected:
            self._turns.answered(session.sender, message.id)
        self._turns.wake(session.sender)
        return {"ok": True, "seq": entry.seq}

    async def forget(self, session: Session, data: object) -> dict[str, Any]:
        """Delete everything of the session, tell its other connections, and void its token.

        Raises:
            Refusal: `bad_request`, `session` or `unavailable`.
        """
        read_nothing(data)
        records, sender = self._archive.records, session.sender
        try:
            await self._archive.ask(records.require_session, sender)
            elsewhere = await self._archive.ask(records.turn_runs, sender)
            receipt = await self._archive.ask(
                records.begin_erasure,
                conversation=conversation_reference(sender, self._settings.secret()),
                sender=sender,
            )
        except UnknownSession:
            raise no_session() from None
        except RecordsError:
            raise unavailable() from None
        await self._finish_erasure(sender, elsewhere)
        await self._publish(sender, "forgotten", {"receipt": receipt.reference})
        return {"ok": True, "receipt": receipt.reference}

    async def rate(self, session: Session, address: str, data: object) -> dict[str, Any]:
        """Record an opinion on a reply.

        Raises:
            Refusal: any of them.
        """
        opinion = read_opinion(data)
        self._limits.message(session.sender, address)
        try:
            await self._archive.ask(
                self._archive.records.rate_reply,
                session.sender,
                opinion.to,
                conversation=conversation_reference(session.sender, self._settings.secret()),
                helpful=opinion.helpful,
                comment=opinion.comment,
            )
        except UnknownSession:
            raise no_session() from None
        except UnknownMessage:
            raise Refusal("bad_request", "The field 'to' names no message with a reply.") from None
        except RecordsError:
            raise unavailable() from None
        return {"ok": True}

    def wake(self, session: Session) -> None:
        """Answer what a stopped server may have left."""
        self._turns.wake(session.sender)

    async def _opened(self, session: Session) -> Session:
        try:
            await self._archive.ask(self._archive.records.open_session, session.sender, "website")
        except RecordsError:
            return replace(session, loose=True)
        return replace(session, loose=False)

    async def _stored(self, session: Session, message: Message) -> tuple[Entry, bool]:
        if session.loose:
            await self._archive.ask(self._archive.records.open_session, session.sender, "website")
        add = self._archive.records.add_message
        # In the order in which they came, however long one takes.
        lock = self._storing.setdefault(session.sender, asyncio.Lock())
        async with lock:
            return await self._archive.ask(add, session.sender, message.id, message.body())

    async def _finish_erasure(self, sender: str, elsewhere: bool) -> None:
        """Delete the tracker, once no turn can write it again.

        A turn that another server runs may; the worker then finishes, as after a crash.
        """
        running_here = self._turns.running(sender)
        await self._turns.settled(sender)
        self._turns.drop(sender)
        if elsewhere and not running_here:
            return
        with suppress(RecordsError):
            await self._archive.ask(self._archive.records.finish_erasure, sender)
