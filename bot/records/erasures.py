"""Forgetting: on request ("forget me"), and by age (retention).

Who asks to be forgotten is forgotten in two steps. Feedback and excerpts go at once; the
conversation's tracker goes when its turn is over, since Rasa would write it back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import FromClause

from . import database
from .errors import ErasureIncomplete, InvalidValue
from .escalations import EscalationRecords
from .forgetting import forget_reopened, forget_talk, purge_talks
from .models import Erasure
from .references import ERASURE, new_reference, tombstone
from .spooled import Wish
from .store import affected, plain, translated
from .tables import erasures as table
from .tables import escalations, events, feedback
from .telegram import purge_updates

MOST_DAYS = 36_500

# All that could lead back to a person. Outcome, time and reference stay: safety counts.
_FORGOTTEN = {"excerpt": None, "conversation": None, "message_key": None, "resolution": None}


@dataclass(frozen=True)
class Purged:
    """What retention removed."""

    excerpts_cleared: int
    feedback_deleted: int
    events_deleted: int
    entries_deleted: int = 0

    def __bool__(self) -> bool:
        removed = self.excerpts_cleared + self.feedback_deleted + self.events_deleted
        return bool(removed + self.entries_deleted)


class ErasureRecords(EscalationRecords):
    """The part of the records that forgets."""

    def begin_erasure(self, *, conversation: str, sender: str) -> Erasure:
        """Delete a conversation's feedback and its session (but see `forget_talk`), and clear its
        escalations, at once; return the receipt, which stays pending until `finish_erasure` has
        deleted the tracker."""
        if self._spool is not None:
            # First, whether or not the database is there: whatever is stored meanwhile goes below.
            self._spool.forget(sender, plain(conversation))
        self.replay_escalations(plain(conversation))
        return self._begin(conversation, sender, None, self._clock())

    def wish(self, *, conversation: str, sender: str, reference: str) -> Wish:
        """Return a wish to be forgotten, of this moment, to be fulfilled now or later."""
        return Wish(sender, plain(conversation), reference, self._clock())

    def fulfil(self, wish: Wish) -> int:
        """Begin the erasure that somebody wished for, unless it is begun, and finish it; return how
        many events were deleted. What waits in the spool stays: it was said since.

        Raises:
            ErasureIncomplete: see `finish_erasure`.
        """
        self.replay_escalations(wish.conversation)
        known = or_(table.c.reference == wish.reference, table.c.pending_sender == wish.sender)
        with self._read() as session:
            begun = session.scalar(select(table.c.id).where(known).limit(1)) is not None
        if not begun:
            self._begin(wish.conversation, wish.sender, wish.reference, wish.at)
        else:
            with self._write() as session:
                self._alone(session, wish.conversation)
                forget_excerpts(session, escalations.c.conversation == wish.conversation)
        return self._finish(wish.sender)

    def _begin(
        self, conversation: str, sender: str, reference: str | None, at: datetime
    ) -> Erasure:
        known_as = plain(conversation)
        with self._write() as session:
            self._alone(session, known_as)
            forget_talk(session, sender, self._clock())
            receipt = Erasure(
                reference=_free_reference(session, reference),
                requested_at=at,
                pending_sender=sender,
                feedback_deleted=_delete(session, feedback, feedback.c.conversation == known_as),
                excerpts_cleared=forget_excerpts(session, escalations.c.conversation == known_as),
                tombstone=tombstone(known_as),
            )
            session.add(receipt)
        self._scrub()
        return receipt

    def finish_erasure(self, sender: str) -> int:
        """Delete the events of a sender's tracker, prove that none is left, and complete
        the sender's pending erasures; return how many events were deleted.

        To be called when the turn is over and its tracker saved.

        Raises:
            ErasureIncomplete: events are still there; the erasure stays pending.
        """
        if self._spool is not None:
            self._spool.forget_events(sender)
        return self._finish(sender)

    def _finish(self, sender: str) -> int:
        with self._write() as session:
            self._alone(session, sender)
            forget_reopened(session, sender)
            theirs = events.c.sender_id == sender
            deleted = _delete(session, events, theirs)
            left = _count(session, theirs)
            if not left:
                _complete(session, sender, completed_at=self._clock(), events_deleted=deleted)
        self._scrub()
        if left:
            raise ErasureIncomplete(f"{left} events of a conversation could not be deleted")
        return deleted

    def pending_erasures(self, *, older_than_seconds: float = 0) -> list[Erasure]:
        """Return the erasures whose tracker is still to be deleted, the oldest first."""
        requested_by = self._clock() - timedelta(seconds=older_than_seconds)
        query = (
            select(Erasure)
            .where(table.c.pending_sender.is_not(None), table.c.requested_at <= requested_by)
            .order_by(table.c.id)
        )
        with self._read() as session:
            return list(session.scalars(query))

    def erasures(self) -> list[Erasure]:
        """Return every receipt, the oldest first."""
        with self._read() as session:
            return list(session.scalars(select(Erasure).order_by(table.c.id)))

    def last_erasure(self) -> int:
        """Return the number of the newest erasure that is complete; 0 if there is none."""
        done = select(func.max(table.c.id)).where(table.c.completed_at.is_not(None))
        with self._read() as session:
            return int(session.scalar(done) or 0)

    def compact(self) -> bool:
        """Rewrite an SQLite database without what was deleted; False if that is to be tried
        again, since somebody reads an older state."""
        with translated():
            return database.compact(self._engine)

    def purge(self, older_than_days: int) -> Purged:
        """Enforce retention: forget what is older, keeping what safety counts need.

        Raises:
            InvalidValue: less than a day, or more than a century.
        """
        limit = self._clock() - timedelta(days=retention_days(older_than_days))
        with self._write() as session:
            entries_deleted = purge_talks(session, self._clock(), limit)
            purge_updates(session, self._clock())
            # A back-up from before these erasures holds nothing that retention would not take.
            old = table.c.completed_at < limit
            session.execute(update(table).where(old).values(tombstone=None))
            purged = Purged(
                entries_deleted=entries_deleted,
                excerpts_cleared=forget_excerpts(session, escalations.c.created_at < limit),
                feedback_deleted=_delete(session, feedback, feedback.c.created_at < limit),
                events_deleted=_delete(session, events, events.c.timestamp < limit.timestamp()),
            )
        self._scrub()
        return purged

    def _scrub(self) -> None:
        with translated():
            database.scrub(self._engine)


def retention_days(days: int) -> int:
    """Return a number of days that texts may be kept.

    Raises:
        InvalidValue: less than a day, or more than a century.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidValue(f"retention must be between 1 and {MOST_DAYS} days")
    return days


def _free_reference(session: Session, wanted: str | None) -> str:
    """Return the reference that is wanted, if any, or another if it is taken."""
    reference = wanted or new_reference(ERASURE)
    while session.scalar(select(table.c.id).where(table.c.reference == reference)) is not None:
        reference = new_reference(ERASURE)
    return reference


def forget_excerpts(session: Session, which: object) -> int:
    """Clear what could lead back to a person in these escalations; return how many excerpts that
    were."""
    with_excerpt = update(escalations).where(which, escalations.c.excerpt.is_not(None))
    cleared = affected(session.execute(with_excerpt.values(excerpt=None)))
    traces = or_(*(escalations.c[name].is_not(None) for name in _FORGOTTEN))
    session.execute(update(escalations).where(which, traces).values(_FORGOTTEN))
    return cleared


def _delete(session: Session, rows_of: FromClause, which: object) -> int:
    return affected(session.execute(delete(rows_of).where(which)))


def _count(session: Session, which: object) -> int:
    return int(session.scalar(select(func.count()).select_from(events).where(which)))


def _complete(session: Session, sender: str, **values: object) -> None:
    theirs = table.c.pending_sender == sender
    session.execute(update(table).where(theirs).values(pending_sender=None, **values))
