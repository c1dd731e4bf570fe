"""Faults in the content: entries as they stand in its files, and edits of them."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutation.bench import Bench
from benchmarks.mutation.mutant import Mutant, RefusedError, diff
from bot.content.loader import ENGLISH
from bot.content.strict_yaml import parse

ANSWER_CHECKS = (
    "tests/content/test_claims_made.py",
    "tests/content/test_doubt.py",
    "tests/content/test_button_wording.py",
    "tests/content/test_answers.py",
    "tests/content/test_wording.py",
    "tests/reply/test_compose.py",
)
MESSAGE_CHECKS = (
    "tests/content/test_professionals.py",
    "tests/content/test_messages.py",
    "tests/content/test_telegram.py",
    "tests/content/test_answers.py",
    "tests/content/test_wording.py",
    "tests/reply/test_urgent.py",
    "tests/reply/test_compose.py",
)
CONTACT_CHECKS = (
    "tests/content/test_contact_numbers.py",
    "tests/content/test_contacts.py",
    *MESSAGE_CHECKS,
)
DROPPED: Any = object()


@dataclass(frozen=True)
class Place:
    """An entry of a content file: `keys` lead to it from the file's top level."""

    file: str
    keys: tuple[str | int, ...]
    data: dict[str, Any]

    @property
    def id(self) -> str:
        """The entry's topic or id."""
        return str(self.data.get("topic") if self.file.startswith("answers/") else self.data["id"])

    def edit(self, field: str, value: Any) -> Edit:
        """Return the edit that gives a field another value; a list without members goes."""
        return Edit(self.file, (*self.keys, field), value)

    def drop(self) -> Edit:
        """Return the edit that takes the whole entry away."""
        return Edit(self.file, self.keys, DROPPED)

    def shown(self, field: str, value: Any) -> str:
        """Return the diff of one field."""
        return diff(f"{self.file}: {self.id}: {field}", self.data.get(field), value)

    @property
    def about(self) -> tuple[str, ...]:
        """Marks of the conversations that show it."""
        if self.file.startswith("answers/"):
            return (f"topic:{self.id}",)
        found = (f"outcome:{self.data['outcome']}",) if "outcome" in self.data else ()
        return (*found, f"topic:{self.data['topic']}") if self.data.get("topic") else found


@dataclass(frozen=True)
class Edit:
    """Another value (or `DROPPED`) at the end of `keys` in a file."""

    file: str
    keys: tuple[str | int, ...]
    value: Any

    def make(self, document: Any) -> None:
        """Edit the parsed document in place."""
        *way, last = self.keys
        for key in way:
            document = document[key]
        if self.value is DROPPED:
            del document[last]
        else:
            document[last] = self.value


@dataclass(frozen=True)
class ContentChange:
    """Edits of content files: the bot and the tests of this process read the edited copy."""

    edits: tuple[Edit, ...]

    def apply(self, bench: Bench) -> None:
        """Copy the content, edit the copy, and make it the default."""
        from bot.content import loader

        folder = Path(shutil.copytree(ENGLISH, bench.folder / "en"))
        for file in dict.fromkeys(edit.file for edit in self.edits):
            document = copy.deepcopy(documents()[file])
            for edit in self.edits:
                if edit.file == file:
                    edit.make(document)
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
            (folder / file).write_text(text, encoding="utf-8")
        loader.ENGLISH = folder
        loader.load_content.__defaults__ = (folder,)
        # The child has the content of its parent in memory.
        loader._english.cache_clear()
        try:
            loader.load_content()
        except loader.ContentError as error:
            raise RefusedError(str(error)) from error


@lru_cache(maxsize=1)
def documents() -> dict[str, Any]:
    """Return every content file as parsed, by its name under the content folder."""
    return {
        path.relative_to(ENGLISH).as_posix(): parse(path.read_text(encoding="utf-8"))
        for path in sorted(ENGLISH.rglob("*.yml"))
    }


def answers() -> list[Place]:
    """Return the answers."""
    return [
        Place(file, (), data) for file, data in documents().items() if file.startswith("answers/")
    ]


def entries(kind: str) -> Iterator[Place]:
    """Yield the entries of a kind (`messages`, `contacts` …), in the order of the files."""
    for file, document in documents().items():
        for number, data in enumerate(() if "topic" in document else document.get(kind, ())):
            yield Place(file, (kind, number), data)


def mutant(place: Place, field: str, value: Any, note: str, checks: tuple[str, ...]) -> Mutant:
    """Return the mutant that gives one field another value."""
    name = f"{place.id}.{field}{f' {note}' if note else ''}"
    change = ContentChange((place.edit(field, value),))
    return Mutant(name, place.shown(field, value), change, place.about, checks)


def swap(one: Place, other: Place, field: str, checks: tuple[str, ...]) -> Mutant:
    """Return the mutant that swaps a field of two entries."""
    first, second = one.data[field], other.data[field]
    shown = "\n".join([one.shown(field, second), other.shown(field, first)])
    change = ContentChange((one.edit(field, second), other.edit(field, first)))
    name = f"{one.id}.{field} <-> {other.id}.{field}"
    return Mutant(name, shown, change, (*one.about, *other.about), checks)
