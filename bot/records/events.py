"""Conversations as Rasa keeps them: read in part, added to, and replayed from the spool, once."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from .errors import StorageError
from .spooled import EventRow
from .store import Store
from .tables import events as table

SLOT, SESSION, MESSAGE = "slot", "session_started", "user"


@dataclass(frozen=True)
class Recent:
    """The newest part of a conversation, each event as JSON.

    If the session has more (`cut`), `slots` are the latest values of slots set before that part.
    """

    slots: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    cut: bool = False


class EventRecords(Store):
    """The part of the records in which Rasa keeps its conversations."""

    def recent_events(self, sender: str, messages: int) -> Recent:
        """Return the last so many messages of the latest session, and all that followed them."""
        theirs = table.c.sender_id == sender
        newest_session = select(func.max(table.c.id)).where(theirs, table.c.type_name == SESSION)
        with self._read() as session:
            start = session.scalar(newest_session) or 0
            said = theirs & (table.c.type_name == MESSAGE) & (table.c.id >= start)
            from_last = select(table.c.id).where(said).order_by(table.c.id.desc())
            cut = session.scalar(from_last.offset(messages - 1).limit(1))
            recent = theirs & (table.c.id >= (cut or start))
            events = session.scalars(select(table.c.data).where(recent).order_by(table.c.id)).all()
            slots: Sequence[str] = ()
            if cut:
                set_before = (table.c.type_name == SLOT) & (table.c.id >= start)
                newest = (
                    select(func.max(table.c.id))
                    .where(theirs, set_before, table.c.id < cut)
                    .group_by(table.c.action_name)
                )
                query = select(table.c.data).where(table.c.id.in_(newest)).order_by(table.c.id)
                slots = session.scalars(query).all()
        return Recent(tuple(slots), tuple(events), bool(cut))

    def all_events(self, sender: str) -> list[str]:
        """Return a conversation with all its sessions, each event as JSON."""
        query = select(table.c.data).where(table.c.sender_id == sender).order_by(table.c.id)
        with self._read() as session:
            return list(session.scalars(query))

    def event_senders(self) -> list[str]:
        """Return whose conversations there are."""
        with self._read() as session:
            return list(session.scalars(select(table.c.sender_id).distinct()))

    def add_events(
        self,
        sender: str,
        rows: Sequence[EventRow],
        *,
        again: bool = False,
        given_up: Callable[[], bool] = bool,
    ) -> None:
        """Add events to a conversation.

        Args:
            again: an earlier attempt may have come through: add those only that are not there.
            given_up: tells whether nobody waits any more; then nothing is added.

        Raises:
            StorageError: the database failed, or it was given up.
        """
        with self._write() as session:
            self._alone(session, sender)
            _add(session, sender, _unknown(session, sender, rows) if again else rows)
            session.flush()
            if given_up():
                raise StorageError("given up: what was to be added is kept elsewhere")

    def replay_events(self, sender: str) -> int:
        """Record what the spool holds of a conversation, in order and once; return how many events
        were added."""
        if self._spool is None or not self._spool.has_events(sender):
            return 0
        with self._write() as session:
            # Nobody else adds to the conversation or forgets it until this is committed; whatever
            # an unheard commit or a crash before the files went has added is there to be seen.
            self._alone(session, sender)
            batches = self._spool.events(sender)
            rows = _unknown(session, sender, [row for batch in batches for row in batch.rows])
            _add(session, sender, rows)
        self._spool.drop_events(sender, batches)
        return len(rows)


def _add(session: Session, sender: str, rows: Sequence[EventRow]) -> None:
    if rows:
        session.execute(insert(table), [asdict(row) | {"sender_id": sender} for row in rows])


def _unknown(session: Session, sender: str, rows: Sequence[EventRow]) -> list[EventRow]:
    """Return the events that are not stored yet: an event's moment tells it from every other."""
    moments = [row.timestamp for row in rows if row.timestamp is not None]
    theirs = select(table.c.timestamp, table.c.data).where(table.c.sender_id == sender)
    if moments:
        theirs = theirs.where(table.c.timestamp >= min(moments))
    known = {(moment, data) for moment, data in session.execute(theirs)}
    return [row for row in rows if (row.timestamp, row.data) not in known]
