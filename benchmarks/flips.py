"""What changed between two models, message by message, and whether it is more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.judging import right
from benchmarks.results import Result
from bot.reply.outcomes import Part

BETTER, WORSE, OTHER = "better", "worse", "wrong in another way"
# Below this, a difference is called more than chance: the usual convention.
CHANCE = 0.05
# Letters of a message in the terminal; the reports hold all of it.
_SHOWN = 100


class Flip(NamedTuple):
    """A message that two models take for different things."""

    kind: str
    source: str
    text: str
    expected: Part
    before: Part
    after: Part


class Comparison(NamedTuple):
    """The flips between two models over so many messages, and how likely chance alone makes them.

    `right_before` and `right_after` count messages with the right outcome and, for answers, topic.
    """

    messages: int
    right_before: int
    right_after: int
    flips: tuple[Flip, ...]
    p_value: float

    def of(self, kind: str) -> list[Flip]:
        """Return the flips of one kind."""
        return [flip for flip in self.flips if flip.kind == kind]

    @property
    def verdict(self) -> str:
        """Say in a sentence what the numbers mean."""
        better, worse = len(self.of(BETTER)), len(self.of(WORSE))
        counts = (
            f"{better} better, {worse} worse, of {self.messages} (McNemar p = {self.p_value:.3g})"
        )
        if self.p_value >= CHANCE:
            return f"No difference beyond chance: {counts}."
        return f"{'Better' if better > worse else 'Worse'} than the base: {counts}."


def mcnemar(better: int, worse: int) -> float:
    """Return the two-sided p-value of McNemar's exact test (McNemar 1947; binomial form).

    The probability that so unequal a split, or a more unequal one, comes of a fair coin.
    """
    total, fewer = better + worse, min(better, worse)
    tail = sum(math.comb(total, n) for n in range(fewer + 1))
    # Whole numbers, since 2 to the power of a thousand flips is no float.
    return float(min(1.0, 2 * tail / 2**total))


def compare(before: Sequence[Result], after: Sequence[Result]) -> Comparison:
    """Return what changed; both hold the results of the same messages in the same order.

    Raises:
        ValueError: the messages differ.
    """
    if [r.text for r in before] != [r.text for r in after]:
        raise ValueError("only results of the same messages can be compared")
    pairs = list(zip(before, after, strict=True))
    flips = [_flip(old, new) for old, new in pairs if changed(old, new)]
    kinds = [flip.kind for flip in flips]
    order = (WORSE, BETTER, OTHER)
    return Comparison(
        len(pairs),
        sum(right(old) for old in before),
        sum(right(new) for new in after),
        tuple(sorted(flips, key=lambda flip: (order.index(flip.kind), flip.expected.outcome))),
        mcnemar(kinds.count(BETTER), kinds.count(WORSE)),
    )


def changed(old: Result, new: Result) -> bool:
    """Tell whether a message is right in one and not in the other, or has another outcome."""
    return right(old) != right(new) or old.got.outcome != new.got.outcome


def _flip(old: Result, new: Result) -> Flip:
    kind = OTHER if right(old) == right(new) else BETTER if right(new) else WORSE
    return Flip(kind, new.source, new.text, new.expected, old.got, new.got)


def lines(comparison: Comparison) -> list[str]:
    """Return the comparison as text: the verdict, then a line a flip, the worse ones first."""
    found = [comparison.verdict]
    for kind in (WORSE, BETTER, OTHER):
        flips = comparison.of(kind)
        found += [f"\n{kind} ({len(flips)}):"] if flips else []
        found += map(_line, flips)
    return found


def _line(flip: Flip) -> str:
    change = f"{named(flip.expected)}: {named(flip.before)} -> {named(flip.after)}"
    return f"  {change} | {_short(flip.text)} [{flip.source}]"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def named(part: Part) -> str:
    """Return a part's name: its outcome and, if it has one, its topic."""
    return f"{part.outcome}/{part.topic}" if part.topic else part.outcome
