"""Faults in the code: a changed source, put into the functions and constants that are loaded.

Other modules hold on to a module's functions and classes by name, so a second copy of the module
would change nothing for them. Instead, each function keeps its identity and gets the code of its
namesake; a constant is replaced wherever a module holds it.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.mutation.bench import Bench
from bot.settings import ROOT

_OURS = ("bot", "actions", "tests")


@cache
def source(path: str) -> str:
    """Return a source file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def replaced(path: str, old: str, new: str) -> str:
    """Return the source with a piece of it replaced.

    Raises:
        ValueError: the piece does not stand there exactly once.
    """
    text = source(path)
    if text.count(old) != 1:
        raise ValueError(f"{path}: expected once, found {text.count(old)} times: {old!r}")
    return text.replace(old, new)


@dataclass(frozen=True)
class SourceChange:
    """A module with another source."""

    path: str
    text: str

    def apply(self, bench: Bench) -> None:
        """Load the changed source and put what it defines into the loaded module.

        Raises:
            SyntaxError: the changed source is no Python; a fault of the operator.
        """
        name = self.path.removesuffix(".py").replace("/", ".")
        module = importlib.import_module(name)
        fresh = types.ModuleType(name)
        fresh.__file__ = module.__file__
        exec(compile(self.text, self.path, "exec"), vars(fresh))
        new = dict(_functions(fresh, name))
        for key, function in _functions(module, name):
            if key in new:
                function.__code__ = new[key].__code__
        for key, value in vars(fresh).items():
            if not key.startswith("__") and _is_constant(value):
                _replace(vars(module).get(key), value)


def _functions(holder: Any, module: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield functions and methods defined in a module, by their dotted name."""
    for name, value in list(vars(holder).items()):
        inner = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        if isinstance(inner, types.FunctionType) and inner.__module__ == module:
            yield prefix + name, inner
        elif isinstance(value, type) and value.__module__ == module:
            yield from _functions(value, module, f"{prefix}{name}.")


def _is_constant(value: object) -> bool:
    return isinstance(value, (str, int, float, tuple, frozenset, dict))


def _replace(old: object, new: object) -> None:
    """Give every module of ours that holds the old constant the new one."""
    if old is None or old == new:
        return
    for name, module in list(sys.modules.items()):
        if module is None or name.partition(".")[0] not in _OURS:
            continue
        for key, value in list(vars(module).items()):
            if value is old:
                setattr(module, key, new)
