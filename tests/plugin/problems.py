"""Says what is wrong with a conversation file, where, and what was expected there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from tests.plugin.marks import Mark, Marked

# Deeper keys say the same once more, in the words of the schema.
_CHOICES = {"anyOf", "oneOf", "not"}


def problems(marked: Marked, validator: Draft7Validator) -> list[str]:
    """Return a line for each problem, as `line:column: what is wrong; what was expected`."""
    found = [
        (mark.line, mark.column, words)
        for error in validator.iter_errors(marked.data)
        for mark, words in _told(error, marked)
    ]
    # The offset of a tap: the first reply has nothing before it.
    found += [(m.line, m.column, words) for m, words in _early_button(marked)]
    return [f"{line}:{column}: {words}" for line, column, words in sorted(set(found))]


def _told(error: ValidationError, marked: Marked) -> Iterator[tuple[Mark, str]]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown(error, marked, path)
        return
    where = f"`{_place(path)}`: " if path else ""
    if error.validator == "required":
        words = error.message
    elif error.validator in _CHOICES and isinstance(error.instance, dict):
        words = _choice(error)
    else:
        words = f"{_shown(error.instance)} cannot stand here"
    yield marked.at(path), f"{where}{words}; expected {_expected(error)}"


def _unknown(error: ValidationError, marked: Marked, path: tuple[Any, ...]) -> Any:
    known = sorted(error.schema["properties"])
    for key in error.instance:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            mark = marked.keys.get((*path, str(key)), marked.at(path))
            yield mark, f"the key `{key}` is unknown; expected one of {', '.join(known)}{hint}"


def _choice(error: ValidationError) -> str:
    if error.validator == "not":
        return "`channel` and `channels` cannot stand together"
    if error.validator == "oneOf":
        both = {"user", "button"} <= set(error.instance)
        return "`user` and `button` cannot stand together" if both else "nobody does anything"
    return "this mapping cannot stand here"


def _expected(error: ValidationError) -> str:
    """Return the schema's own words for what was expected, from the nearest place that has any."""
    while True:
        if isinstance(error.schema, dict) and "description" in error.schema:
            return str(error.schema["description"])
        if error.parent is None:
            return f"what the schema says of {error.validator}: {error.validator_value}"
        error = error.parent


def _early_button(marked: Marked) -> Iterator[tuple[Mark, str]]:
    data = marked.data
    turns = data.get("turns") if isinstance(data, dict) else None
    if isinstance(turns, list) and turns and isinstance(turns[0], dict) and "button" in turns[0]:
        words = "there is no button to tap yet; expected `user` in the first turn"
        yield marked.at(("turns", 0, "button")), words


def _place(path: tuple[Any, ...]) -> str:
    """Return a path as people count: turns from 1."""
    steps = [str(step + 1) if isinstance(step, int) else str(step) for step in path]
    return " ".join(steps).replace("turns ", "turn ")


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 60 else f"{words[:57]}…"
