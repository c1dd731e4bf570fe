"""Escalations that the database does not take in time: kept in files, and stored when it does.

Who is in danger must not wait for a database. So a thread stores, and whoever asks waits for it a
moment at most; what is not stored by then is in a file before the reply goes out, and is tried
again until it is stored, also by the next process. Once a message, however often it is told.
"""

import json
import logging
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .escalations import Draft, EscalationRecords

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


@dataclass
class _Waiting:
    draft: Draft
    # Whether it was handed out as not stored yet: it has a file, if there can be one.
    late: bool = False
    stored: "Future[str]" = field(default_factory=Future)


class LateEscalations:
    """Stores escalations beside whoever asks for it.

    Args:
        records: the database.
        folder: of the files; made when needed. What another process left there is stored too.
        retry: seconds between two tries.
    """

    def __init__(
        self, records: EscalationRecords, folder: Path, *, retry: float = RETRY_SECONDS
    ) -> None:
        self._records = records
        self._folder = folder
        self._retry = retry
        self._waiting: dict[str, _Waiting] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        for draft in self._left():
            self._waiting[draft.message_key] = _Waiting(draft, late=True)
        if self._waiting:
            logger.warning("%d escalations wait for the database", len(self._waiting))
            self._start()

    def begin(self, draft: Draft) -> "Future[str]":
        """Begin to store an escalation; the future holds its reference once it is stored."""
        with self._changed:
            known = self._waiting.setdefault(draft.message_key, _Waiting(draft))
            self._changed.notify()
        self._start()
        return known.stored

    def defer(self, draft: Draft) -> None:
        """Put what is not stored yet into a file; harmless if it is stored."""
        with self._changed:
            waiting = self._waiting.get(draft.message_key)
            if waiting is None or waiting.late:
                return
            waiting.late = True
            try:
                self._write(waiting.draft)
            except OSError as failure:
                logger.error("An escalation is kept in memory only (%s)", failure.strerror)
        logger.warning("An escalation waits for the database")

    @property
    def waiting(self) -> int:
        """How many are not stored yet."""
        return len(self._waiting)

    def _start(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="late-escalations", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                waiting = list(self._waiting.values())
            # The newest first: somebody waits for its reference.
            failed = [one for one in reversed(waiting) if not self._store(one)]
            if failed:
                with self._changed:
                    self._changed.wait(self._retry)

    def _store(self, waiting: _Waiting) -> bool:
        try:
            reference = self._records.keep_escalation(waiting.draft)
        except Exception as failure:
            # Whatever it was, it is tried again; an error's words may quote a text.
            logger.debug("an escalation could not be stored yet (%s)", type(failure).__name__)
            return False
        with self._changed:
            del self._waiting[waiting.draft.message_key]
            if waiting.late:
                # A file that stays is stored again at the next start, which changes nothing.
                with suppress(OSError):
                    self._path(waiting.draft).unlink()
                logger.info("An escalation that waited is stored: %s", reference)
        waiting.stored.set_result(reference)
        return True

    def _path(self, draft: Draft) -> Path:
        return self._folder / f"{draft.message_key}.json"

    def _write(self, draft: Draft) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        values = {**vars(draft), "created_at": draft.created_at.isoformat()}
        whole = self._path(draft).with_suffix(".part")
        handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file)
        whole.replace(self._path(draft))

    def _left(self) -> list[Draft]:
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                found.append(_read(json.loads(path.read_text(encoding="utf-8"))))
            except (OSError, ValueError, TypeError, KeyError) as failure:
                logger.error("A file of %s cannot be read (%s)", path.parent.name, failure)
        return found


def _read(values: Mapping[str, Any]) -> Draft:
    draft = Draft(**values)
    return replace(draft, created_at=datetime.fromisoformat(values["created_at"]))
