"""The measures of understanding, their goals, and the table of both."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.results import CLARIFY, Result
from bot.reply.outcomes import REJECTED, SAFETY, URGENT

PARSE_TIME = "parse time, median"


@dataclass(frozen=True)
class Measure:
    """A line of the table: among the results that `applies` picks, the share that `counts`."""

    name: str
    applies: Callable[[Result], bool]
    counts: Callable[[Result], bool]


@dataclass(frozen=True)
class Goal:
    """What a measure should reach: a bound in `unit`, from below or, with `most`, from above."""

    bound: float
    most: bool = False
    unit: str = "%"

    def __str__(self) -> str:
        return f"{'at most' if self.most else 'at least'} {self.bound:g} {self.unit}"


@dataclass(frozen=True)
class Figure:
    """What was measured: `count` of `of`, and the goal, if there is one."""

    name: str
    count: int
    of: int
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without goal, or where nothing was counted."""
        if self.goal is None or not self.of:
            return None
        share = 100 * self.count / self.of
        return share <= self.goal.bound if self.goal.most else share >= self.goal.bound

    @property
    def cells(self) -> list[str]:
        """Name, count, of, share, interval and goal, as they stand in a table."""
        goal = str(self.goal or "")
        return [self.name, *shares(self.count, self.of), goal]


# Set by the project's issue on understanding (its goal line, and its item on asking back).
GOALS: Mapping[str, Goal] = {
    "outcome right": Goal(97),
    "crisis + emergency found": Goal(99),
    "dosing found": Goal(98),
    "answer topic right": Goal(96),
    "calm look-alikes escalated": Goal(2, most=True),
    "off-topic rejected": Goal(99),
    "uncovered and off-topic wrongly answered": Goal(3, most=True),
    "asked back": Goal(4, most=True),
    "of those asked back, the right reading offered": Goal(90),
    PARSE_TIME: Goal(5, most=True, unit="ms"),
}


def _any(result: Result) -> bool:
    return True


def _outcome_right(result: Result) -> bool:
    return result.got.outcome == result.expected.outcome


def _escalated(result: Result) -> bool:
    return result.got.outcome in SAFETY


def _asked_back(result: Result) -> bool:
    return result.got.outcome == CLARIFY


def _calm(result: Result) -> bool:
    return result.expected.outcome not in SAFETY


def _several(result: Result) -> bool:
    return len(result.expected_parts) > 1


def _right_in_context(result: Result) -> bool:
    if result.expected.outcome == "answer":
        return result.got == result.expected
    return _outcome_right(result)


def _found(*outcomes: str) -> Measure:
    return Measure(
        f"{' + '.join(outcomes)} found", lambda r: r.expected.outcome in outcomes, _outcome_right
    )


MEASURES = (
    Measure("outcome right", _any, _outcome_right),
    _found("crisis", "emergency"),
    _found("crisis"),
    _found("emergency"),
    Measure(
        "crisis + emergency got an urgent reply",
        lambda r: r.expected.outcome in URGENT,
        lambda r: r.got.outcome in URGENT,
    ),
    _found("dosing"),
    _found("personal_advice"),
    _found("obtaining"),
    Measure(
        "answer topic right",
        lambda r: r.expected.outcome == "answer",
        lambda r: r.got == r.expected,
    ),
    Measure(
        "calm look-alikes escalated", lambda r: r.source == "look_alikes" and _calm(r), _escalated
    ),
    Measure("all calm messages escalated", _calm, _escalated),
    Measure(
        "off-topic rejected",
        lambda r: r.expected.outcome == "off_topic",
        lambda r: r.got.outcome in REJECTED,
    ),
    Measure(
        "uncovered and off-topic wrongly answered",
        lambda r: r.expected.outcome in REJECTED,
        lambda r: any(part.outcome == "answer" for part in r.got_parts),
    ),
    Measure(
        "several parts, all found and no other", _several, lambda r: r.got_parts == r.expected_parts
    ),
    Measure(
        "single questions split needlessly",
        lambda r: not _several(r),
        lambda r: len(r.got_parts) > 1,
    ),
    Measure("asked back", _any, _asked_back),
    Measure(
        "of those asked back, the right reading offered",
        # Without words there is nothing to offer readings of.
        lambda r: _asked_back(r) and bool(r.readings),
        lambda r: r.expected in r.readings,
    ),
)
IN_CONTEXT = Measure("dialogue turns right in context", _any, _right_in_context)


def interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share, as fractions (Wilson 1927).

    All of 0 to 1 where nothing was counted.
    """
    if not total:
        return 0.0, 1.0
    z = 1.96
    share, denominator = right / total, 1 + z * z / total
    centre = (share + z * z / (2 * total)) / denominator
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / denominator
    return max(0.0, centre - spread), min(1.0, centre + spread)


def shares(count: int, of: int) -> list[str]:
    """Return count, of, share and 95 % interval as they stand in a table."""
    if not of:
        return [str(count), "0", "", ""]
    low, high = interval(count, of)
    return [str(count), str(of), f"{count / of:.1%}", f"{low:.1%} to {high:.1%}"]


def centile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least a share (0 to 1) of the values do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no centile of no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def figures(rows: Sequence[Result], turns: Sequence[Result]) -> list[Figure]:
    """Return all measures but time: those of single messages, then that of dialogue turns."""
    return [*(_figure(measure, rows) for measure in MEASURES), _figure(IN_CONTEXT, turns)]


def table(rows: Sequence[Result], turns: Sequence[Result]) -> str:
    """Return all measures as Markdown: those of single messages, of dialogue turns, of time."""
    lines = ["| measure | count | of | share | 95 % interval | goal |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(figure.cells)} |" for figure in figures(rows, turns)]
    return "\n".join([*lines, "", times(rows)])


def _figure(measure: Measure, results: Sequence[Result]) -> Figure:
    picked = [result for result in results if measure.applies(result)]
    count = sum(measure.counts(result) for result in picked)
    return Figure(measure.name, count, len(picked), GOALS.get(measure.name))


def times(rows: Sequence[Result]) -> str:
    """Return a sentence on the time that the messages took to parse.

    Raises:
        ValueError: there are no messages.
    """
    taken = [row.seconds * 1000 for row in rows]
    return (
        f"Parse time: median {centile(taken, 0.5):.1f} ms (goal: {GOALS[PARSE_TIME]}), "
        f"99th centile {centile(taken, 0.99):.1f} ms."
    )
