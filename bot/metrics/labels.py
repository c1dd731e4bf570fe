"""The values that labels may have. Anything else is `other`: a label never holds what people say,
nor a number of values that grows."""

from __future__ import annotations

from collections.abc import Collection

OTHER = "other"
CHANNELS = ("rest", "website", "telegram")
# As in the reply contract (`bot.reply.outcomes`), which a test holds.
OUTCOMES = (
    "crisis",
    "emergency",
    "dosing",
    "obtaining",
    "personal_advice",
    "human",
    "answer",
    "not_covered",
    "off_topic",
    "smalltalk",
    "clarify",
    "unavailable",
)
# Why a safe reply took the place of the real one.
FAULTS = (
    "deadline",
    "action_fault",
    "action_timeout",
    "lock_fault",
    "store_fault",
    "no_model",
    "incomplete",
    "hurried",
    "gave_up",
)
STAGES = ("lock_wait", "tracker_load", "understanding", "action", "tracker_save")
PARTS = ("store", "actions", "model")
SPOOLED = ("conversations", "escalations", "erasures")
LIMITS = ("connections", "new_sessions", "sender", "address")
RECORDED = ("opened", "repeated", "failed")
DELIVERIES = ("sent", "retried", "failed")
PUBLISHED = ("sent", "dropped")


def bounded(value: str | None, allowed: Collection[str]) -> str:
    """Return the value if it is one of those allowed, else `other`."""
    return value if value in allowed else OTHER  # type: ignore[return-value]
