"""A random, seeded, stratified part of the training examples, as Rasa's YAML."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

NLU = ROOT / "data" / "nlu"
SEED = 0
# Rasa warns of an intent with a single example, and cannot tell it from noise.
FEWEST = 2


@dataclass(frozen=True)
class Example:
    """One training example: its intent, its text, and what its file says about it."""

    intent: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stratum(self) -> tuple[str, bool]:
        """What is kept in proportion: the intent, apart for messages that ask several things."""
        return self.intent, bool(self.metadata)


def examples(folder: Path = NLU) -> list[Example]:
    """Return all training examples as Rasa reads them."""
    # Slow to import, and to be imported by those who train only.
    from rasa.shared.nlu.training_data.loading import load_data

    return [
        Example(
            message.get("intent"),
            message.get("text"),
            (message.get("metadata") or {}).get("example") or {},
        )
        for message in load_data(str(folder)).intent_examples
    ]


def sample(found: Sequence[Example], share: float, seed: int = SEED) -> list[Example]:
    """Return a share (0 to 1) of each stratum, drawn with `seed`, in the order they came in.

    A stratum gives `FEWEST` examples or more, if it has them.

    Raises:
        ValueError: the share is not above 0 and up to 1.
    """
    if not 0 < share <= 1:
        raise ValueError("a share is above 0 and at most 1")
    strata: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for place, example in enumerate(found):
        strata[example.stratum].append(place)
    draw = random.Random(seed)
    chosen: list[int] = []
    for stratum in sorted(strata):
        places = strata[stratum]
        size = max(round(share * len(places)), min(FEWEST, len(places)))
        chosen += draw.sample(places, size)
    return [found[place] for place in sorted(chosen)]


def write(chosen: Sequence[Example], path: Path) -> None:
    """Write examples as a file of Rasa's training data."""
    intents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for example in chosen:
        about = {"metadata": dict(example.metadata)} if example.metadata else {}
        intents[example.intent].append({"text": example.text, **about})
    blocks = [{"intent": intent, "examples": rows} for intent, rows in intents.items()]
    text = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")
