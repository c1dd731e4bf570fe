"""The spool: what could not be recorded while the database was down, on disk until it is.

Events lie in a folder for each conversation, a file for each turn; an escalation is a file, and so
is a wish to be forgotten. Names are digests and numbers. What not even the disk takes is held in
memory.
"""

import logging
import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from threading import Lock

from . import files
from .references import message_digest
from .spooled import Batch, Draft, EventRow, Waiting, Wish, read_batch, read_draft, read_wish

logger = logging.getLogger(__name__)

# Turns of all conversations that are held in memory if the disk fails too; the oldest go first.
MOST_HELD = 1000


class Spool:
    """What waits for the database, in a folder that processes of one machine may share."""

    def __init__(self, folder: Path) -> None:
        self._events = folder / "events"
        self._escalations = folder / "escalations"
        self._erasures = folder / "erasures"
        self._held: OrderedDict[str, list[Batch]] = OrderedDict()
        self._held_drafts: dict[str, Draft] = {}
        self._held_wishes: list[Wish] = []
        self._lock = Lock()
        # Called when something is kept, so that it is recorded as soon as it can be.
        self.on_kept: Callable[[], None] = lambda: None

    def keep_events(self, sender: str, rows: Sequence[EventRow]) -> None:
        """Keep the events of a turn; in memory only, and said so, if the disk fails."""
        told = {"sender": sender, "rows": [asdict(row) for row in rows]}
        try:
            files.append(self._folder(sender), told)
        except OSError as failure:
            _tell("A turn", failure)
            self._hold(Batch(sender, tuple(rows)))
        self.on_kept()

    def events(self, sender: str) -> list[Batch]:
        """Return what waits of a conversation, the oldest first."""
        found = [read_batch(file) for file in files.whole(self._folder(sender))]
        with self._lock:
            held = list(self._held.get(sender, ()))
        return [*(batch for batch in found if batch is not None), *held]

    def has_events(self, sender: str) -> bool:
        """Tell whether something of a conversation waits."""
        return sender in self._held or bool(files.whole(self._folder(sender)))

    def drop_events(self, sender: str, batches: Sequence[Batch]) -> None:
        """Drop what is recorded now."""
        for batch in batches:
            if batch.path is not None:
                with suppress(OSError):
                    batch.path.unlink()
        with self._lock:
            left = [batch for batch in self._held.pop(sender, []) if batch not in batches]
            if left:
                self._held[sender] = left
        with suppress(OSError):
            # Not empty if a turn was added meanwhile.
            self._folder(sender).rmdir()

    def forget_events(self, sender: str) -> None:
        """Delete what waits of a conversation, damaged files and all."""
        with self._lock:
            self._held.pop(sender, None)
        shutil.rmtree(self._folder(sender), ignore_errors=True)

    def forget(self, sender: str, conversation: str) -> None:
        """Delete what waits of a conversation, and clear its escalations' excerpts."""
        self.forget_events(sender)
        self.forget_excerpts(conversation)

    def senders(self) -> list[str]:
        """Return whose events or wishes wait."""
        found = dict.fromkeys(wish.sender for wish in self.wishes())
        with self._lock:
            found |= dict.fromkeys(self._held)
        for folder in files.entries(self._events):
            batch = next((b for b in map(read_batch, files.whole(folder)) if b), None)
            if batch is not None:
                found[batch.sender] = None
        return list(found)

    def keep_escalation(self, draft: Draft) -> None:
        """Keep an escalation, once for each message; in memory only if the disk fails."""
        try:
            with suppress(FileExistsError):
                # A reply waits for this: a kill does not undo it, and that must do.
                files.place(self._file(draft.message_key), draft.told(), sync=False)
        except OSError as failure:
            _tell("An escalation", failure)
            with self._lock:
                self._held_drafts.setdefault(draft.message_key, draft)
        self.on_kept()

    def escalation(self, digest: str) -> Draft | None:
        """Return what is kept of a message's escalation, if it waits."""
        if digest in self._held_drafts:
            return self._held_drafts.get(digest)
        return read_draft(self._file(digest))

    def escalations(self) -> list[Draft]:
        """Return the escalations that wait."""
        found = [read_draft(file) for file in files.whole(self._escalations)]
        with self._lock:
            held = list(self._held_drafts.values())
        return [*(draft for draft in found if draft is not None), *held]

    def drop_escalation(self, digest: str) -> None:
        """Drop an escalation that is recorded now; a file that stays changes nothing."""
        with self._lock:
            self._held_drafts.pop(digest, None)
        with suppress(OSError):
            self._file(digest).unlink()

    def keep_wish(self, wish: Wish) -> None:
        """Keep a wish to be forgotten; in memory only if the disk fails."""
        try:
            with suppress(FileExistsError):
                files.place(self._wish_file(wish), wish.told())
        except OSError as failure:
            _tell("A wish to be forgotten", failure)
            with self._lock:
                self._held_wishes.append(wish)
        self.on_kept()

    def wishes(self, sender: str | None = None) -> list[Wish]:
        """Return the wishes to be forgotten that wait, of a sender or of all."""
        found = [read_wish(file) for file in files.whole(self._erasures)]
        with self._lock:
            wishes = [*(wish for wish in found if wish is not None), *self._held_wishes]
        return [wish for wish in wishes if sender in (None, wish.sender)]

    def drop_wish(self, wish: Wish) -> None:
        """Drop a wish that is fulfilled."""
        with self._lock:
            self._held_wishes = [held for held in self._held_wishes if held != wish]
        with suppress(OSError):
            self._wish_file(wish).unlink()

    def forget_excerpts(self, conversation: str) -> None:
        """Clear the excerpts of a conversation's escalations; the rest is cleared when it is
        recorded, for until then it tells one message from another."""
        for draft in self.escalations():
            if draft.conversation != conversation or draft.excerpt is None:
                continue
            cleared = replace(draft, excerpt=None)
            with self._lock:
                if draft.message_key in self._held_drafts:
                    self._held_drafts[draft.message_key] = cleared
                    continue
            try:
                files.replace(self._file(draft.message_key), cleared.told())
            except OSError as failure:
                logger.error("An excerpt stays until it is recorded (%s)", failure.strerror)

    def waiting(self) -> Waiting:
        """Return how much waits."""
        with self._lock:
            talks = {message_digest(sender) for sender in self._held}
            drafts, wishes = len(self._held_drafts), len(self._held_wishes)
        talks |= {f.name for f in files.entries(self._events) if files.whole(f)}
        return Waiting(
            conversations=len(talks),
            escalations=len(files.whole(self._escalations)) + drafts,
            erasures=len(files.whole(self._erasures)) + wishes,
        )

    def _folder(self, sender: str) -> Path:
        return self._events / message_digest(sender)

    def _file(self, digest: str) -> Path:
        return self._escalations / f"{digest}{files.WHOLE}"

    def _wish_file(self, wish: Wish) -> Path:
        return self._erasures / f"{message_digest(f'{wish.sender} {wish.reference}')}{files.WHOLE}"

    def _hold(self, batch: Batch) -> None:
        with self._lock:
            self._held.setdefault(batch.sender, []).append(batch)
            while sum(map(len, self._held.values())) > MOST_HELD:
                sender, batches = next(iter(self._held.items()))
                logger.error("A turn that was kept in memory is lost: there are too many")
                del batches[0]
                if not batches:
                    del self._held[sender]


@cache
def spool_at(folder: Path) -> Spool:
    """Return the process's spool of a folder: what it holds in memory is held once."""
    return Spool(folder)


def _tell(what: str, failure: OSError) -> None:
    reason = failure.strerror or type(failure).__name__
    logger.error("%s is kept in memory only: DATA_DIR cannot be written (%s)", what, reason)
