"""Escalations as text for a terminal: a table of many, a page of one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .models import Escalation, Notification

_HEADER = ("REFERENCE", "STATUS", "AGE", "OUTCOME", "CHANNEL", "TAKEN BY")
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def age(created_at: datetime, now: datetime) -> str:
    """Return how long ago something was, in its largest whole unit."""
    seconds = max(now - created_at, timedelta()) // timedelta(seconds=1)
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "now"


def table(escalations: Sequence[Escalation], status: str, now: datetime) -> str:
    """Return an aligned table of escalations, or a line that says there are none."""
    if not escalations:
        return "no escalations" if status == "all" else f"no {status} escalations"
    rows = [_HEADER, *(_row(escalation, now) for escalation in escalations)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def page(escalation: Escalation, notification: Notification | None, now: datetime) -> str:
    """Return all that is recorded of one escalation."""
    fields = {
        "Reference": escalation.reference,
        "Status": escalation.status,
        "Outcome": escalation.outcome,
        "Time": f"{_moment(escalation.created_at)} ({age(escalation.created_at, now)})",
        "Channel": escalation.channel,
        "Conversation": escalation.conversation,
        "Excerpt": escalation.excerpt,
        "Notification": _state(notification),
        "Taken by": escalation.taken_by,
        "Resolved": escalation.resolved_at and _moment(escalation.resolved_at),
        "Resolution": escalation.resolution,
    }
    return "\n".join(f"{name + ':':<14}{value or '-'}" for name, value in fields.items())


def _row(escalation: Escalation, now: datetime) -> tuple[str, ...]:
    return (
        escalation.reference,
        escalation.status,
        age(escalation.created_at, now),
        escalation.outcome,
        escalation.channel,
        escalation.taken_by or "-",
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _state(notification: Notification | None) -> str:
    if notification is None:
        return "none (recorded only)"
    if notification.status == "sent":
        return "sent"
    error = f": {notification.last_error}" if notification.last_error else ""
    return f"{notification.status} after {notification.attempts} attempts{error}"
