"""The records room: one object for everything that the product remembers."""

from .depths import DepthRecords
from .erasures import ErasureRecords
from .errors import RecordsError
from .events import EventRecords
from .feedback import FeedbackRecords
from .notifications import NotificationRecords
from .telegram import TelegramRecords


class Records(
    FeedbackRecords,
    ErasureRecords,
    NotificationRecords,
    TelegramRecords,
    DepthRecords,
    EventRecords,
):
    """Escalations, notifications, feedback, erasures, talks and events, in one database.

    Each public method is one transaction. The tables come from `migrate.upgrade(url)`.
    Every failure is a `RecordsError`; `StorageError` may be raised by every method.
    Objects it returns are plain snapshots: changing them records nothing.
    """

    def catch_up(self, sender: str) -> None:
        """Record what the spool keeps of a sender: first the wish to be forgotten, if there is one,
        then what was said since.

        Raises:
            RecordsError: the database failed; what is left is tried again.
        """
        if self._spool is None:
            return
        for wish in self._spool.wishes(sender):
            self.fulfil(wish)
            self._spool.drop_wish(wish)
        self.replay_events(sender)

    def replay(self) -> None:
        """Record all that the spool keeps: escalations first, since a wish to be forgotten is
        about them too. One that is refused does not hold up the others.

        Raises:
            RecordsError: something failed, and is to be tried again.
        """
        if self._spool is None:
            return
        failure: RecordsError | None = None
        for record, what in (
            *((self.replay_escalation, draft.message_key) for draft in self._spool.escalations()),
            *((self.catch_up, sender) for sender in self._spool.senders()),
        ):
            try:
                record(what)
            except RecordsError as failed:
                # Whether it was this one alone, or all would fail.
                self.ping()
                failure = failed
        if failure is not None:
            raise failure
