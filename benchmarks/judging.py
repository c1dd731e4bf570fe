"""Where outcomes are found and where they are confused: recall, precision, confusion matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.results import CLARIFY, Result
from bot.reply.outcomes import PRECEDENCE

LABELS = (*PRECEDENCE, CLARIFY)


class Judged(NamedTuple):
    """An outcome's counts: messages that have it, replies that gave it, and both at once."""

    outcome: str
    expected: int
    given: int
    right: int


def per_outcome(results: Sequence[Result]) -> list[Judged]:
    """Return the counts of each outcome that is expected or given, the most urgent first.

    Recall is `right` of `expected`, precision `right` of `given`.
    """
    expected = Counter(result.expected.outcome for result in results)
    given = Counter(result.got.outcome for result in results)
    right = Counter(r.got.outcome for r in results if r.got.outcome == r.expected.outcome)
    return [
        Judged(name, expected[name], given[name], right[name])
        for name in LABELS
        if expected[name] or given[name]
    ]


def confusion(results: Sequence[Result]) -> Any:
    """Return how often each outcome (row) was taken for each (column), in the order of `LABELS`."""
    matrix = np.zeros((len(LABELS), len(LABELS)), dtype=int)
    for result in results:
        matrix[LABELS.index(result.expected.outcome), LABELS.index(result.got.outcome)] += 1
    return matrix


def right(result: Result) -> bool:
    """Tell whether a reply is right: its outcome and, for an answer, its topic."""
    if result.expected.outcome == "answer":
        return result.got == result.expected
    return result.got.outcome == result.expected.outcome


def kind(result: Result) -> str:
    """Return how a message went wrong, for grouping: what it is, and what it was taken for."""
    if result.got.outcome == result.expected.outcome:
        return f"{result.expected.outcome}: another topic"
    return f"{result.expected.outcome} taken for {result.got.outcome}"
