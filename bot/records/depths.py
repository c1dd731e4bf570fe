"""How much waits in the database: for a person, for the worker, for an answer, for Telegram."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .store import Store
from .tables import USER, deliveries, entries, erasures, escalations, notifications, sessions


@dataclass(frozen=True)
class Depth:
    """How many wait, and for how many seconds the oldest has (0 if none does)."""

    count: int
    oldest: float


@dataclass(frozen=True)
class Depths:
    """All that waits, at one moment.

    `messages` has a depth for each channel that keeps what is said, as far as something waits.
    """

    escalations: Depth
    notifications: Depth
    notifications_failed: int
    erasures: Depth
    messages: dict[str, Depth]
    replies: Depth


class DepthRecords(Store):
    """The part of the records that tells how much waits."""

    def depths(self) -> Depths:
        """Return how much waits; each count walks along an index of what waits alone."""
        open_, pending = escalations.c.status == "open", notifications.c.status == "pending"
        with self._read() as session:
            return Depths(
                escalations=self._depth(session, escalations.c.created_at, open_),
                notifications=self._pending(session, pending),
                notifications_failed=_failed(session),
                erasures=self._depth(
                    session, erasures.c.requested_at, erasures.c.pending_sender.is_not(None)
                ),
                messages=self._messages(session),
                replies=self._replies(session),
            )

    def _depth(self, session: Session, since: Any, which: Any) -> Depth:
        found = session.execute(select(func.count(), func.min(since)).where(which)).one()
        return self._since(*cast("tuple[int, datetime | None]", tuple(found)))

    def _pending(self, session: Session, pending: Any) -> Depth:
        """Return the notifications' depth, whose age is that of the escalation."""
        query = (
            select(func.count(), func.min(escalations.c.created_at))
            .select_from(notifications.join(escalations))
            .where(pending)
        )
        return self._since(
            *cast("tuple[int, datetime | None]", tuple(session.execute(query).one()))
        )

    def _messages(self, session: Session) -> dict[str, Depth]:
        query = (
            select(sessions.c.channel, func.count(), func.min(entries.c.created_at))
            .select_from(entries.join(sessions))
            .where(entries.c.answered.is_(False), entries.c.author == USER)
            .group_by(sessions.c.channel)
        )
        rows = [tuple(row) for row in session.execute(query)]
        return {channel: self._since(count, oldest) for channel, count, oldest in rows}

    def _replies(self, session: Session) -> Depth:
        query = (
            select(func.count(), func.min(entries.c.created_at))
            .select_from(deliveries.join(entries))
            .where(deliveries.c.done.is_(False))
        )
        return self._since(
            *cast("tuple[int, datetime | None]", tuple(session.execute(query).one()))
        )

    def _since(self, count: int, oldest: datetime | None) -> Depth:
        if oldest is None:
            return Depth(count, 0.0)
        return Depth(count, max(0.0, (self._clock() - oldest).total_seconds()))


def _failed(session: Session) -> int:
    query = select(func.count()).where(notifications.c.status == "failed")
    return cast(int, session.execute(query).scalar_one())
