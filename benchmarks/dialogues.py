"""Holds the dialogues of the development set: each turn is read with those before it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import yaml

from benchmarks.results import Result, Understood, result, understood
from bot.settings import ROOT

DIALOGUES = ROOT / "tests" / "evaluation" / "dialogues.yml"

Dialogue = Mapping[str, Any]


class Processor(Protocol):
    """The part of Rasa's MessageProcessor that reads a message in the light of a tracker."""

    async def parse_message(self, message: Any, tracker: Any = None) -> dict[str, Any]:
        """Return what was understood."""
        ...


def dialogues(path: Path = DIALOGUES) -> list[Dialogue]:
    """Return the dialogues: each a `name` and its `turns` (text, outcome, perhaps topic)."""
    found: list[Dialogue] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


async def hold_all(processor: Processor, found: Sequence[Dialogue]) -> list[Result]:
    """Hold each dialogue in a conversation of its own; return the results of all turns."""
    return [turn for dialogue in found for turn in await hold(processor, dialogue)]


async def hold(processor: Processor, dialogue: Dialogue) -> list[Result]:
    """Send a dialogue's turns to the model, with a tracker that remembers what was said before.

    Of what the actions remember, the topic answered last counts: "tell me more" goes on with it.
    """
    # Whoever measures decides first how Rasa is imported (bot/lean.py).
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    name, last_topic, results = dialogue["name"], None, []
    tracker = DialogueStateTracker.from_events(name, [])
    for turn in dialogue["turns"]:
        text = turn["text"]
        began = time.perf_counter()
        parsed = await processor.parse_message(UserMessage(text, sender_id=name), tracker)
        seconds = time.perf_counter() - began
        tracker.update(UserUttered(text, parsed["intent"], parsed["entities"], parsed))
        results.append(result(f"dialogues/{name}", turn, parsed, seconds, last_topic))
        last_topic = answered(understood(parsed, last_topic)) or last_topic
    return results


def answered(turn: Understood) -> str | None:
    """Return the topic that the reply to a turn answers last, as the actions remember it."""
    topics = [part.topic for part in turn.parts if part.outcome == "answer"]
    return topics[-1] if topics else None
