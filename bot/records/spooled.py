"""What waits in the spool, and how it is read from its files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from . import files

Found = TypeVar("Found")


@dataclass(frozen=True)
class Draft:
    """An escalation that is not stored yet: redacted, and without the names of anybody.

    `message_key` is the digest of the message's key.
    """

    created_at: datetime
    outcome: str
    channel: str
    conversation: str | None
    message_key: str
    excerpt: str | None

    def told(self) -> dict[str, Any]:
        """Return what stands in its file."""
        return {**vars(self), "created_at": self.created_at.isoformat()}


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
    rows: tuple[EventRow, ...]
    path: Path | None = None


@dataclass(frozen=True)
class Wish:
    """A "forget me": of whom, when, and the reference of its receipt."""

    sender: str
    conversation: str
    reference: str
    at: datetime

    def told(self) -> dict[str, Any]:
        """Return what stands in its file."""
        return {**vars(self), "at": self.at.isoformat()}


@dataclass(frozen=True)
class Waiting:
    """How much waits for the database."""

    conversations: int
    escalations: int
    erasures: int

    def __bool__(self) -> bool:
        return bool(self.conversations or self.escalations or self.erasures)


def read_batch(file: Path) -> Batch | None:
    """Return the events of a turn."""

    def made(told: dict[str, Any]) -> Batch:
        return Batch(told["sender"], tuple(EventRow(**row) for row in told["rows"]), file)

    return _made(file, made)


def read_draft(file: Path) -> Draft | None:
    """Return an escalation."""

    def made(told: dict[str, Any]) -> Draft:
        return Draft(**told | {"created_at": datetime.fromisoformat(told["created_at"])})

    return _made(file, made)


def read_wish(file: Path) -> Wish | None:
    """Return a wish to be forgotten."""

    def made(told: dict[str, Any]) -> Wish:
        return Wish(**told | {"at": datetime.fromisoformat(told["at"])})

    return _made(file, made)


def _made(file: Path, make: Callable[[dict[str, Any]], Found]) -> Found | None:
    """Return what a file is read as; None if it is gone, or damaged and set aside."""
    told = files.read(file)
    if told is None:
        return None
    try:
        return make(told)
    except (KeyError, TypeError, ValueError):
        files.set_aside(file)
        return None
