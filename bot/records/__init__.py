"""The records room: escalations, notifications, feedback, erasures, talks, redaction.

It knows nothing of Rasa and of the other rooms; all it needs comes by argument.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .erasures import Purged
from .errors import (
    AlreadyResolved,
    AlreadyTaken,
    ErasureIncomplete,
    InvalidTarget,
    InvalidUrl,
    InvalidValue,
    NewerTables,
    RecordsError,
    StorageError,
    Unanswered,
    UnknownFeedback,
    UnknownMessage,
    UnknownReference,
    UnknownSession,
    UnknownStatus,
    Unreachable,
)
from .events import Recent
from .models import Erasure, Escalation, Feedback, Notification
from .numbers import in_one_sequence
from .recorder import Recorder
from .redaction import Redactor, redact_patterns
from .references import conversation_reference, message_key, new_erasure
from .repository import Records
from .revision import is_current
from .spool import Spool, spool_at
from .spooled import Draft, EventRow, Waiting, Wish
from .talks import ClaimedTurn, Entry
from .telegram import PendingReply, Tap

if TYPE_CHECKING:
    from .migrate import current, downgrade, upgrade
    from .outbox import Delivery, Outbox
    from .targets import check_targets, split_targets
    from .worker import Worker

# Alembic and Apprise take a second to import, which a bot that only records need not pay.
_ON_DEMAND = {
    "Delivery": "outbox",
    "Outbox": "outbox",
    "Worker": "worker",
    "check_targets": "targets",
    "current": "migrate",
    "downgrade": "migrate",
    "split_targets": "targets",
    "upgrade": "migrate",
}

__all__ = [
    "AlreadyResolved",
    "AlreadyTaken",
    "ClaimedTurn",
    "Delivery",
    "Draft",
    "Entry",
    "Erasure",
    "ErasureIncomplete",
    "Escalation",
    "EventRow",
    "Feedback",
    "InvalidTarget",
    "InvalidUrl",
    "InvalidValue",
    "NewerTables",
    "Notification",
    "Outbox",
    "PendingReply",
    "Purged",
    "Recent",
    "Recorder",
    "Records",
    "RecordsError",
    "Redactor",
    "Spool",
    "StorageError",
    "Tap",
    "Unanswered",
    "UnknownFeedback",
    "UnknownMessage",
    "UnknownReference",
    "UnknownSession",
    "UnknownStatus",
    "Unreachable",
    "Waiting",
    "Wish",
    "Worker",
    "check_targets",
    "conversation_reference",
    "current",
    "downgrade",
    "in_one_sequence",
    "is_current",
    "message_key",
    "new_erasure",
    "redact_patterns",
    "split_targets",
    "spool_at",
    "upgrade",
]


def __getattr__(name: str) -> object:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ON_DEMAND[name]}", __name__), name)
