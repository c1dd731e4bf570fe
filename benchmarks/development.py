"""The development set: the rows of tests/evaluation, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.dialogues import DIALOGUES, dialogues, judged, texts
from benchmarks.readings import Model, Reading, read
from benchmarks.results import Result, result
from bot.settings import ROOT

ROWS = ROOT / "tests" / "evaluation"


class Held(NamedTuple):
    """Results and readings of single messages, and results of the dialogues' turns."""

    rows: list[Result]
    readings: list[Reading]
    turns: list[Result]


def rows(folder: Path = ROWS) -> list[dict[str, Any]]:
    """Return the rows of the development set, each with its file as `source`; no dialogues.

    Raises:
        FileNotFoundError: there is no row at all.
    """
    found = [
        {**row, "source": path.stem}
        for path in sorted(folder.glob("*.yml"))
        if path.name != DIALOGUES.name
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    if not found:
        raise FileNotFoundError(f"no evaluation rows in {folder}")
    return found


def hold(model: Model, found: Sequence[dict[str, Any]], *, afresh: bool = False) -> Held:
    """Let a model read rows and hold the dialogues; with `afresh`, nothing is remembered.

    Raises:
        ListenerError: the model does not load, or fails.
    """
    talks = dialogues()
    conversations = [(row["text"],) for row in found] + [texts(talk) for talk in talks]
    read_all = read(model, conversations, afresh=afresh)
    readings = [turns[0] for turns in read_all[: len(found)]]
    results = [
        result(row["source"], row, reading.parsed, reading.seconds)
        for row, reading in zip(found, readings, strict=True)
    ]
    held = zip(talks, read_all[len(found) :], strict=True)
    return Held(results, readings, [turn for talk, turns in held for turn in judged(talk, turns)])
