"""Records beside whoever asks for it, and what the spool keeps as soon as the database takes it.

Who is in danger must not wait for a database. So a thread stores, and whoever asks waits for it a
moment at most; what is not stored by then is in the spool before the reply goes out, and is tried
again until it is stored, also by the next process. Once a message, however often it is told.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from bot import metrics

from .repository import Records
from .spool import Spool
from .spooled import Draft

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


@dataclass
class _Waiting:
    draft: Draft
    stored: "Future[str]" = field(default_factory=Future)


class Recorder:
    """Stores escalations beside whoever asks for it, and whatever a spool keeps.

    Args:
        records: the database; it is told of the spool.
        spool: what another process left there is stored too.
        retry: seconds between two tries.
    """

    def __init__(self, records: Records, spool: Spool, *, retry: float = RETRY_SECONDS) -> None:
        self._records = records
        self._spool = spool
        self._retry = retry
        self._waiting: dict[str, _Waiting] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._kept = True
        records.attach(spool)
        spool.on_kept = self._look
        waiting = spool.waiting()
        metrics.spooled(vars(waiting))
        if waiting:
            logger.warning("What the database did not take waits for it: %s", waiting)
            self._start()

    def begin(self, draft: Draft) -> "Future[str]":
        """Begin to store an escalation; the future holds its reference once it is stored."""
        with self._changed:
            known = self._waiting.setdefault(draft.message_key, _Waiting(draft))
            self._changed.notify()
        self._start()
        return known.stored

    def defer(self, draft: Draft) -> None:
        """Put what is not stored yet into the spool; harmless if it is stored."""
        with self._changed:
            if draft.message_key not in self._waiting:
                return
            # Inside the lock: whoever has stored it by then drops it from the spool afterwards.
            self._spool.keep_escalation(draft)
        logger.warning("An escalation waits for the database")

    @property
    def waiting(self) -> int:
        """How many escalations of this process are not stored yet."""
        return len(self._waiting)

    def _look(self) -> None:
        with self._changed:
            self._kept = True
            self._changed.notify()
        self._start()

    def _start(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._kept):
                    self._changed.wait()
                waiting, self._kept = list(self._waiting.values()), False
            # The newest first: somebody waits for its reference.
            stored = [self._tried(partial(self._store, one)) for one in reversed(waiting)]
            replayed = self._tried(self._replay)
            if not (replayed and all(stored)):
                with self._changed:
                    self._kept = True
                    self._changed.wait(self._retry)

    def _tried(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception as failure:
            # Whatever it was, it is tried again; an error's words may quote a text.
            logger.debug("something could not be recorded yet (%s)", type(failure).__name__)
            return False
        return True

    def _store(self, waiting: _Waiting) -> None:
        reference = self._records.keep_escalation(waiting.draft)
        with self._changed:
            del self._waiting[waiting.draft.message_key]
            self._spool.drop_escalation(waiting.draft.message_key)
        waiting.stored.set_result(reference)

    def _replay(self) -> None:
        try:
            before = self._spool.waiting()
            if before:
                self._records.replay()
                logger.info("What waited for the database is recorded: %s", before)
        finally:
            metrics.spooled(vars(self._spool.waiting()))
