"""The outbox: delivers queued notifications, at least once, and not twice where it can help it.

A notification reaches each target separately: one that has it is not sent to again while
another is down. The reference in the title lets a receiver recognise the rare duplicate
(a worker that died between sending and noting it).
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import metrics

from .notifications import Claim
from .repository import Records
from .store import utcnow
from .targets import open_targets

logger = logging.getLogger(__name__)

FIRST_WAIT = 30.0
LONGEST_WAIT = 3600.0
# With these waits, about a day of trying.
MAX_ATTEMPTS = 30
# How long one target may keep a worker busy before another worker may try.
LEASE_PER_TARGET = timedelta(minutes=2)


def backoff(attempt: int) -> float:
    """Return how many seconds to wait after a failed attempt: doubling, capped, and with
    jitter, so that what failed together does not all come back together."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 20))
    return wait * random.uniform(0.75, 1.25)  # noqa: S311


@dataclass
class Delivery:
    """What one round of the outbox did."""

    sent: int = 0
    retried: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        return bool(self.sent or self.retried or self.failed)


class Outbox:
    """Sends the notifications that are due to every configured target."""

    def __init__(
        self,
        records: Records,
        targets: Sequence[str],
        *,
        clock: Callable[[], datetime] = utcnow,
        backoff: Callable[[int], float] = backoff,
        max_attempts: int = MAX_ATTEMPTS,
        application: str = "Chatbot escalations",
    ) -> None:
        """Open the targets; none at all is fine, and means that nothing is sent.

        Raises:
            InvalidTarget: one of them cannot be understood.
        """
        self._records = records
        self._targets = open_targets(targets, application)
        self._clock = clock
        self._backoff = backoff
        self._max_attempts = max_attempts
        self._lease = LEASE_PER_TARGET * max(1, len(self._targets))

    def describe(self) -> str:
        """Return one line for the start-up log: where notifications go."""
        if not self._targets:
            return "recorded only (no notification target configured)"
        return "sent to " + ", ".join(target.label for target in self._targets)

    def deliver_due(self, limit: int = 20) -> Delivery:
        """Send up to `limit` notifications that are due, and return how it went.

        Raises:
            StorageError: the database failed; what was not noted is tried again.
        """
        done = Delivery()
        for _ in range(limit if self._targets else 0):
            claim = self._records.claim_notification(
                now=self._clock(), lease=self._lease, max_attempts=self._max_attempts
            )
            if claim is None:
                break
            self._deliver(claim, done)
        return done

    def _deliver(self, claim: Claim, done: Delivery) -> None:
        error = self._send(claim)
        now = self._clock()
        if error is None:
            metrics.notification("sent")
            done.sent += self._records.note_sent(claim, now)
            logger.info("notification of %s sent", claim.reference)
        elif claim.attempt >= self._max_attempts:
            metrics.notification("failed")
            done.failed += self._records.note_failed(claim, error)
            logger.error("notification of %s given up: %s", claim.reference, error)
        else:
            again = now + timedelta(seconds=self._backoff(claim.attempt))
            metrics.notification("retried")
            done.retried += self._records.note_retry(claim, again, error)
            logger.warning("notification of %s put off: %s", claim.reference, error)

    def _send(self, claim: Claim) -> str | None:
        """Send to the targets that lack it; return what went wrong, None if nothing did."""
        delivered = set(claim.delivered)
        errors = []
        title, body = compose(claim)
        for target in self._targets:
            if target.fingerprint in delivered:
                continue
            error = target.send(title, body)
            if error is not None:
                errors.append(error)
                continue
            delivered.add(target.fingerprint)
            # At once: a crash before the next target must not lose this.
            if not self._records.note_delivered(claim, delivered):
                return "it took longer than the lease, so another worker has it"
        return "; ".join(errors) or None


def compose(claim: Claim) -> tuple[str, str]:
    """Return the title and the text of a notification."""
    lines = [
        f"Reference: {claim.reference}",
        f"Outcome: {claim.outcome}",
        f"Time: {claim.created_at:%Y-%m-%d %H:%M} UTC",
        f"Channel: {claim.channel}",
        f"Excerpt: {claim.excerpt or '(none kept)'}",
    ]
    return f"Escalation {claim.reference}: {claim.outcome}", "\n".join(lines)
