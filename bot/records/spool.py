"""The spool: what could not be recorded while the database was down, on disk until it is.

Events lie in a folder for each conversation, a file for each turn; an escalation is a file. Names
are digests and numbers. A file appears whole or not at all, so that a kill at any moment loses or
halves nothing, and is readable for its owner only. What not even the disk takes is held in memory.
"""

import errno
import json
import logging
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import Any

from .references import message_digest

logger = logging.getLogger(__name__)

# Turns of all conversations that are held in memory if the disk fails too; the oldest go first.
MOST_HELD = 1000
APPEND_TRIES = 20
# Name of a file that is being written, and seconds after which nobody writes it any more.
DRAFT, DRAFT_SECONDS = ".draft", 60.0
_PRIVATE = ("excerpt", "conversation", "message_key")


@dataclass(frozen=True)
class EventRow:
    """An event of a conversation as it is stored; `data` is all of it, as JSON."""

    type_name: str
    timestamp: float | None
    intent_name: str | None
    action_name: str | None
    data: str


@dataclass(frozen=True)
class Batch:
    """The events of a turn, and the file that they are in, if they are in one."""

    sender: str
    at: float
    rows: tuple[EventRow, ...]
    path: Path | None = None


@dataclass(frozen=True)
class Waiting:
    """How much waits for the database."""

    conversations: int
    escalations: int


class Spool:
    """What waits for the database, in a folder that processes of one machine may share."""

    def __init__(self, folder: Path) -> None:
        self._events = folder / "events"
        self._escalations = folder / "escalations"
        self._held: OrderedDict[str, list[Batch]] = OrderedDict()
        self._lock = Lock()

    def keep_events(self, sender: str, rows: Sequence[EventRow]) -> None:
        """Keep the events of a turn; in memory only, and said so, if the disk fails."""
        batch = Batch(sender, _now(), tuple(rows))
        told = {"sender": sender, "at": batch.at, "rows": [asdict(row) for row in rows]}
        try:
            self._append(self._folder(sender), json.dumps(told))
        except OSError as failure:
            reason = failure.strerror or type(failure).__name__
            logger.error("DATA_DIR cannot be written (%s): a turn is kept in memory only", reason)
            self._hold(batch)

    def events(self, sender: str) -> list[Batch]:
        """Return what waits of a conversation, the oldest first."""
        found = [_read_batch(file) for file in _files(self._folder(sender))]
        with self._lock:
            held = list(self._held.get(sender, ()))
        return [*(batch for batch in found if batch is not None), *held]

    def has_events(self, sender: str) -> bool:
        """Tell whether something of a conversation waits."""
        return sender in self._held or self._folder(sender).is_dir()

    def drop_events(self, sender: str, batches: Sequence[Batch]) -> None:
        """Drop what is recorded now."""
        for batch in batches:
            if batch.path is not None:
                batch.path.unlink(missing_ok=True)
        with self._lock:
            left = [batch for batch in self._held.pop(sender, []) if batch not in batches]
            if left:
                self._held[sender] = left
        with suppress(OSError):
            # Not empty if a turn was added meanwhile.
            self._folder(sender).rmdir()

    def senders(self, limit: int | None = None) -> list[str]:
        """Return whose conversations wait, so many at most."""
        with self._lock:
            found = dict.fromkeys(self._held)
        for folder in _entries(self._events):
            if limit is not None and len(found) >= limit:
                break
            batch = next((b for b in map(_read_batch, _files(folder)) if b), None)
            if batch is not None:
                found[batch.sender] = None
        return list(found)[:limit]

    def keep_escalation(self, digest: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep an escalation, once for each message; return what is kept of it.

        Raises:
            OSError: the disk does not take it.
        """
        path = self._escalations / f"{digest}.json"
        with suppress(FileExistsError):
            _place(path, json.dumps(dict(values)))
        return self.escalation(digest) or dict(values)

    def escalation(self, digest: str) -> dict[str, Any] | None:
        """Return what is kept of a message's escalation, if it waits."""
        found: dict[str, Any] | None = _read(self._escalations / f"{digest}.json")
        return found

    def escalations(self, limit: int | None = None) -> list[str]:
        """Return the digests of escalations that wait, so many at most."""
        return [file.stem for file in _files(self._escalations)][:limit]

    def drop_escalation(self, digest: str) -> None:
        """Drop an escalation that is recorded now."""
        (self._escalations / f"{digest}.json").unlink(missing_ok=True)

    def forget_events(self, sender: str) -> None:
        """Delete what waits of a conversation."""
        with self._lock:
            self._held.pop(sender, None)
        shutil.rmtree(self._folder(sender), ignore_errors=True)

    def forget_escalations(self, conversation: str) -> None:
        """Clear what could lead back to a person; outcome, time and reference are kept."""
        self._drop_drafts()
        for file in _files(self._escalations):
            kept = _read(file)
            if kept is not None and kept.get("conversation") == conversation:
                _overwrite(file, kept | dict.fromkeys(_PRIVATE))

    def purge(self, limit: datetime) -> None:
        """Forget what is older than a moment, as retention does in the database."""
        self._drop_drafts()
        for folder in _entries(self._events):
            for file in _files(folder):
                batch = _read_batch(file)
                if batch is not None and batch.at < limit.timestamp():
                    file.unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()
        for file in _files(self._escalations):
            kept = _read(file)
            if kept is not None and datetime.fromisoformat(kept["created_at"]) < limit:
                _overwrite(file, kept | dict.fromkeys(_PRIVATE))
        with self._lock:
            for sender, batches in list(self._held.items()):
                self._held[sender] = [b for b in batches if b.at >= limit.timestamp()]
                if not self._held[sender]:
                    del self._held[sender]

    def waiting(self) -> Waiting:
        """Return how much waits."""
        with self._lock:
            held = {message_digest(sender) for sender in self._held}
        folders = {folder.name for folder in _entries(self._events)}
        return Waiting(len(held | folders), len(_files(self._escalations)))

    def _drop_drafts(self) -> None:
        """Delete what a process that was killed left half written."""
        long_ago = _now() - DRAFT_SECONDS
        for folder in (self._escalations, *_entries(self._events)):
            for file in _entries(folder):
                with suppress(OSError):
                    if file.suffix == DRAFT and file.stat().st_mtime < long_ago:
                        file.unlink()

    def _folder(self, sender: str) -> Path:
        return self._events / message_digest(sender)

    def _append(self, folder: Path, text: str) -> None:
        """Put a file behind the others of a folder."""
        for _ in range(APPEND_TRIES):
            last = max((int(file.stem) for file in _files(folder)), default=0)
            # Another process may be first, or drop the folder as it was empty: then once more.
            with suppress(FileExistsError, FileNotFoundError):
                _place(folder / f"{last + 1:08d}.json", text)
                return
        raise OSError(errno.EIO, "no file could be added")

    def _hold(self, batch: Batch) -> None:
        with self._lock:
            self._held.setdefault(batch.sender, []).append(batch)
            while sum(map(len, self._held.values())) > MOST_HELD:
                sender, batches = next(iter(self._held.items()))
                logger.error("A turn that was kept in memory is lost: there are too many")
                del batches[0]
                if not batches:
                    del self._held[sender]


def _now() -> float:
    return datetime.now(timezone.utc).timestamp()


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _files(folder: Path) -> list[Path]:
    """Return a folder's files in order, without those that are being written."""
    return [file for file in _entries(folder) if file.suffix == ".json"]


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Recorded or forgotten meanwhile.
        return None


def _read_batch(file: Path) -> Batch | None:
    told = _read(file)
    if told is None:
        return None
    rows = tuple(EventRow(**row) for row in told["rows"])
    return Batch(told["sender"], told["at"], rows, file)


def _place(path: Path, text: str) -> None:
    """Make a file whole and on the disk, or not at all.

    Raises:
        FileExistsError: there is such a file.
        OSError: the disk does not take it.
    """
    draft = _drafted(path.parent, text)
    try:
        os.link(draft, path)
    finally:
        Path(draft).unlink()


def _overwrite(path: Path, told: Mapping[str, Any]) -> None:
    Path(_drafted(path.parent, json.dumps(dict(told)))).replace(path)


def _make_private(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _drafted(folder: Path, text: str) -> str:
    _make_private(folder)
    # mkstemp's file is private (0600).
    handle, draft = tempfile.mkstemp(dir=folder, suffix=DRAFT)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    return draft
