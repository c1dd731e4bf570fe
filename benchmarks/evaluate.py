"""Measures understanding on the development set: `make evaluate`.

Loads the current model, parses every row of tests/evaluation and prints the share that is right,
with 95 % Wilson intervals (Wilson 1927), as a Markdown table. Writes reports/evaluation.csv, a row
a message, so that two runs can be compared.
"""

from __future__ import annotations

import asyncio
import csv
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.lean import hush, keep_tensorflow_out
from bot.reply.outcomes import (
    FALLBACK_INTENT,
    MORE_INTENT,
    REFERRED,
    REJECTED,
    URGENT,
    Part,
    part_of,
)
from bot.settings import ROOT
from bot.training import train

ROWS = ROOT / "tests" / "evaluation"
REPORT = ROOT / "reports" / "evaluation.csv"


@dataclass(frozen=True)
class Result:
    """One row: what was expected, what was understood, and how long it took (seconds)."""

    text: str
    expected: Part
    expected_parts: frozenset[Part]
    got: Part
    got_parts: frozenset[Part]
    confidence: float
    seconds: float


@dataclass(frozen=True)
class Measure:
    """A line of the table: among the rows that `applies` picks, the share that is `right`."""

    name: str
    applies: Callable[[Result], bool]
    right: Callable[[Result], bool]


def rows(folder: Path = ROWS) -> list[dict[str, Any]]:
    """Return the rows of the development set (the dialogues are not rows).

    Raises:
        FileNotFoundError: there is no row at all.
    """
    found = [
        row
        for path in sorted(folder.glob("*.yml"))
        if path.stem != "dialogues"
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    if not found:
        raise FileNotFoundError(f"no evaluation rows in {folder}")
    return found


def understood(parsed: dict[str, Any]) -> tuple[Part, frozenset[Part]]:
    """Return the primary part and all parts that the bot would act on."""
    intent = parsed["intent"]["name"]
    if intent == FALLBACK_INTENT:
        return Part("clarify"), frozenset()
    if intent == MORE_INTENT:
        return Part("smalltalk", MORE_INTENT), frozenset()
    lead = part_of(intent)
    parts = {Part(p["outcome"], p.get("topic")) for p in parsed["decision"].get("parts", ())}
    return lead, frozenset(parts or {lead})


async def evaluate(found: Sequence[dict[str, Any]]) -> list[Result]:
    """Parse every row with the current model."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(train()))
    results = []
    for row in found:
        started = time.perf_counter()
        parsed = await agent.parse_message(row["text"])
        seconds = time.perf_counter() - started
        expected = Part(row["outcome"], row.get("topic"))
        wanted = {Part(p["outcome"], p.get("topic")) for p in row.get("parts") or ()}
        got, parts = understood(parsed)
        results.append(
            Result(
                row["text"],
                expected,
                frozenset(wanted or {expected}),
                got,
                parts,
                parsed["intent"]["confidence"],
                seconds,
            )
        )
    return results


def _found(*outcomes: str) -> Measure:
    return Measure(
        f"{' + '.join(outcomes)} found",
        lambda r: r.expected.outcome in outcomes,
        lambda r: r.got.outcome == r.expected.outcome,
    )


_CALM = ("answer", "smalltalk", "not_covered", "off_topic")
MEASURES = (
    Measure("outcome right", lambda r: True, lambda r: r.got.outcome == r.expected.outcome),
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
        "calm messages not escalated",
        lambda r: r.expected.outcome in _CALM,
        lambda r: r.got.outcome not in URGENT | REFERRED,
    ),
    Measure(
        "uncovered and off-topic not answered",
        lambda r: r.expected.outcome in REJECTED,
        lambda r: r.got.outcome != "answer",
    ),
    Measure(
        "several parts, all found",
        lambda r: len(r.expected_parts) > 1,
        lambda r: r.got_parts == r.expected_parts,
    ),
    Measure("no need to ask back", lambda r: True, lambda r: r.got.outcome != "clarify"),
)


def interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share, as fractions."""
    z = 1.96
    share, denominator = right / total, 1 + z * z / total
    centre = (share + z * z / (2 * total)) / denominator
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / denominator
    return max(0.0, centre - spread), min(1.0, centre + spread)


def table(results: Sequence[Result]) -> str:
    """Return the measures as a Markdown table."""
    lines = ["| measure | right | of | share | 95 % interval |", "|---|---|---|---|---|"]
    for measure in MEASURES:
        picked = [result for result in results if measure.applies(result)]
        right = sum(measure.right(result) for result in picked)
        low, high = interval(right, len(picked))
        lines.append(
            f"| {measure.name} | {right} | {len(picked)} | {right / len(picked):.1%} "
            f"| {low:.1%} to {high:.1%} |"
        )
    times = sorted(result.seconds * 1000 for result in results)
    middle, slow = times[len(times) // 2], times[int(len(times) * 0.99)]
    lines += ["", f"Parse time: median {middle:.1f} ms, 99th centile {slow:.1f} ms."]
    return "\n".join(lines)


def write(results: Sequence[Result], path: Path = REPORT) -> None:
    """Write one line a message: expected, understood, confidence, text."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["expected", "topic", "got", "got_topic", "confidence", "text"])
        for r in results:
            writer.writerow([*r.expected, *r.got, f"{r.confidence:.3f}", r.text])


def main() -> int:
    """Evaluate, print the table, write the report."""
    keep_tensorflow_out()
    hush()
    import structlog

    # Unconfigured, structlog prints every message at DEBUG.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    results = asyncio.run(evaluate(rows()))
    print(table(results))
    write(results)
    print(f"Every message: {REPORT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
