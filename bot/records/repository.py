"""The records room: one object for everything that the product remembers."""

from .depths import DepthRecords
from .erasures import ErasureRecords
from .escalations import EscalationRecords
from .feedback import FeedbackRecords
from .notifications import NotificationRecords
from .telegram import TelegramRecords


class Records(
    EscalationRecords,
    FeedbackRecords,
    ErasureRecords,
    NotificationRecords,
    TelegramRecords,
    DepthRecords,
):
    """Escalations, notifications, feedback, erasures and talks, in one database.

    Each public method is one transaction. The tables come from `migrate.upgrade(url)`.
    Every failure is a `RecordsError`; `StorageError` may be raised by every method.
    Objects it returns are plain snapshots: changing them records nothing.
    """
