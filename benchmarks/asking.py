"""When the bot could ask instead of guessing: rules over the probabilities of messages read before.

The decision is made anew, by the code and costs of today with another threshold, without the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.judging import right
from benchmarks.readings import Reading
from benchmarks.results import Result
from bot.reply.outcomes import (
    FALLBACK_INTENT,
    MORE_INTENT,
    REJECTED,
    SAFETY,
    Part,
    can_offer,
    outcome_of,
    part_of,
)
from bot.settings import ROOT

_DECIDER = "bot.nlu.decision.OutcomeDecider"


class Case(NamedTuple):
    """A message: what came of it, and what was read.

    `near`: the most that a safety detector has of the probability from which it escalates (1 or
    more: escalated).
    """

    result: Result
    reading: Reading
    near: float

    @property
    def calm(self) -> list[tuple[str, float]]:
        """The intents that are no safety outcome, and their shares, the likeliest first."""
        pairs = self.reading.ranking
        return [pair for pair in pairs if outcome_of(pair[0]) not in SAFETY]

    @property
    def offered(self) -> list[Part]:
        """The readings that a button can stand for, the likeliest first."""
        return [part_of(name) for name, _ in self.calm if can_offer(name)]


Rule = Callable[[Case], bool]


class Point(NamedTuple):
    """What a rule would do: how many it asks, and among these, how many …

    `two`, `three`: … have the right reading among the first two or three that are offered.
    `any_three`: … have it among the first three calm readings, offered or not.
    `none`: … have it among the first two, or are rightly told that it is not covered.
    `wrong`: … would have got a wrong reply; `mended`: those of them that `none` counts.
    """

    name: str
    of: int
    asked: int
    two: int
    three: int
    any_three: int
    none: int
    wrong: int
    mended: int


@cache
def settings(path: Path = ROOT / "config.yml") -> dict[str, Any]:
    """Return the decider's configuration, without its name."""
    pipeline = yaml.safe_load(path.read_text(encoding="utf-8"))["pipeline"]
    (found,) = [part for part in pipeline if part["name"] == _DECIDER]
    return {key: value for key, value in found.items() if key != "name"}


def cases(results: Sequence[Result], readings: Sequence[Reading]) -> list[Case]:
    """Return a case for each message."""
    bars = {name: 1 / (1 + cost) for name, cost in settings()["miss"].items()}
    pairs = zip(results, readings, strict=True)
    return [
        Case(r, reading, max((reading.detected.get(n, 0) / bar for n, bar in bars.items())))
        for r, reading in pairs
    ]


def decided(reading: Reading, **changes: float) -> tuple[str, Mapping[str, Any]]:
    """Return intent and decision, had the decider these settings instead of config.yml's."""
    # Rasa is slow to import, and only needed here.
    from bot.nlu.decision import OutcomeDecider
    from bot.nlu.screen import screen
    from bot.nlu.symptoms import listed

    decider = OutcomeDecider({**settings(), **changes})
    shares = reading.shares if reading.pieces else ()
    rankings = [
        [{"name": name, "confidence": share} for name, share in sorted(s.items(), key=_likeliest)]
        for s in shares
    ]
    symptoms = listed(reading.pieces[0]) if reading.pieces else ()
    intent, _, decision = decider.decide(rankings, reading.detected, screen(reading.text), symptoms)
    return intent, decision


def today(**changes: float) -> Rule:
    """Return today's rule with other values in its settings, such as `unsure` or `near`."""

    def asks(case: Case) -> bool:
        intent, decision = decided(case.reading, **changes)
        return intent == FALLBACK_INTENT and decision.get("reason") == "unsure"

    return asks


def close(factor: float, offered: int, guard: float = 0.5) -> Rule:
    """Return the rule to ask where two readings are close.

    The likeliest calm reading is at most `factor` times as likely as the next; so many of the two
    can be offered, or more; one thing was understood; no detector is above `guard` of its bar.
    """

    def asks(case: Case) -> bool:
        first, second = [*case.calm, ("off_topic", 0.0), ("off_topic", 0.0)][:2]
        return (
            case.result.got.outcome not in SAFETY
            and case.near < guard
            and len(case.result.got_parts) == 1
            and first[1] < factor * second[1]
            and sum(can_offer(name) for name, _ in (first, second)) >= offered
        )

    return asks


def point(name: str, rule: Rule, found: Sequence[Case]) -> Point:
    """Return what a rule would do with the messages."""
    asked = [case for case in found if rule(case)]
    wrong = [case for case in asked if not right(case.result)]
    return Point(
        name,
        len(found),
        len(asked),
        sum(case.result.expected in case.offered[:2] for case in asked),
        sum(case.result.expected in case.offered[:3] for case in asked),
        sum(case.result.expected in _parts(case)[:3] for case in asked),
        sum(map(_served, asked)),
        len(wrong),
        sum(map(_served, wrong)),
    )


def _served(case: Case) -> bool:
    expected = case.result.expected
    return expected in case.offered[:2] or expected.outcome in REJECTED


def _parts(case: Case) -> list[Part]:
    names = [name for name, _ in case.calm]
    return [Part("smalltalk", n) if n == MORE_INTENT else part_of(n) for n in names]


def _likeliest(pair: tuple[str, float]) -> float:
    return -pair[1]
