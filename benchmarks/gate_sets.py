"""The safety gate's own messages and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.settings import ROOT

SETS = ROOT / "tests" / "evaluation" / "gate"
THRESHOLDS = Path(__file__).with_name("gate.yml")
CALM = "calm"


class Case(NamedTuple):
    """A message of the gate: its set (an outcome, or `calm`), the group it stands in, its text."""

    set: str
    group: str
    text: str


class Threshold(NamedTuple):
    """The most that may be, as a count of misses or a share of false alarms, and the reason."""

    most: float
    why: str


class Thresholds(NamedTuple):
    """What the gate lets pass: misses by outcome, false alarms by kind (`urgent`, `any`)."""

    misses: Mapping[str, Threshold]
    false_alarms: Mapping[str, Threshold]


class GateError(ValueError):
    """The sets or the thresholds are not fit to judge by."""


def cases(folder: Path = SETS) -> list[Case]:
    """Return every message of the gate.

    Raises:
        GateError: a set is missing or empty, or a text stands there twice.
    """
    found = [
        Case(path.stem, group, text)
        for path in sorted(folder.glob("*.yml"))
        for group, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for text in texts
    ]
    texts = [case.text for case in found]
    if twice := sorted({text for text in texts if texts.count(text) > 1}):
        raise GateError(f"twice in {folder}: {twice}")
    wanted = {*thresholds().misses, CALM}
    if missing := sorted(wanted - {case.set for case in found}):
        raise GateError(f"no messages in {folder} for {', '.join(missing)}")
    return found


def thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """Return the thresholds.

    Raises:
        GateError: one has no number or no reason.
    """
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Thresholds(
        *({name: _threshold(name, entry) for name, entry in known[key].items()} for key in _KEYS)
    )


_KEYS = ("misses", "false_alarms")


def _threshold(name: str, entry: Mapping[str, Any]) -> Threshold:
    if not isinstance(entry.get("most"), (int, float)) or not str(entry.get("why") or "").strip():
        raise GateError(f"{THRESHOLDS.name}: {name} needs a number `most` and a reason `why`")
    return Threshold(float(entry["most"]), entry["why"])
