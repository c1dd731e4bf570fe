"""The outbox's own side of the records: which notification is due, who sends it, how it went.

A worker claims a notification for a while (a lease). The lease is the moment of the next
attempt, pushed into the future: a worker that dies simply lets it come due again. The
attempt's number tells a worker that overslept its lease from the one that followed it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .models import Escalation, Notification
from .store import Store, affected
from .tables import escalations
from .tables import notifications as table


@dataclass(frozen=True)
class Claim:
    """One notification, ours to send until the lease ends."""

    reference: str
    attempt: int
    delivered: frozenset[str]
    outcome: str
    channel: str
    created_at: datetime
    excerpt: str | None


class NotificationRecords(Store):
    """The part of the records that the outbox works on."""

    def claim_notification(
        self, *, now: datetime, lease: timedelta, max_attempts: int
    ) -> Claim | None:
        """Claim the notification that has been due longest, or return None.

        One whose last permitted attempt ended without a word is marked failed instead.
        """
        with self._write() as session:
            _fail_exhausted(session, now, max_attempts)
            query = (
                select(Notification, Escalation)
                .join_from(table, escalations)
                .where(table.c.status == "pending", table.c.next_attempt_at <= now)
                .order_by(table.c.next_attempt_at, table.c.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=table)
            )
            row = session.execute(query).first()
            if row is None:
                return None
            due, escalation = cast("tuple[Notification, Escalation]", row)
            due.attempts += 1
            due.next_attempt_at = now + lease
            return Claim(
                reference=due.reference,
                attempt=due.attempts,
                delivered=frozenset(due.delivered.split()),
                outcome=escalation.outcome,
                channel=escalation.channel,
                created_at=escalation.created_at,
                excerpt=escalation.excerpt,
            )

    def note_delivered(self, claim: Claim, delivered: Iterable[str]) -> bool:
        """Note which targets have it; False when the claim is no longer ours."""
        return self._settle(claim, delivered=" ".join(sorted(delivered)))

    def note_sent(self, claim: Claim, at: datetime) -> bool:
        """Note that all targets have it; False when the claim is no longer ours."""
        return self._settle(claim, status="sent", sent_at=at, last_error=None)

    def note_retry(self, claim: Claim, at: datetime, error: str) -> bool:
        """Note that it failed for now; False when the claim is no longer ours."""
        return self._settle(claim, next_attempt_at=at, last_error=error)

    def note_failed(self, claim: Claim, error: str) -> bool:
        """Note that it is given up; False when the claim is no longer ours."""
        return self._settle(claim, status="failed", last_error=error)

    def notification(self, reference: str) -> Notification | None:
        """Return an escalation's notification, None if it was only recorded."""
        with self._read() as session:
            query = select(Notification).where(table.c.reference == reference)
            return cast("Notification | None", session.scalars(query).first())

    def _settle(self, claim: Claim, **values: object) -> bool:
        ours = (
            (table.c.reference == claim.reference)
            & (table.c.attempts == claim.attempt)
            & (table.c.status == "pending")
        )
        with self._write() as session:
            return affected(session.execute(update(table).where(ours).values(**values))) == 1


def _fail_exhausted(session: Session, now: datetime, max_attempts: int) -> None:
    exhausted = (
        (table.c.status == "pending")
        & (table.c.next_attempt_at <= now)
        & (table.c.attempts >= max_attempts)
    )
    error = "the worker stopped during the last attempt"
    session.execute(update(table).where(exhausted).values(status="failed", last_error=error))
