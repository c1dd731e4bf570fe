"""What a restored back-up must not bring back: the erased, the expired, and what was sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, inspect, select, text, update
from sqlalchemy.orm import Session

from . import database, migrate
from .erasures import ErasureRecords, forget_excerpts
from .errors import BackupError
from .references import conversation_reference, tombstone
from .store import translated
from .tables import (
    USER,
    deliveries,
    entries,
    erasures,
    escalations,
    events,
    feedback,
    notifications,
    sessions,
)

# What is taken from the database that a back-up replaces, and where it waits meanwhile.
KEPT = {"erasures": "kept_erasures", "notifications": "kept_notifications"}
UNSURE = "restored from a back-up: it may have been sent already"


@dataclass(frozen=True)
class Keeping:
    """Makes a restored database as it should be; harmless when done again.

    Args:
        secret: the key of conversation references, if it is known.
        keep_days: days that texts are kept.
        clock: for the present moment.
    """

    secret: bytes | None
    keep_days: int
    clock: Callable[[], datetime]

    def check(self, url: str) -> None:
        """Make sure that who was forgotten in the database which is to be replaced can be found.

        Raises:
            BackupError: the secret is missing, or is not the one of the database.
        """
        engine = database.connect(url)
        try:
            with translated(), Session(engine, future=True) as session:
                if _erased(session):
                    self._conversations(_talked(session), _named(session))
        finally:
            engine.dispose()

    def settle(self, url: str) -> None:
        """Migrate the database, erase and expire what is to be gone, and send nothing again.

        Raises:
            BackupError: the secret is missing, or is not the one that the back-up was made with.
            StorageError: the database failed.
        """
        migrate.upgrade(url)
        engine = database.connect(url)
        try:
            with translated(), Session(engine, future=True) as session, session.begin():
                _take_over(session)
                self._forget_again(session)
                _close(session)
                for kept in KEPT.values():
                    session.execute(text(f"DROP TABLE IF EXISTS {kept}"))
        finally:
            engine.dispose()
        records = ErasureRecords(url, clock=self.clock)
        try:
            records.purge(self.keep_days)
            records.compact()
        finally:
            records.close()

    def _forget_again(self, session: Session) -> None:
        erased = _erased(session)
        if not erased:
            return
        named, talked = _named(session), _talked(session)
        for conversation in named:
            if (receipt := erased.get(tombstone(conversation))) is not None:
                _forget_opinions(session, conversation, receipt[0])
        for sender, conversation in self._conversations(talked, named).items():
            if (receipt := erased.get(tombstone(conversation))) is not None:
                _forget_talk(session, sender, *receipt)

    def _conversations(self, talked: set[str], named: set[str]) -> dict[str, str]:
        """Return senders with the references under which the records know them."""
        if not self.secret:
            raise BackupError(
                "people asked to be forgotten: to find them in the back-up, set SECRET_KEY, or "
                "DATA_DIR with its secret.key"
            )
        found = {sender: conversation_reference(sender, self.secret) for sender in talked}
        if found and named and named.isdisjoint(found.values()):
            raise BackupError(
                "people asked to be forgotten, but the secret key is not the one with which the "
                "back-up was made: they cannot be found in it"
            )
        return found


def _erased(session: Session) -> dict[str, tuple[datetime, datetime]]:
    """Return the last erasure of each conversation: when it was asked for, and when done."""
    query = (
        select(erasures.c.tombstone, erasures.c.requested_at, erasures.c.completed_at)
        .where(erasures.c.tombstone.is_not(None))
        .order_by(erasures.c.requested_at)
    )
    return {mark: (asked, done or asked) for mark, asked, done in session.execute(query)}


def _talked(session: Session) -> set[str]:
    """Return every sender of whom something was kept."""
    talked = set(_column(session, sessions.c.sender)) | set(_column(session, entries.c.sender))
    return talked | set(_column(session, events.c.sender_id))


def _named(session: Session) -> set[str]:
    """Return every conversation's reference that is kept."""
    named = set(_column(session, escalations.c.conversation))
    return named | set(_column(session, feedback.c.conversation))


def _forget_opinions(session: Session, conversation: str, asked: datetime) -> None:
    theirs = (feedback.c.conversation == conversation) & (feedback.c.created_at <= asked)
    session.execute(delete(feedback).where(theirs))
    told = (escalations.c.conversation == conversation) & (escalations.c.created_at <= asked)
    forget_excerpts(session, told)


def _forget_talk(session: Session, sender: str, asked: datetime, done: datetime) -> None:
    said = (entries.c.sender == sender) & (entries.c.created_at <= asked)
    _delete(session, entries, said)
    # Somebody in a chat may have begun anew.
    later = exists().where(entries.c.sender == sessions.c.sender)
    ended = (sessions.c.sender == sender) & (sessions.c.created_at <= asked) & ~later
    _delete(session, sessions, ended)
    theirs = events.c.sender_id == sender
    _delete(session, events, theirs & (events.c.timestamp <= done.timestamp()))


def _take_over(session: Session) -> None:
    """Take receipts and notifications as the database that is replaced knew them."""
    for table in (erasures, notifications):
        kept = KEPT[table.name]
        if not _there(session, kept):
            continue
        names = ", ".join(column.name for column in table.c if column.name != "id")
        # Of escalations that the back-up does not hold there is nothing to send.
        known = "SELECT reference FROM escalations" if table is notifications else "reference"
        for statement in (
            f"DELETE FROM {table.name} WHERE reference IN (SELECT reference FROM {kept})",  # noqa: S608
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {kept} "  # noqa: S608
            f"WHERE reference IN ({known}) ORDER BY id",
        ):
            session.execute(text(statement))


def _close(session: Session) -> None:
    """Leave nothing that would be sent or answered once more."""
    waiting = notifications.c.status == "pending"
    if _there(session, KEPT["notifications"]):
        sure = select(text("reference")).select_from(text(KEPT["notifications"]))
        waiting &= notifications.c.reference.not_in(sure)
    _update(session, notifications, waiting, status="failed", last_error=UNSURE)
    unsent = deliveries.c.done.is_(False)
    _update(session, deliveries, unsent, done=True, holder=None, held_until=None)
    _delete(session, entries, (entries.c.author == USER) & entries.c.answered.is_(False))
    _update(session, sessions, sessions.c.turn.is_not(None), turn=None, turn_until=None)


def _column(session: Session, column: Any) -> Iterable[str]:
    return session.scalars(select(column).where(column.is_not(None)).distinct())


def _delete(session: Session, table: Any, which: Any) -> None:
    session.execute(delete(table).where(which).execution_options(synchronize_session=False))


def _update(session: Session, table: Any, which: Any, **values: object) -> None:
    session.execute(update(table).where(which).values(**values))


def _there(session: Session, table: str) -> bool:
    return bool(inspect(session.connection()).has_table(table))
