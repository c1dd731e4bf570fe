"""What the tests' other processes do; a module of its own, since each of them imports it."""

from datetime import datetime, timedelta, timezone

from bot.records import Outbox, Records


def open_at(url: str) -> str:
    """Tell of one and the same message."""
    return Records(url, notify=True).open_escalation(
        outcome="crisis", channel="web", conversation="c", message_key="same", text="text"
    )


def claim_at(url: str) -> str | None:
    """Claim one notification."""
    claimed = Records(url).claim_notification(
        now=datetime(2026, 3, 1, 12, 1, tzinfo=timezone.utc),
        lease=timedelta(minutes=2),
        max_attempts=5,
    )
    return claimed and claimed.reference


def deliver_at(url: str, target: str) -> None:
    """Deliver what is due."""
    Outbox(Records(url), [target]).deliver_due()
