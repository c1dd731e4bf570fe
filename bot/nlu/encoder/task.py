"""What the encoder is tuned on, and how; apart from the tuner, which needs TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from bot.nlu.encoder.weights import LAYERS, Array

_SHARES = ("dropout", "noise", "smoothing", "average")


@dataclass(frozen=True)
class TuningSettings:
    """How to tune.

    `epochs` passes over the texts; `frozen` lower layers left as packaged (6: only the head
    learns); `rate` is the encoder's highest learning rate, the head's is ten times that; `batch`
    texts a step; `hidden` units of the head, `dropout` the share of them left out of a step;
    `noise` the share of texts with typing errors; `smoothing` the share of a target spread over
    all intents; `average` the decay of the weights' moving average.

    Raises:
        ValueError: a number is out of range.
    """

    epochs: int = 3
    frozen: int = 3
    rate: float = 2e-4
    batch: int = 64
    hidden: int = 512
    dropout: float = 0.1
    noise: float = 0.3
    smoothing: float = 0.03
    average: float = 0.98
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.hidden) < 1 or not 0 < self.rate < 1:
            raise ValueError("epochs, batch and hidden are 1 or more, rate between 0 and 1.")
        if not 0 <= self.frozen <= LAYERS:
            raise ValueError(f"frozen is a number of layers, 0 to {LAYERS}.")
        shares = {name: value for name, value in asdict(self).items() if name in _SHARES}
        if wrong := [name for name, value in shares.items() if not 0 <= value < 1]:
            raise ValueError(f"{', '.join(wrong)}: 0 or more, below 1.")


@dataclass(frozen=True)
class Examples:
    """Texts and what is known of each.

    `targets` [n, labels]: for a labelled text its labels' shares, summing to 1; for a text of
    which only the possible labels are known (`partial` [n] True), 1 for each possible label.
    `weights` [n]: how much each counts.
    """

    texts: Sequence[str]
    targets: Array
    partial: Array
    weights: Array

    def digest(self) -> str:
        """Return a SHA-256 of everything in it."""
        digest = hashlib.sha256("\0".join(self.texts).encode())
        for array in (self.targets, self.partial, self.weights):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
