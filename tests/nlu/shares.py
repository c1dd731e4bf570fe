"""Examples and messages as the featurizer scores them, given the shares the scores stand for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import SentenceClassifier
from bot.nlu.examples import Labelled
from bot.nlu.featurizer import PIECE_SCORES, SCORED_INTENTS

from .small import example

RESOURCE = Resource("classifier")
NAMES = ["ask_fatigue", "ask_pain", "crisis", "dosing"]
CONFIG = {"ranking_length": 5, "context": 0.6}
CALM, CRISIS = [0.1, 0.7, 0.1, 0.1], [0.05, 0.05, 0.85, 0.05]


def new(storage: ModelStorage, context: ExecutionContext, /, **config: Any) -> SentenceClassifier:
    return SentenceClassifier.create({**CONFIG, **config}, storage, RESOURCE, context)


def texts(held_out: bool = True) -> Iterator[str]:
    """Yield texts that are held out from tuning, or ones that are not."""
    numbered = (f"text {number}" for number in count())
    return (text for text in numbered if Labelled(text, ()).held_out is held_out)


def message_of(*shares: list[float], **data: Any) -> Message:
    return Message({PIECE_SCORES: np.log(shares), SCORED_INTENTS: NAMES, **data})


def scored(text: str, intent: str, scores: np.ndarray, **metadata: Any) -> Message:
    made = example(text, intent, **metadata)
    made.set(PIECE_SCORES, scores)
    made.set(SCORED_INTENTS, NAMES)
    return made


def confident(factor: float, held_out: bool = True, size: int = 600) -> list[Message]:
    """Return examples whose scores as a whole are a factor times what their labels bear out."""
    rng = np.random.default_rng(0)
    found = []
    for text, _ in zip(texts(held_out), range(size), strict=False):
        scores = rng.normal(0, 2, (1, len(NAMES)))
        shares = np.exp(scores[0]) / np.exp(scores[0]).sum()
        rows = np.concatenate([scores * factor, -scores])
        found.append(scored(text, str(rng.choice(NAMES, p=shares)), rows))
    return found
