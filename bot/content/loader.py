"""Loads the content files and refuses them as a whole if anything in them is wrong.

A writer who made three mistakes is told of all three at once, each on a line that names the
file, the entry, the field and what was expected there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot.content.checks import check_entries
from bot.content.model import (
    Answer,
    Claim,
    Contact,
    Content,
    Disclaimer,
    Message,
    Passage,
    Referral,
)
from bot.content.reading import Entry, read_entries

ENGLISH = Path(__file__).with_name("en")
Record = TypeVar("Record")


class ContentError(ValueError):
    """The content files are not sound; the message has one line for each problem."""


def load_content(directory: Path = ENGLISH) -> Content:
    """Return all content of a directory; of the bot's own, what the first call of a process read.

    Raises:
        ContentError: a file cannot be read, or something in the files is wrong.
    """
    return _english() if directory == ENGLISH else _load(directory)


@cache
def _english() -> Content:
    return _load(ENGLISH)


def _load(directory: Path) -> Content:
    try:
        reading = read_entries(directory)
    except OSError as error:
        message = f"{directory.name}: whole directory: files: expected readable files; {error}"
        raise ContentError(message) from error
    problems = [*reading.unreadable, *reading.violations]
    # Beside a file that cannot be read, everything that refers to it would look wrong as well.
    if not reading.unreadable:
        problems += check_entries(reading.entries)
    if problems:
        raise ContentError("\n".join(problems))
    return _build(reading.entries)


def _build(entries: Sequence[Entry]) -> Content:
    def built(kind: str, make: Callable[[dict[str, Any]], Record]) -> dict[str, Record]:
        return {entry.id: make(entry.data) for entry in entries if entry.kind == kind}

    return Content(
        answers=built("answer", _answer),
        claims=built("claim", _claim),
        disclaimers=built("disclaimer", _disclaimer),
        referrals=built("referral", _referral),
        contacts=built("contact", _contact),
        messages=built("message", _message),
        labels=built("label", lambda data: str(data["text"])),
        commands=built("command", lambda data: str(data["text"])),
    )


def reflow(text: str) -> str:
    """Return a text with the line breaks of its file undone.

    Files wrap long lines; people should get one line a paragraph. Blank lines and the starts of
    list lines ('- ') are breaks that the writer meant.
    """
    lines: list[str] = []
    for line in (raw.strip() for raw in text.strip().splitlines()):
        if lines and line and lines[-1] and not line.startswith("- "):
            lines[-1] += f" {line}"
        elif line or lines[-1]:
            lines.append(line)
    return "\n".join(lines)


def _answer(data: dict[str, Any]) -> Answer:
    return Answer(
        topic=data["topic"],
        title=data["title"],
        question=data["question"],
        text=reflow(data["text"]),
        more=reflow(data["more"]),
        claims=tuple(data["claims"]),
        disclaimers=tuple(data["disclaimers"]),
        suggestions=tuple(data["suggestions"]),
    )


def _claim(data: dict[str, Any]) -> Claim:
    passages = tuple(Passage(**passage) for passage in data["passages"])
    return Claim(id=data["id"], text=reflow(data["text"]), passages=passages)


def _disclaimer(data: dict[str, Any]) -> Disclaimer:
    return Disclaimer(id=data["id"], full=reflow(data["full"]), short=reflow(data["short"]))


def _referral(data: dict[str, Any]) -> Referral:
    return Referral(id=data["id"], name=reflow(data["name"]), help=reflow(data["help"]))


def _contact(data: dict[str, Any]) -> Contact:
    return Contact(
        id=data["id"],
        kind=data["kind"],
        regions=tuple(data["regions"]),
        name=reflow(data["name"]),
        phone=data.get("phone"),
        url=data.get("url"),
        text=reflow(data["text"]),
    )


def _message(data: dict[str, Any]) -> Message:
    return Message(
        id=data["id"],
        outcome=data["outcome"],
        topic=data.get("topic"),
        text=reflow(data["text"]),
        referrals=tuple(data.get("referrals", ())),
        contacts=tuple(data.get("contacts", ())),
        suggestions=tuple(data.get("suggestions", ())),
    )
