"""The worker: delivers notifications, finishes erasures, enforces retention, until told to stop."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Protocol

from bot import metrics

from .erasures import retention_days
from .errors import RecordsError
from .outbox import Outbox
from .repository import Records

logger = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
PURGE_SECONDS = 3600.0
# A younger erasure's turn may still be running, and would save its tracker after us.
GRACE_SECONDS = 60.0


class Beat(Protocol):
    """What tells that the worker lives: a file's path, or the like."""

    def touch(self) -> None:
        """Tell it; raises OSError if that fails."""


class Worker:
    """Runs its duties in rounds; a duty that fails is logged and tried in the next round."""

    def __init__(
        self,
        records: Records,
        outbox: Outbox,
        keep_days: int,
        *,
        prepare: Callable[[], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        heartbeat: Beat | None = None,
    ) -> None:
        """Prepare the first round, which purges too; `heartbeat` is touched after every round.
        `prepare`, such as a migration, comes before all else until it has succeeded once.

        Raises:
            InvalidValue: the retention is no number of days to keep texts for.
        """
        self._records = records
        self._outbox = outbox
        self._retention_days = retention_days(keep_days)
        self._prepare = prepare
        self._monotonic = monotonic
        self._next_purge = monotonic()
        self._stopping = threading.Event()
        self._failing: set[str] = set()
        self._heartbeat = heartbeat
        # The erasure up to which the files are free of what was deleted; a new worker cannot know.
        self._compacted = 0
        self._purged = False

    def run(self, *, seconds: float = ROUND_SECONDS) -> None:
        """Work until stopped, waiting so many seconds between rounds."""
        logger.info("worker started; notifications: %s", self._outbox.describe())
        while not self._stopping.is_set():
            self.round()
            self._beat()
            self._stopping.wait(seconds)
        logger.info("worker stopped")

    def _beat(self) -> None:
        metrics.worker_round()
        if self._heartbeat is not None:
            try:
                self._heartbeat.touch()
            except OSError as failure:
                logger.warning("the heartbeat failed: %s", failure.strerror)

    def stop(self) -> None:
        """End `run` after what is being done at the moment."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT stop the worker; for the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def round(self) -> bool:
        """Do each duty once; return whether all of them succeeded."""
        self._duty("preparation", self._prepare_once)
        self._duty("delivery", self._deliver)
        self._duty("erasure", self._sweep)
        if self._monotonic() >= self._next_purge:
            self._duty("retention", self._purge)
        self._duty("compaction", self._compact)
        return not self._failing

    def _duty(self, name: str, duty: Callable[[], None]) -> None:
        try:
            duty()
        except Exception as failure:
            # Ours say what is wrong without quoting texts; of others, only the kind is safe.
            reason = str(failure) if isinstance(failure, RecordsError) else type(failure).__name__
            if name not in self._failing:
                logger.warning("%s failed, will be tried again: %s", name, reason)
            self._failing.add(name)
            metrics.duty(name, failed=True)
        else:
            if name in self._failing:
                logger.info("%s works again", name)
            self._failing.discard(name)
            metrics.duty(name, failed=False)

    def _prepare_once(self) -> None:
        if self._prepare is not None:
            self._prepare()
            self._prepare = None

    def _deliver(self) -> None:
        # One at a time, so that a stop does not wait for a long queue.
        while not self._stopping.is_set() and self._outbox.deliver_due(limit=1):
            pass

    def _sweep(self) -> None:
        pending = self._records.pending_erasures(older_than_seconds=GRACE_SECONDS)
        failure: RecordsError | None = None
        for sender in dict.fromkeys(erasure.pending_sender for erasure in pending):
            try:
                self._records.finish_erasure(str(sender))
            except RecordsError as unfinished:
                failure = unfinished
        if failure is not None:
            raise failure
        if pending:
            logger.info("%d pending erasures finished", len(pending))

    def _purge(self) -> None:
        purged = self._records.purge(self._retention_days)
        self._purged |= bool(purged)
        self._next_purge = self._monotonic() + PURGE_SECONDS
        logger.info("retention of %d days: %s", self._retention_days, purged)

    def _compact(self) -> None:
        """Leave nothing of what was deleted in the database's files."""
        erased = self._records.last_erasure()
        if (erased > self._compacted or self._purged) and self._records.compact():
            self._compacted, self._purged = max(erased, self._compacted), False

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
