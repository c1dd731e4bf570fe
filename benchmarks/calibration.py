"""Whether a probability of 0.8 comes true in 80 % of cases: calibration of intent and detectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.readings import Reading
from benchmarks.results import Result
from bot.reply.outcomes import MORE_INTENT, SAFETY, part_of

BINS = 10
INTENT = "intent"


class Bin(NamedTuple):
    """Probabilities from `low` to `high`: how many, their mean, and the share that came true."""

    low: float
    high: float
    size: int
    mean: float
    share: float


class Calibration(NamedTuple):
    """How far probabilities can be trusted; `error` and `brier` are 0 at best."""

    name: str
    size: int
    bins: tuple[Bin, ...]
    error: float
    brier: float


def bins(probabilities: Sequence[float], true: Sequence[bool], number: int = BINS) -> list[Bin]:
    """Return so many bins of equal width, those left out that hold nothing; 1 is in the last.

    Raises:
        ValueError: there are not as many outcomes as probabilities.
    """
    if len(probabilities) != len(true):
        raise ValueError("each probability needs its outcome")
    shares, happened = np.asarray(probabilities, float), np.asarray(true, float)
    places = np.minimum((shares * number).astype(int), number - 1)
    found = []
    for place in range(number):
        inside = places == place
        if inside.any():
            mean, share = float(shares[inside].mean()), float(happened[inside].mean())
            edges = place / number, (place + 1) / number
            found.append(Bin(*edges, int(inside.sum()), mean, share))
    return found


def expected_error(found: Sequence[Bin]) -> float:
    """Return the expected calibration error (Naeini et al. 2015): the mean gap, by bin size.

    0 where there are no bins.
    """
    total = sum(each.size for each in found)
    return sum(each.size * abs(each.mean - each.share) for each in found) / max(total, 1)


def brier(probabilities: Sequence[float], true: Sequence[bool]) -> float:
    """Return the mean squared error of the probabilities (Brier 1950); 0 where there are none."""
    if not len(probabilities):
        return 0.0
    gaps = np.asarray(probabilities, float) - np.asarray(true, float)
    return float((gaps**2).mean())


def calibrated(name: str, probabilities: Sequence[float], true: Sequence[bool]) -> Calibration:
    """Return the calibration of probabilities."""
    found = bins(probabilities, true)
    error = expected_error(found)
    return Calibration(name, len(true), tuple(found), error, brier(probabilities, true))


def calibrations(results: Sequence[Result], readings: Sequence[Reading]) -> list[Calibration]:
    """Return that of the likeliest intent of the whole message, then of each detector.

    The intent is right if it is one of those that the message holds; a detector, if its outcome is
    among them. A model without detectors has none.
    """
    pairs = list(zip(results, readings, strict=True))
    tops = [(result, reading.ranking[0]) for result, reading in pairs if reading.ranking]
    true = [_meant(result, intent) for result, (intent, _) in tops]
    found = [calibrated(INTENT, [share for _, (_, share) in tops], true)]
    for name in sorted(SAFETY):
        seen = [(r, reading.detected[name]) for r, reading in pairs if name in reading.detected]
        if seen:
            present = [name in {part.outcome for part in r.expected_parts} for r, _ in seen]
            found.append(calibrated(name, [share for _, share in seen], present))
    return found


def _meant(result: Result, intent: str) -> bool:
    return intent != MORE_INTENT and part_of(intent) in result.expected_parts


def as_json(found: Sequence[Calibration]) -> list[Mapping[str, object]]:
    """Return calibrations as they stand in the report."""
    return [{**each._asdict(), "bins": [b._asdict() for b in each.bins]} for each in found]
