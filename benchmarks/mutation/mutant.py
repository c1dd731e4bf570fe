"""What a mutant is: one small fault of the bot, and how to bring it about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import yaml

from benchmarks.mutation.bench import Bench


class RefusedError(Exception):
    """The bot would not start with this fault; the message is what a maintainer would read."""


class Change(Protocol):
    """A fault, ready to be brought about in a process of its own."""

    def apply(self, bench: Bench) -> None:
        """Change the bot of this process.

        Raises:
            RefusedError: loading or training refuses what was changed.
        """


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        name: what it is done to; with the operator's name it is the mutant's own.
        diff: the fault as a reviewer would see it.
        change: brings it about.
        about: marks of the conversations that probably pass there (`topic:pain`); they run first.
        checks: files of cheap tests that read what was changed; they run before conversations.
        unit_last: whether the cheap tests run after the conversations instead.
        operator: filled in by the operator.
    """

    name: str
    diff: str
    change: Change
    about: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    unit_last: bool = False
    operator: str = ""

    @property
    def id(self) -> str:
        """Operator and name."""
        return f"{self.operator}: {self.name}"


@dataclass(frozen=True)
class Operator:
    """A kind of fault, with all the places in the repository where it can be made."""

    name: str
    description: str
    find: Callable[[], Iterable[Mutant]]

    def mutants(self) -> list[Mutant]:
        """Return the mutants, always the same for the same files.

        Raises:
            ValueError: two of them have one name.
        """
        found = [replace(mutant, operator=self.name) for mutant in self.find()]
        names = [mutant.name for mutant in found]
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"{self.name}: two mutants have one name: {twice}")
        return found


def diff(place: str, before: object, after: object) -> str:
    """Return the lines that differ, under the place where they stand; a text by its sentences."""
    lines = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0)
    changed = [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]
    return "\n".join([place, *changed])


def _lines(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [line for line in re.split(r"\n|(?<=[.?!:]) +", value.rstrip()) if line.strip()]
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100).splitlines()
