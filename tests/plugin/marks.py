"""Parses YAML and remembers where each value stands, so that an error can name its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[Any, ...]
HINT = 'a text with a colon, or in brackets with a comma or a "?", stands in quotes'


@dataclass(frozen=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


class ParseError(ValueError):
    """A text is not the YAML it should be; `mark` is where."""

    def __init__(self, problem: str, mark: Mark) -> None:
        super().__init__(problem)
        self.mark = mark


@dataclass(frozen=True)
class Marked:
    """What a YAML text holds, the place of each value, and the place of each key."""

    data: Any
    values: Mapping[Path, Mark]
    keys: Mapping[Path, Mark]

    def at(self, path: Path) -> Mark:
        """Where the value at a path stands, or the nearest one around it."""
        while path not in self.values:
            path = path[:-1]
        return self.values[path]


def parse(text: str) -> Marked:
    """Return what a text holds, with its places.

    Raises:
        ParseError: it is no YAML, is empty, or gives a key twice.
    """
    values: dict[Path, Mark] = {}
    keys: dict[Path, Mark] = {}
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        if node is None:
            raise ParseError("the file is empty", Mark(1, 1))
        _walk(node, (), values, keys)
        return Marked(yaml.safe_load(text), values, keys)
    except yaml.MarkedYAMLError as error:
        found = error.problem_mark or error.context_mark
        mark = _mark(found) if found else Mark(1, 1)
        raise ParseError(f"this is no YAML: {error.problem}; {HINT}", mark) from error
    except yaml.YAMLError as error:
        raise ParseError(f"this is no YAML: {error}", Mark(1, 1)) from error


def _mark(mark: yaml.Mark) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _walk(node: yaml.Node, path: Path, values: dict[Path, Mark], keys: dict[Path, Mark]) -> None:
    values[path] = _mark(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            _walk(child, (*path, number), values, keys)
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            inner = (*path, key.value)
            if inner in keys:
                raise ParseError(f"the key {key.value!r} stands twice", _mark(key.start_mark))
            keys[inner] = _mark(key.start_mark)
            _walk(child, inner, values, keys)
