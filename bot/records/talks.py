"""What was said on a channel that keeps it: nothing is lost, and all is answered exactly once.

A message is a row, then a turn is run for it, then its reply is a row. Several servers may share
the rows: who runs a turn holds the session for a short while (a lease, which it keeps renewing), so
that a server that dies gives it up without a word.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import exists, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from .errors import UnknownMessage, UnknownSession
from .posting import post_reply
from .store import Store, affected
from .tables import BOT, USER, entries, erasures, feedback, sessions

# A chat waits so long for a turn that is just forgetting it; the worker ends what a crash left.
FORGETTING_SECONDS = 10.0


@dataclass(frozen=True)
class Entry:
    """One entry of a session: a message (`user`) or the whole reply to it (`bot`)."""

    seq: int
    at: datetime
    author: str
    message_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class ClaimedTurn:
    """A message that is ours to answer for as long as the lease is renewed."""

    sender: str
    turn: str
    message_id: str
    body: Mapping[str, Any]
    attempt: int


class TalkRecords(Store):
    """The part of the records that channels work on which keep what is said."""

    def open_session(self, sender: str, channel: str) -> None:
        """Make a session; harmless when it is there."""
        with self._write() as session:
            self._open_talk(session, sender, channel)

    def require_session(self, sender: str) -> None:
        """Check that a session is there.

        Raises:
            UnknownSession: there is no such session, or it was forgotten.
        """
        with self._read() as session:
            _require(session, sender)

    def history(self, sender: str, after: int = 0) -> list[Entry]:
        """Return a session's entries behind a number, in order.

        Raises:
            UnknownSession: there is no such session, or it was forgotten.
        """
        theirs = (entries.c.sender == sender) & (entries.c.seq > after)
        with self._read() as session:
            _require(session, sender)
            found = session.execute(select(entries).where(theirs).order_by(entries.c.seq))
            return [_entry(row) for row in found]

    def add_message(
        self, sender: str, message_id: str, body: Mapping[str, Any]
    ) -> tuple[Entry, bool]:
        """Store a message, once however often it is sent; return it and whether it is new.

        Raises:
            UnknownSession: there is no such session, or it was forgotten.
        """
        with self._write() as session:
            _require(session, sender, lock=True)
            return self._add(session, sender, message_id, body)

    def claim_turn(self, sender: str, lease_seconds: float) -> ClaimedTurn | None:
        """Claim the session's oldest message without a reply; None if there is none, if
        somebody else holds the session, if it is just being forgotten, or if it is gone."""
        with self._write() as session:
            return self._claim(session, sender, lease_seconds)

    def renew_turn(self, claim: ClaimedTurn, lease_seconds: float) -> bool:
        """Hold the session a while longer; False when it is no longer ours."""
        until = self._clock() + timedelta(seconds=lease_seconds)
        with self._write() as session:
            ours = update(sessions).where(_held(claim)).values(turn_until=until)
            return affected(session.execute(ours)) == 1

    def answer_turn(self, claim: ClaimedTurn, body: Mapping[str, Any]) -> Entry | None:
        """Store the reply and give the session up, in one; None when it is no longer ours, or the
        message is gone: forgotten, perhaps by this very turn, while others wait.

        Raises:
            UnknownSession: all of it was forgotten meanwhile.
        """
        with self._write() as session:
            return self._answer(session, claim, body)

    def unanswered_sessions(self, channel: str) -> list[str]:
        """Return a channel's senders whose session has a message without a reply, and nobody at
        it."""
        free = _free(self._clock()) & (sessions.c.channel == channel)
        query = (
            select(entries.c.sender)
            .join_from(entries, sessions)
            .where(entries.c.answered.is_(False), free)
            .distinct()
        )
        with self._read() as session:
            return [str(sender) for sender in session.scalars(query)]

    def turn_runs(self, sender: str) -> bool:
        """Tell whether somebody holds the session at the moment."""
        theirs = (sessions.c.sender == sender) & (sessions.c.turn_until > self._clock())
        with self._read() as session:
            return session.scalar(select(sessions.c.sender).where(theirs)) is not None

    def rate_reply(
        self,
        sender: str,
        message_id: str,
        *,
        conversation: str,
        helpful: bool,
        comment: str | None = None,
    ) -> None:
        """Record an opinion on the reply to a message; a later one takes its place.

        Raises:
            UnknownSession: there is no such session, or it was forgotten.
            UnknownMessage: there is no reply to such a message.
        """
        safe = self._safe_text(comment)
        with self._write() as session:
            _require(session, sender, lock=True)
            reply = _find(session, sender, BOT, message_id)
            if reply is None:
                raise UnknownMessage("there is no reply to this message")
            values: dict[str, object] = {"helpful": helpful}
            values |= {"comment": safe} if comment is not None else {}
            which = update(feedback).where(feedback.c.id == reply.feedback_id).values(**values)
            if reply.feedback_id is not None and affected(session.execute(which)):
                return
            values |= {"conversation": conversation, "topic": _topic(json.loads(reply.body))}
            made = session.execute(feedback.insert().values(created_at=self._clock(), **values))
            number = cast(Any, made).inserted_primary_key[0]
            session.execute(
                update(entries).where(entries.c.id == reply.id).values(feedback_id=number)
            )

    def _claim(self, session: Session, sender: str, lease_seconds: float) -> ClaimedTurn | None:
        now = self._clock()
        # Locked first: what is read next is then still true when it is claimed.
        free = select(sessions.c.sender).where(sessions.c.sender == sender, _free(now))
        if session.scalar(free.where(~_being_forgotten(sender, now)).with_for_update()) is None:
            return None
        waiting = session.execute(_unanswered(sender)).first()
        if waiting is None:
            return None
        turn, until = secrets.token_hex(16), now + timedelta(seconds=lease_seconds)
        mine = update(sessions).where(sessions.c.sender == sender)
        session.execute(mine.values(turn=turn, turn_until=until))
        attempt = int(waiting.attempts) + 1
        session.execute(update(entries).where(entries.c.id == waiting.id).values(attempts=attempt))
        return ClaimedTurn(sender, turn, waiting.message_id, json.loads(waiting.body), attempt)

    def _answer(
        self, session: Session, claim: ClaimedTurn, body: Mapping[str, Any]
    ) -> Entry | None:
        address = _require(session, claim.sender, lock=True)
        free = update(sessions).where(_held(claim)).values(turn=None, turn_until=None)
        if not affected(session.execute(free)):
            return None
        asked = (entries.c.sender == claim.sender) & (entries.c.author == USER)
        asked &= entries.c.message_id == claim.message_id
        if not affected(session.execute(update(entries).where(asked).values(answered=True))):
            # The session is there for what was written behind the message that erased it.
            return None
        entry = self._append(session, claim.sender, BOT, claim.message_id, body)
        if address is not None:
            post_reply(session, claim.sender, claim.message_id, self._clock())
        return entry

    def _open_talk(
        self, session: Session, sender: str, channel: str, address: str | None = None
    ) -> None:
        values: dict[str, object] = {"sender": sender, "channel": channel, "address": address}
        values |= {"created_at": self._clock(), "last_seq": 0}
        session.execute(self._insert_unless_there(sessions, values))

    def _add(
        self, session: Session, sender: str, message_id: str, body: Mapping[str, Any]
    ) -> tuple[Entry, bool]:
        known = _find(session, sender, USER, message_id)
        if known is not None:
            return _entry(known), False
        return self._append(session, sender, USER, message_id, body), True

    def _append(
        self, session: Session, sender: str, author: str, message_id: str, body: Mapping[str, Any]
    ) -> Entry:
        next_seq = update(sessions).where(sessions.c.sender == sender)
        session.execute(next_seq.values(last_seq=sessions.c.last_seq + 1))
        seq = int(session.scalar(select(sessions.c.last_seq).where(sessions.c.sender == sender)))
        entry = Entry(seq, self._clock(), author, message_id, body)
        session.execute(
            entries.insert().values(
                sender=sender,
                seq=seq,
                created_at=entry.at,
                author=author,
                message_id=message_id,
                body=json.dumps(body),
                answered=author == BOT,
                attempts=0,
            )
        )
        return entry


def _held(claim: ClaimedTurn) -> Any:
    return (sessions.c.sender == claim.sender) & (sessions.c.turn == claim.turn)


def _free(now: datetime) -> Any:
    return or_(sessions.c.turn_until.is_(None), sessions.c.turn_until <= now)


def _being_forgotten(sender: str, now: datetime) -> Any:
    """Whether a chat is just being forgotten: the end of that would take a new turn's tracker."""
    lately = erasures.c.requested_at > now - timedelta(seconds=FORGETTING_SECONDS)
    chats = sessions.c.address.is_not(None)
    return chats & exists().where((erasures.c.pending_sender == sender) & lately)


def _unanswered(sender: str) -> Any:
    theirs = select(entries).where(entries.c.sender == sender, entries.c.answered.is_(False))
    return theirs.order_by(entries.c.seq).limit(1)


def _require(session: Session, sender: str, *, lock: bool = False) -> str | None:
    """Return the session's address."""
    query = select(sessions.c.address).where(sessions.c.sender == sender)
    row = session.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise UnknownSession("there is no such session")
    address: str | None = row.address
    return address


def _find(session: Session, sender: str, author: str, message_id: str) -> Row | None:
    query = select(entries).where(
        entries.c.sender == sender,
        entries.c.author == author,
        entries.c.message_id == message_id,
    )
    return session.execute(query).first()


def _entry(row: Row) -> Entry:
    return Entry(row.seq, row.created_at, row.author, row.message_id, json.loads(row.body))


def _topic(body: Mapping[str, Any]) -> str:
    custom = body.get("custom") or {}
    return str(custom.get("topic") or custom.get("outcome") or "none")
