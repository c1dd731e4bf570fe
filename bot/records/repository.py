"""The records room: one object for everything that the product remembers."""

from .erasures import ErasureRecords
from .escalations import EscalationRecords
from .events import EventRecords
from .feedback import FeedbackRecords
from .notifications import NotificationRecords
from .telegram import TelegramRecords


class Records(
    EscalationRecords,
    FeedbackRecords,
    ErasureRecords,
    NotificationRecords,
    TelegramRecords,
    EventRecords,
):
    """Escalations, notifications, feedback, erasures, talks and events, in one database.

    Each public method is one transaction. The tables come from `migrate.upgrade(url)`.
    Every failure is a `RecordsError`; `StorageError` may be raised by every method.
    Objects it returns are plain snapshots: changing them records nothing.
    """

    def replay(self, limit: int | None = None) -> int:
        """Record what the spool keeps, so many conversations and escalations at most; return how
        many that were.

        Raises:
            StorageError: the database failed; what is left is tried again.
        """
        if self._spool is None:
            return 0
        senders = self._spool.senders(limit)
        for sender in senders:
            self.replay_events(sender)
        return len(senders) + self.replay_escalations(limit)
