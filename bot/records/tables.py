"""The tables of the records room, and of the conversations, which Rasa writes."""

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EXCERPT_LENGTH = 500
# Authors of entries.
USER, BOT = "user", "bot"
ESCALATION_STATUSES = ("open", "taken", "resolved")

metadata = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


if TYPE_CHECKING:  # generic in the stubs only
    _Decorator = TypeDecorator[datetime]
else:
    _Decorator = TypeDecorator


class UtcDateTime(_Decorator):
    """A moment in UTC. SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as UTC, which is all that SQLite would keep of it."""
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its time zone, in UTC whatever the session's zone is."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


escalations = Table(
    "escalations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(8), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("excerpt", Text),
    Column("conversation", Text),
    # A digest; cleared with the rest of what could lead back to a person.
    Column("message_key", String(64), unique=True),
    Column("status", String(8), nullable=False),
    Column("taken_by", Text),
    Column("resolution", Text),
    Column("resolved_at", UtcDateTime),
    CheckConstraint("status IN ('open', 'taken', 'resolved')", name="status"),
    CheckConstraint(f"length(excerpt) <= {EXCERPT_LENGTH}", name="excerpt"),
    CheckConstraint("(status = 'open') = (taken_by IS NULL)", name="taken_by"),
    CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_at"),
    Index("ix_escalations_status_created_at", "status", "created_at"),
    Index("ix_escalations_created_at", "created_at"),
    Index("ix_escalations_conversation", "conversation"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "reference",
        String(8),
        ForeignKey("escalations.reference"),
        nullable=False,
        unique=True,
    ),
    Column("status", String(7), nullable=False),
    Column("attempts", Integer, nullable=False),
    # While a worker sends, this is also when its lease ends.
    Column("next_attempt_at", UtcDateTime, nullable=False),
    # Which targets have it already, so that a retry does not send it to them again.
    Column("delivered", Text, nullable=False),
    Column("last_error", Text),
    Column("sent_at", UtcDateTime),
    CheckConstraint("status IN ('pending', 'sent', 'failed')", name="status"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    Index("ix_notifications_status_next_attempt_at", "status", "next_attempt_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("conversation", Text),
    Column("topic", Text, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("comment", Text),
    CheckConstraint(f"length(comment) <= {EXCERPT_LENGTH}", name="comment"),
    Index("ix_feedback_conversation", "conversation"),
    Index("ix_feedback_created_at", "created_at"),
    # Ids are handed out: one must not come back for somebody else after an erasure.
    sqlite_autoincrement=True,
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(8), nullable=False, unique=True),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("pending_sender", Text),
    Column("feedback_deleted", Integer, nullable=False),
    Column("excerpts_cleared", Integer, nullable=False),
    Column("events_deleted", Integer, nullable=False),
    # By what a restored back-up is searched for the conversation; cleared by retention.
    Column("tombstone", String(64)),
    CheckConstraint("(completed_at IS NULL) = (pending_sender IS NOT NULL)", name="pending_sender"),
    CheckConstraint("feedback_deleted >= 0", name="feedback_deleted"),
    CheckConstraint("excerpts_cleared >= 0", name="excerpts_cleared"),
    CheckConstraint("events_deleted >= 0", name="events_deleted"),
    Index("ix_erasures_pending_sender", "pending_sender"),
)

# A talk on a channel that keeps what is said. Of the website: while its row is there, its token
# opens it.
sessions = Table(
    "sessions",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    # Where replies are sent to, on a channel that sends them by itself: a chat's number.
    Column("address", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    # The number of the newest entry; 0 while nothing was said.
    Column("last_seq", Integer, nullable=False),
    # Whoever runs a turn of the session now, by a random name, and until when it is believed.
    Column("turn", String(32)),
    Column("turn_until", UtcDateTime),
    CheckConstraint("last_seq >= 0", name="last_seq"),
    CheckConstraint("(turn IS NULL) = (turn_until IS NULL)", name="turn"),
    Index("ix_sessions_created_at", "created_at"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "sender",
        String(64),
        ForeignKey("sessions.sender", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("seq", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # `user` or `bot`; a message and its reply share the message's id.
    Column("author", String(4), nullable=False),
    Column("message_id", String(64), nullable=False),
    # What is shown, as JSON.
    Column("body", Text, nullable=False),
    # Of messages: whether the reply is stored, and how often a turn was begun for it.
    Column("answered", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Of replies: the opinion on it.
    Column("feedback_id", Integer),
    UniqueConstraint("sender", "seq", name="uq_entries_seq"),
    UniqueConstraint("sender", "author", "message_id", name="uq_entries_message_id"),
    CheckConstraint("author IN ('user', 'bot')", name="author"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("ix_entries_answered", "answered"),
    Index("ix_entries_created_at", "created_at"),
)

# Replies that the channel sends by itself, one message after another.
deliveries = Table(
    "deliveries",
    metadata,
    Column("entry_id", Integer, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("sender", String(64), nullable=False),
    # Names the reply in its buttons.
    Column("key", String(32), nullable=False, unique=True),
    # Messages that arrived, by the numbers that they were given, as JSON.
    Column("arrived", Text, nullable=False),
    # The highest number known when the next message was sent, whose fate is not known yet.
    Column("sent_after", BigInteger),
    # Buttons of it that were tapped, as JSON.
    Column("tapped", Text, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    # Who sends it now, by a random name, and until when it is believed.
    Column("holder", String(32)),
    Column("held_until", UtcDateTime),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name="holder"),
    Index("ix_deliveries_done", "done"),
    Index("ix_deliveries_sender", "sender"),
)

# Updates that were taken, for as long as Telegram may bring them again.
telegram_updates = Table(
    "telegram_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("update_id >= 0", name="update_id"),
    Index("ix_telegram_updates_created_at", "created_at"),
)

# The conversations as Rasa keeps them; its names, so that its own store could read them.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    # Of a slot's event, the slot.
    Column("action_name", String(255)),
    # The event as JSON.
    Column("data", Text),
    Index("ix_events_sender_id_id", "sender_id", "id"),
    Index("ix_events_sender_id_type_name_id", "sender_id", "type_name", "id"),
    Index(
        "ix_events_sender_id_type_name_action_name_id",
        *("sender_id", "type_name", "action_name", "id"),
    ),
)


def is_ours(name: str | None, type_: str, _parents: object) -> bool:
    """Tell Alembic which tables to look at: ours only, whoever else shares the database."""
    return type_ != "table" or name in metadata.tables
