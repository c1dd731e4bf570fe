"""The conversation format: `load` reads a file of tests/conversations. Keys: docs/testing.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema import Draft7Validator

from tests.plugin.marks import Marked, ParseError, parse
from tests.plugin.problems import problems

FOLDER = Path(__file__).parents[1] / "conversations"
PATTERN = "user_*.yml"
CHANNELS = ("inprocess", "rest", "website", "telegram")
_SCHEMA = Path(__file__).with_name("conversation.schema.json")
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
# Keys of a turn that are no checks of its reply.
SAID = frozenset({"user", "button", "given", "pause"})


class FormatError(ValueError):
    """A file is no conversation; a line for each problem: file, line, column, what was expected."""


@dataclass(frozen=True)
class Turn:
    """What the user does, and what the bot must do then.

    `words` are the paraphrases of what the user writes (none if `button` is tapped), `pause` the
    minutes that pass before, `checks` what the file expects, by key.
    """

    number: int
    line: int
    words: tuple[str, ...]
    button: str | None
    given: tuple[str, ...]
    pause: int
    checks: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        """The expected outcome."""
        return str(self.checks["outcome"])

    @property
    def topic(self) -> str | None:
        """The expected topic; None also if the file says nothing of it."""
        topic: str | None = self.checks.get("topic")
        return topic

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of `contains` or `lacks`."""
        found = self.checks.get(key, ())
        return (found,) if isinstance(found, str) else tuple(found)


@dataclass(frozen=True)
class Variant:
    """A conversation with one paraphrase chosen in each turn; None where a button is tapped."""

    conversation: Conversation
    name: str
    words: tuple[str | None, ...]


@dataclass(frozen=True)
class Conversation:
    """One file; `about` is what it shows."""

    path: Path
    about: str
    turns: tuple[Turn, ...]
    tags: tuple[str, ...] = ()
    channels: tuple[str, ...] = CHANNELS
    returning: bool = False
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The file's path below tests/conversations (its name if it lies elsewhere)."""
        inside = self.path.is_relative_to(FOLDER)
        return self.path.relative_to(FOLDER).as_posix() if inside else self.path.name

    def variants(self) -> Iterator[Variant]:
        """Yield the conversation as written first, then once more for each further paraphrase."""
        first = tuple(turn.words[0] if turn.words else None for turn in self.turns)
        yield Variant(self, "as_written", first)
        for place, turn in enumerate(self.turns):
            for number, words in enumerate(turn.words[1:], start=2):
                name = f"turn_{turn.number}_paraphrase_{number}"
                yield Variant(self, name, (*first[:place], words, *first[place + 1 :]))


def files(folder: Path = FOLDER) -> list[Path]:
    """Return the conversation files below a folder, in order."""
    return sorted(folder.rglob(PATTERN))


def load(path: Path) -> Conversation:
    """Return the conversation of a file.

    Raises:
        FormatError: it is none; names file, line, column and what was expected, for each problem.
        OSError: the file cannot be read.
    """
    try:
        marked = parse(path.read_text(encoding="utf-8"))
    except ParseError as error:
        raise FormatError(f"{path}:{error.mark.line}:{error.mark.column}: {error}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}:1:1: this is no UTF-8 text") from error
    found = problems(marked, _validator())
    if found:
        raise FormatError("\n".join(f"{path}:{problem}" for problem in found))
    return _built(path, marked)


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the JSON Schema of a conversation file (draft 7)."""
    loaded: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return MappingProxyType(loaded)


@lru_cache(maxsize=1)
def _validator() -> Draft7Validator:
    return Draft7Validator(dict(schema()))


def _built(path: Path, marked: Marked) -> Conversation:
    data = marked.data
    turns = tuple(
        _turn(number, marked.at(("turns", number - 1)).line, turn)
        for number, turn in enumerate(data["turns"], start=1)
    )
    channels = [data["channel"]] if "channel" in data else data.get("channels", CHANNELS)
    return Conversation(
        path=path,
        about=data["conversation"].strip(),
        turns=turns,
        tags=tuple(data.get("tags", ())),
        channels=tuple(channels),
        returning=data.get("returning", False),
        source=data,
    )


def _turn(number: int, line: int, turn: Mapping[str, Any]) -> Turn:
    checks = {key: value for key, value in turn.items() if key not in SAID}
    return Turn(
        number=number,
        line=line,
        words=_listed(turn.get("user")),
        button=turn.get("button"),
        given=_listed(turn.get("given")),
        pause=_minutes(turn.get("pause", "")),
        checks=MappingProxyType(checks),
    )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _minutes(pause: str) -> int:
    found = re.fullmatch(r"(\d+) (minute|hour|day)s?", pause)
    return int(found[1]) * _MINUTES[found[2]] if found else 0
