"""The dialogues of the development set: each turn is judged in the light of those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.readings import Reading
from benchmarks.results import Result, Understood, result, understood
from bot.settings import ROOT

DIALOGUES = ROOT / "tests" / "evaluation" / "dialogues.yml"

Dialogue = Mapping[str, Any]


def dialogues(path: Path = DIALOGUES) -> list[Dialogue]:
    """Return the dialogues: each a `name` and its `turns` (text, outcome, perhaps topic)."""
    found: list[Dialogue] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def texts(dialogue: Dialogue) -> tuple[str, ...]:
    """Return what the person says in a dialogue."""
    return tuple(turn["text"] for turn in dialogue["turns"])


def judged(dialogue: Dialogue, readings: Sequence[Reading]) -> list[Result]:
    """Return the results of a dialogue's turns, given their readings.

    Of what the actions remember, the topic answered last counts: "tell me more" goes on with it.
    """
    last_topic, results = None, []
    for turn, reading in zip(dialogue["turns"], readings, strict=True):
        source = f"dialogues/{dialogue['name']}"
        results.append(result(source, turn, reading.parsed, reading.seconds, last_topic))
        last_topic = answered(understood(reading.parsed, last_topic)) or last_topic
    return results


def answered(turn: Understood) -> str | None:
    """Return the topic that the reply to a turn answers last, as the actions remember it."""
    topics = [part.topic for part in turn.parts if part.outcome == "answer"]
    return topics[-1] if topics else None
