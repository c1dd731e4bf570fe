"""A small lesson for the tuner: texts of three kinds, and a quick way to learn it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from bot.nlu.encoder import Array, Examples, TuningSettings, tokenizer_json
from bot.nlu.encoder.tuning import Tuner
from bot.nlu.encoder.weights import Weights

TIRED = [
    "I am so tired all day",
    "exhausted after walking",
    "no energy at all",
    "my fatigue never lifts",
    "I sleep and wake worn out",
    "drained by small tasks",
    "so weary I cannot stand",
    "tiredness rules my week",
]
CHAT = [
    "what is the weather today",
    "tell me a joke",
    "who won the match",
    "the capital of France",
    "play some music",
    "recipe for soup",
    "what time is it",
    "how tall is the tower",
]
CLINIC = [
    "where is a clinic near me",
    "find me a doctor",
    "is there a hospital close by",
    "which practice takes patients",
    "address of a health centre",
    "how do I reach a specialist",
    "a clinic that sees people",
    "surgery opening near home",
]
TEXTS = [*TIRED, *CHAT, *CLINIC]
LABELS = np.repeat([0, 1, 2], 8)

# What training does, on a smaller head and in more haste.
SETTINGS = TuningSettings(epochs=8, frozen=5, rate=5e-4, batch=8, hidden=32)
# The head alone, without chance: what it learns is due to the examples.
HEAD_ALONE = replace(SETTINGS, frozen=6, rate=2e-3, dropout=0.0, noise=0.0, smoothing=0.0)


def known(
    texts: Sequence[str],
    targets: Sequence[Sequence[float]],
    partial: Sequence[bool] | None = None,
    weights: Sequence[float] | None = None,
) -> Examples:
    """Return examples, fully known and of equal weight unless told otherwise."""
    rows = np.array(targets, dtype=np.float32)
    some = np.zeros(len(texts), dtype=bool) if partial is None else np.array(partial)
    counts = np.ones(len(texts)) if weights is None else np.array(weights)
    return Examples(texts, rows, some, counts)


def labelled() -> Examples:
    """Return the lesson with the one label that each text has."""
    return known(TEXTS, np.eye(3)[LABELS].tolist())


@contextmanager
def eagerly() -> Iterator[None]:
    """Have TensorFlow take the same steps without compiling them: a short lesson is sooner over."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def learn(
    weights: Weights,
    examples: Examples,
    settings: TuningSettings = HEAD_ALONE,
    checkpoint: Path | None = None,
    tuner: type[Tuner] = Tuner,
) -> Weights:
    """Return all weights after tuning."""
    with eagerly():
        return tuner(weights, tokenizer_json(), examples, settings, checkpoint).run()


def batches_told(caplog: pytest.LogCaptureFixture) -> dict[int, int]:
    """Return how many batches each epoch had, as the log tells it."""
    told = re.findall(r"epoch (\d+) of \d+: (\d+) batches", caplog.text)
    return {int(epoch): int(batches) for epoch, batches in told}


def furthest(some: Weights, other: Weights) -> float:
    """Return by how much a number differs at most between two sets of the same tensors."""
    assert some.keys() == other.keys()
    return max(float(np.abs(some[name] - other[name]).max()) for name in some)


def shares(scores: Array) -> Array:
    """Return the probabilities [n, labels] that scores stand for."""
    exponentials = np.exp(scores - scores.max(-1, keepdims=True))
    found: Array = exponentials / exponentials.sum(-1, keepdims=True)
    return found
