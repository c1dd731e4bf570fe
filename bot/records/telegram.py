"""Telegram's side of a talk: updates taken once, and replies sent one message after another.

A message to Telegram may arrive although its answer is lost. So before one is sent its row says so
(`sent_after`), and once it is known to have arrived the row holds its number.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, true, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from .errors import UnknownSession
from .numbers import highest_number, newest_number
from .store import affected
from .tables import BOT, deliveries, entries, sessions, telegram_updates
from .talks import ClaimedTurn, Entry, TalkRecords

# Telegram keeps an update that was not taken for a day.
UPDATE_DAYS = 3


@dataclass(frozen=True)
class PendingReply:
    """A reply that is ours to send for as long as the lease is renewed.

    Args:
        sender, message_id: whose, and to which of their messages.
        address: where to.
        key: names the reply in its buttons.
        body: the whole reply.
        arrived: the numbers of its messages that arrived.
        sent_after: if the next message was sent already and its fate is not known: the highest
            number that was known before; else None.
        attempts: how often sending it failed.
        holder: the lease.
    """

    entry_id: int
    sender: str
    message_id: str
    address: str
    key: str
    body: Mapping[str, Any]
    arrived: tuple[int, ...]
    sent_after: int | None
    attempts: int
    holder: str


@dataclass(frozen=True)
class Tap:
    """A button of a reply that somebody tapped: the reply, and all its buttons tapped so far."""

    sender: str
    body: Mapping[str, Any]
    tapped: tuple[int, ...]


class TelegramRecords(TalkRecords):
    """The part of the records that the Telegram channel works on."""

    def take_update(
        self, update_id: int, sender: str, address: str, message_id: str, body: Mapping[str, Any]
    ) -> bool:
        """Store an update's message; False if the update, or the message, was taken before.

        A session is made where there is none, of the channel `telegram`.
        """
        with self._write() as session:
            return self._take(session, update_id, sender, address, message_id, body)

    def take_and_claim(
        self,
        update_id: int,
        sender: str,
        address: str,
        message_id: str,
        body: Mapping[str, Any],
        lease_seconds: float,
    ) -> tuple[bool, ClaimedTurn | None]:
        """Do `take_update` and, if the message is new, `claim_turn` in one."""
        with self._write() as session:
            new = self._take(session, update_id, sender, address, message_id, body)
            return new, self._claim(session, sender, lease_seconds) if new else None

    def had_crisis(self, sender: str) -> bool:
        """Tell whether a reply of the session was to a crisis."""
        try:
            said = self.history(sender)
        except UnknownSession:
            return False
        customs = (entry.body.get("custom") or {} for entry in said if entry.author == BOT)
        return any(custom.get("outcome") == "crisis" for custom in customs)

    def highest_number(self) -> int:
        """Return the highest number of a message in a private chat that is known, of those lately
        stored; 0 if there is none."""
        with self._read() as session:
            return highest_number(session)

    def next_reply(self, sender: str) -> tuple[str, Mapping[str, Any]] | None:
        """Return where to and what the session's oldest reply is that is not sent, None if none
        could be sent now."""
        with self._read() as session:
            row = session.execute(_oldest(sender)).first()
            if row is None or not _is_free(row, self._clock()):
                return None
            return row.address, json.loads(row.body)

    def claim_reply(self, sender: str, lease_seconds: float, seen: int) -> PendingReply | None:
        """Claim the session's oldest reply that is not sent, and note that its next message is
        about to be: `seen` is the highest number known, if it is above what the session tells.
        None if there is nothing to send now, or somebody else is at it."""
        with self._write() as session:
            return self._hold(session, sender, lease_seconds, seen)

    def answer_and_claim(
        self, claim: ClaimedTurn, body: Mapping[str, Any], lease_seconds: float, seen: int
    ) -> tuple[Entry | None, PendingReply | None]:
        """Do `answer_turn` and, if the reply is stored, `claim_reply` in one.

        Raises:
            UnknownSession: as `answer_turn`.
        """
        with self._write() as session:
            entry = self._answer(session, claim, body)
            if entry is None:
                return None, None
            return entry, self._hold(session, claim.sender, lease_seconds, seen)

    def renew_reply(self, reply: PendingReply, lease_seconds: float) -> bool:
        """Hold a reply a while longer; False when it is no longer ours."""
        until = self._clock() + timedelta(seconds=lease_seconds)
        return self._change(reply, held_until=until)

    def note_sending(self, reply: PendingReply, seen: int) -> bool:
        """Note that the reply's next message did not arrive, and is about to be sent again. False
        when it is no longer ours."""
        return self._change(reply, sent_after=seen)

    def note_arrival(self, reply: PendingReply, number: int, *, more: bool, seen: int) -> bool:
        """Note that the reply's next message arrived; if there are more, that the one after it is
        about to be sent, else that all is done and given up. False when it is no longer ours."""
        arrived = json.dumps([*reply.arrived, number])
        if more:
            return self._change(reply, arrived=arrived, sent_after=max(seen, number), attempts=0)
        return self._change(reply, arrived=arrived, sent_after=None, done=True, **_FREE)

    def postpone_reply(self, reply: PendingReply, seconds: float, *, unsure: bool) -> bool:
        """Give a reply up until so many seconds are over; `unsure` tells that its next message may
        have arrived all the same. False when it is no longer ours."""
        later = self._clock() + timedelta(seconds=seconds)
        values: dict[str, object] = {"next_attempt_at": later, "attempts": reply.attempts + 1}
        values |= {} if unsure else {"sent_after": None}
        return self._change(reply, **values, **_FREE)

    def drop_replies(self, sender: str, only: int | None = None) -> int:
        """Send nothing more of what waits for a sender, or of one entry; return how many replies
        that were. What was escalated stays."""
        waiting = (deliveries.c.sender == sender) & deliveries.c.done.is_(False)
        waiting &= true() if only is None else deliveries.c.entry_id == only
        with self._write() as session:
            # The session first, as everywhere: who locks in another order may wait for ever.
            session.execute(_locked(sender))
            dropped = update(deliveries).where(waiting).values(done=True, sent_after=None, **_FREE)
            return affected(session.execute(dropped))

    def unsent_replies(self, channel: str) -> list[str]:
        """Return the senders of a channel who have a reply that could be sent now."""
        now = self._clock()
        free = or_(deliveries.c.held_until.is_(None), deliveries.c.held_until <= now)
        due = deliveries.c.done.is_(False) & free & (deliveries.c.next_attempt_at <= now)
        query = (
            select(deliveries.c.sender)
            .join(sessions, sessions.c.sender == deliveries.c.sender)
            .where(due, sessions.c.channel == channel)
            .distinct()
        )
        with self._read() as session:
            return [str(sender) for sender in session.scalars(query)]

    def tap(self, sender: str, key: str, index: int) -> Tap | None:
        """Note that a button was tapped and return its reply; None if the sender has none of that
        name, which may be forgotten or too old."""
        theirs = (deliveries.c.key == key) & (deliveries.c.sender == sender)
        query = select(deliveries.c.entry_id, deliveries.c.tapped, entries.c.body).join_from(
            deliveries, entries, entries.c.id == deliveries.c.entry_id
        )
        with self._write() as session:
            # Locked, so that of two buttons tapped at once both are marked.
            row = session.execute(query.where(theirs).with_for_update(of=deliveries)).first()
            if row is None:
                return None
            tapped = sorted({*json.loads(row.tapped), index})
            which = update(deliveries).where(deliveries.c.entry_id == row.entry_id)
            session.execute(which.values(tapped=json.dumps(tapped)))
            return Tap(sender, json.loads(row.body), tuple(tapped))

    def _take(
        self,
        session: Session,
        update_id: int,
        sender: str,
        address: str,
        message_id: str,
        body: Mapping[str, Any],
    ) -> bool:
        taken: dict[str, object] = {"update_id": update_id, "created_at": self._clock()}
        if not affected(session.execute(self._insert_unless_there(telegram_updates, taken))):
            return False
        # Locked, as by whoever numbers entries or forgets the session; and opened again if it was
        # just being forgotten.
        while session.scalar(_locked(sender)) is None:
            self._open_talk(session, sender, "telegram", address)
        return self._add(session, sender, message_id, body)[1]

    def _hold(
        self, session: Session, sender: str, lease_seconds: float, seen: int
    ) -> PendingReply | None:
        now, holder = self._clock(), secrets.token_hex(16)
        row = session.execute(_oldest(sender).with_for_update(of=deliveries)).first()
        if row is None or not _is_free(row, now):
            return None
        values: dict[str, object] = {"holder": holder}
        values["held_until"] = now + timedelta(seconds=lease_seconds)
        if row.sent_after is None:
            values["sent_after"] = max(seen, newest_number(session, sender, row.message_id))
        which = update(deliveries).where(deliveries.c.entry_id == row.entry_id)
        session.execute(which.values(values))
        return _pending(row, holder)

    def _change(self, reply: PendingReply, **values: object) -> bool:
        ours = (deliveries.c.entry_id == reply.entry_id) & (deliveries.c.holder == reply.holder)
        with self._write() as session:
            return affected(session.execute(update(deliveries).where(ours).values(values))) == 1


_FREE: Mapping[str, None] = {"holder": None, "held_until": None}


def purge_updates(session: Session, now: datetime) -> None:
    """Delete the numbers of updates that Telegram will not bring again."""
    limit = now - timedelta(days=UPDATE_DAYS)
    session.execute(delete(telegram_updates).where(telegram_updates.c.created_at < limit))


def _locked(sender: str) -> Any:
    return select(sessions.c.sender).where(sessions.c.sender == sender).with_for_update()


def _oldest(sender: str) -> Any:
    return (
        select(
            deliveries,
            entries.c.message_id,
            entries.c.body,
            sessions.c.address,
        )
        .join_from(deliveries, entries, entries.c.id == deliveries.c.entry_id)
        .join(sessions, sessions.c.sender == deliveries.c.sender)
        .where(deliveries.c.sender == sender, deliveries.c.done.is_(False))
        .order_by(entries.c.seq)
        .limit(1)
    )


def _is_free(row: Row, now: datetime) -> bool:
    held = row.held_until is not None and row.held_until > now
    return not held and bool(row.next_attempt_at <= now)


def _pending(row: Row, holder: str) -> PendingReply:
    return PendingReply(
        entry_id=row.entry_id,
        sender=row.sender,
        message_id=row.message_id,
        address=row.address,
        key=row.key,
        body=json.loads(row.body),
        arrived=tuple(json.loads(row.arrived)),
        sent_after=row.sent_after,
        attempts=row.attempts,
        holder=holder,
    )
