"""The records as typed objects, mapped onto the tables."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import registry

from . import tables

EscalationStatus = Literal["open", "taken", "resolved"]
NotificationStatus = Literal["pending", "sent", "failed"]


@dataclass(eq=False)
class Escalation:
    """A turn that a professional should see."""

    id: int = field(init=False)
    reference: str
    created_at: datetime
    channel: str
    outcome: str
    excerpt: str | None = None
    conversation: str | None = None
    message_key: str | None = None
    status: EscalationStatus = "open"
    taken_by: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None


@dataclass(eq=False)
class Notification:
    """An escalation's place in the outbox."""

    id: int = field(init=False)
    reference: str
    next_attempt_at: datetime
    status: NotificationStatus = "pending"
    attempts: int = 0
    delivered: str = ""
    last_error: str | None = None
    sent_at: datetime | None = None


@dataclass(eq=False)
class Feedback:
    """What somebody thought of one answer."""

    id: int = field(init=False)
    created_at: datetime
    topic: str
    helpful: bool
    conversation: str | None = None
    comment: str | None = None


@dataclass(eq=False)
class Erasure:
    """The receipt of a "forget me": what was deleted, and nothing about whom.

    `pending_sender` is set only until the conversation's tracker is gone too, `tombstone` (a digest
    of the conversation's reference) until no back-up of its time may be kept any more.
    """

    id: int = field(init=False)
    reference: str
    requested_at: datetime
    completed_at: datetime | None = None
    pending_sender: str | None = None
    feedback_deleted: int = 0
    excerpts_cleared: int = 0
    events_deleted: int = 0
    tombstone: str | None = None


mapper = registry(metadata=tables.metadata)
mapper.map_imperatively(Escalation, tables.escalations)
mapper.map_imperatively(Notification, tables.notifications)
mapper.map_imperatively(Feedback, tables.feedback)
mapper.map_imperatively(Erasure, tables.erasures)
