"""Reads the content files: YAML in, entries checked against `schema.json` out.

A file under `answers/` is one answer. Any other file holds lists of entries under the names of
their kinds (`claims:`, `messages:` ...), so that a long file can be split without a change here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bot.content.strict_yaml import parse

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_bytes())
KINDS = {
    "claims": "claim",
    "no_fact": "no_fact",
    "disclaimers": "disclaimer",
    "referrals": "referral",
    "contacts": "contact",
    "messages": "message",
    "labels": "label",
    "commands": "command",
}
KIND_NAMES = ", ".join(KINDS)
# Built once: building a validator costs more than using it.
VALIDATORS = {
    kind: Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{kind}"})
    for kind in ("answer", *KINDS.values())
}


@dataclass(frozen=True)
class Entry:
    """One entry of a content file, as it was written; only `problems` tell whether it is sound."""

    kind: str
    file: str
    id: str
    data: dict[str, Any]

    def problem(self, field: str, expected: str) -> str:
        """Return the line that tells a writer where something is wrong, and what was expected."""
        return f"{self.file}: {self.id}: {field}: {expected}"


@dataclass(frozen=True)
class Reading:
    """The entries of a directory, the files that could not be read, and broken schema rules."""

    entries: list[Entry]
    unreadable: list[str]
    violations: list[str]


def read_entries(directory: Path) -> Reading:
    """Return what all content files of a directory hold, with the problems found in them.

    Raises:
        OSError: a file cannot be read.
    """
    entries: list[Entry] = []
    unreadable: list[str] = []
    for path in sorted(directory.rglob("*.yml")):
        file = path.relative_to(directory).as_posix()
        try:
            document = parse(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            where, what = _line_of(error), _what(error)
            unreadable.append(f"{file}: {where}: YAML: expected valid YAML; {what}")
            continue
        found, wrong = _entries_of(file, document)
        entries += found
        unreadable += wrong
    violations = [line for entry in entries for line in _violations(entry)]
    return Reading(entries, unreadable, violations)


def _line_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "whole file"


def _what(error: Exception) -> str:
    return " ".join(str(getattr(error, "problem", None) or error).split())


def _entries_of(file: str, document: object) -> tuple[list[Entry], list[str]]:
    if not isinstance(document, dict):
        return [], [f"{file}: whole file: top level: expected keys with values"]
    if file.startswith("answers/"):
        topic = str(document.get("topic", Path(file).stem))
        return [Entry("answer", file, topic, document)], []
    entries: list[Entry] = []
    problems: list[str] = []
    for key, listed in document.items():
        if key not in KINDS:
            problems.append(f"{file}: whole file: {key}: expected one of {KIND_NAMES}")
        elif not isinstance(listed, list):
            problems.append(f"{file}: whole file: {key}: expected a list of entries")
        else:
            entries += [_entry(KINDS[key], file, *item) for item in enumerate(listed, start=1)]
    return entries, problems


def _entry(kind: str, file: str, number: int, item: object) -> Entry:
    data = item if isinstance(item, dict) else {}
    name = data.get("id") or f"{kind} {number}"
    return Entry(kind, file, str(name), data)


def _violations(entry: Entry) -> Iterator[str]:
    for error in VALIDATORS[entry.kind].iter_errors(entry.data):
        rule: Any = error.schema
        for field in _fields_of(error):
            yield entry.problem(field, f"{error.message}; expected {rule['description']}")


def _fields_of(error: ValidationError) -> list[str]:
    """Return the field (or fields) an error is about, also where it is about their absence."""
    where = ".".join(str(step) for step in error.absolute_path)
    validator = str(error.validator)
    if validator == "required":
        names = [error.message.split("'")[1]]
    elif validator == "additionalProperties":
        rule: Any = error.schema
        given: Any = error.instance
        names = [str(name) for name in given if name not in rule["properties"]]
    else:
        return [where]
    return [f"{where}.{name}" if where else name for name in names]
