"""Detectors of the outcomes that must not be missed: calibrated, one an outcome.

A detector weighs how much the message as a whole, and the most telling of its pieces, look like
its outcome, and gives a probability that can be held against costs. Fitted by logistic regression
on examples that the encoder has not seen (Platt 1999).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.nlu.encoder import Array

# Fewer positive examples than this say nothing about calibration.
ENOUGH = 8
_EDGE = 1e-6
# Scores that are always right would count without end.
_MOST_SCALE = 4.0


@dataclass(frozen=True)
class Detector:
    """Probability = sigmoid(whole * logit(whole) + piece * logit(piece) + bias)."""

    whole: float = 0.5
    piece: float = 0.5
    bias: float = 0.0

    def probability(self, whole: float, pieces: Sequence[float]) -> float:
        """Return the probability of the outcome from its shares in the whole and each piece."""
        first, second = _evidence(whole, pieces)
        score = self.whole * first + self.piece * second + self.bias
        return float(1 / (1 + np.exp(-score)))


Shares = Mapping[str, float]


def fit(outcome: str, readings: Sequence[Sequence[Shares]], present: Sequence[bool]) -> Detector:
    """Return the outcome's detector.

    Args:
        outcome: which one.
        readings: per message, the outcomes' shares in the whole and then in each piece.
        present: per message, whether it has the outcome.
    """
    if min(sum(present), len(present) - sum(present)) < ENOUGH:
        return Detector()
    # Only training needs scikit-learn; serving starts faster without it.
    from sklearn.linear_model import LogisticRegression

    rows = [_evidence(*shares_of(outcome, reading)) for reading in readings]
    model = LogisticRegression(C=1.0).fit(np.array(rows), np.array(present))
    (whole, piece), (bias,) = model.coef_[0].tolist(), model.intercept_.tolist()
    return Detector(whole, piece, bias)


def shares_of(outcome: str, reading: Sequence[Shares]) -> tuple[float, list[float]]:
    """Return an outcome's share in the whole and in each piece of a reading."""
    whole, *pieces = [shares.get(outcome, 0.0) for shares in reading]
    return whole, pieces


def _evidence(whole: float, pieces: Sequence[float]) -> tuple[float, float]:
    return _logit(whole), _logit(max(pieces, default=whole))


def _logit(share: float) -> float:
    inside = min(max(share, _EDGE), 1 - _EDGE)
    return float(np.log(inside / (1 - inside)))


def scales(scores: Array, right: Array) -> Array:
    """Return how much each source of scores counts, so that their sum fits best [sources].

    With one source, it is the inverse of its temperature (Guo et al. 2017); with several, a
    logarithmic opinion pool (Hinton 2002). The loss is convex: there is one best.

    Args:
        scores: logits [sources, n, k].
        right: index of the right label [n].
    """
    # Only training needs SciPy.
    from scipy.optimize import minimize

    start = np.full(len(scores), 1 / len(scores))
    limits = [(0.0, _MOST_SCALE)] * len(scores)
    best = minimize(_loss, start, (scores, right), method="L-BFGS-B", jac=True, bounds=limits)
    found: Array = best.x
    return found


def _loss(scale: Array, scores: Array, right: Array) -> tuple[float, Array]:
    """Return the mean negative log likelihood and its gradient."""
    pooled = np.tensordot(scale, scores, 1)
    shifted = pooled - pooled.max(-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    rows = np.arange(len(right))
    expected = (np.exp(logs) * scores).sum(-1)
    gradient = (expected - scores[:, rows, right]).mean(-1)
    return float(-logs[rows, right].mean()), gradient
