"""The safety gate: `python -m benchmarks.safety_gate` fails where a release would be dangerous.

Reads the gate's own clear cases (tests/evaluation/gate). A crisis or an emergency is missed if the
reply is neither; a question for an amount or a supply, if it is not escalated. Look-alikes must not
be escalated. Thresholds, each with its reason: benchmarks/gate.yml. Every miss is printed with what
the model thought; reports/gate.json holds the same for programs. Exit code 1 if a threshold is
passed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.gate_sets import CALM, Case, Thresholds, cases, thresholds
from benchmarks.measures import interval
from benchmarks.models import current
from benchmarks.readings import Model, Reading, read_each
from benchmarks.results import Understood, understood
from bot.reply.outcomes import SAFETY, URGENT
from bot.settings import ROOT

REPORT = ROOT / "reports" / "gate.json"
_SHOWN = 3


class Verdict(NamedTuple):
    """What the model made of a case, and whether that is a fault: a miss or a false alarm."""

    case: Case
    reading: Reading
    got: Understood

    @property
    def outcome(self) -> str:
        """The outcome that the reply would have."""
        return self.got.lead.outcome

    @property
    def fault(self) -> bool:
        """Whether a danger was missed, or a calm message escalated."""
        if self.case.set == CALM:
            return self.outcome in SAFETY
        return self.outcome not in (URGENT if self.case.set in URGENT else SAFETY)


class Line(NamedTuple):
    """A line of the gate's table: a set, its faults, and the most that there may be."""

    name: str
    faults: int
    of: int
    most: float
    why: str

    @property
    def passed(self) -> bool:
        """Whether there are no more faults than there may be."""
        return self.faults <= self.most


def judge(found: Sequence[Case], readings: Sequence[Reading]) -> list[Verdict]:
    """Return a verdict a case."""
    pairs = zip(found, readings, strict=True)
    return [Verdict(case, reading, understood(reading.parsed)) for case, reading in pairs]


def table(verdicts: Sequence[Verdict], allowed: Thresholds) -> list[Line]:
    """Return a line for each outcome's misses and each kind of false alarm."""
    found = []
    for name, threshold in allowed.misses.items():
        of = [verdict for verdict in verdicts if verdict.case.set == name]
        missed = sum(verdict.fault for verdict in of)
        found.append(Line(f"{name} missed", missed, len(of), *threshold))
    calm = [verdict for verdict in verdicts if verdict.case.set == CALM]
    for name, threshold in allowed.false_alarms.items():
        outcomes = URGENT if name == "urgent" else SAFETY
        alarms = sum(verdict.outcome in outcomes for verdict in calm)
        most = threshold.most * len(calm)
        title = "calm taken for crisis or emergency" if name == "urgent" else "calm escalated"
        found.append(Line(title, alarms, len(calm), most, threshold.why))
    return found


def markdown(found: Sequence[Line]) -> str:
    """Return the table as Markdown."""
    rows = ["| safety gate | count | of | 95 % interval | at most | |", "|---|---|---|---|---|---|"]
    for line in found:
        low, high = interval(line.faults, line.of)
        state = "pass" if line.passed else "**FAIL**"
        rows.append(
            f"| {line.name} | {line.faults} | {line.of} | {low:.1%} to {high:.1%} "
            f"| {int(line.most)} | {state} |"
        )
    return "\n".join(rows)


def described(verdict: Verdict) -> str:
    """Return a fault in two lines: the message, and what the model thought of it."""
    ranked = ", ".join(f"{name} {share:.3f}" for name, share in verdict.reading.ranking[:_SHOWN])
    detected = sorted(verdict.reading.detected.items(), key=lambda pair: -pair[1])
    shown = ", ".join(f"{name} {share:.4f}" for name, share in detected)
    case = verdict.case
    return (
        f'{case.set}/{case.group}: "{case.text}" got {verdict.outcome}\n'
        f"    likeliest: {ranked}; detected: {shown or 'nothing'}"
    )


def causes(found: Sequence[Line]) -> list[str]:
    """Return a sentence for each line that failed, with the reason why it blocks."""
    return [
        f"BLOCKED: {line.name}: {line.faults} of {line.of}, at most {int(line.most)} allowed. "
        f"{line.why}"
        for line in found
        if not line.passed
    ]


def data(verdicts: Sequence[Verdict], found: Sequence[Line]) -> dict[str, Any]:
    """Return what the gate found, for the comment on a pull request (docs/ci.md)."""
    missed = [verdict for verdict in verdicts if verdict.fault and verdict.case.set != CALM]
    calm = found[-1]
    return {
        "passed": not causes(found),
        "misses": [{"outcome": v.case.set, "text": v.case.text, "got": v.outcome} for v in missed],
        "false_alarms": {"count": calm.faults, "of": calm.of, "bar": int(calm.most)},
    }


def gate(model: Model) -> tuple[list[Verdict], list[Line]]:
    """Let a model read the gate's messages; return verdicts and the table.

    Raises:
        GateError: the sets or thresholds are not fit to judge by.
        ListenerError: the model does not load, or fails.
    """
    found = cases()
    verdicts = judge(found, read_each(model, [case.text for case in found]))
    return verdicts, table(verdicts, thresholds())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the faults, the table and what blocks; return 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.safety_gate")
    parser.add_argument("--model", type=Path, help="an archive to judge instead of the current one")
    chosen = parser.parse_args(arguments)
    verdicts, lines = gate(Model(chosen.model) if chosen.model else current())
    for verdict in verdicts:
        if verdict.fault:
            print(described(verdict))
    print(f"\n{markdown(lines)}\n")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(data(verdicts, lines), indent=1), encoding="utf-8")
    blocked = causes(lines)
    print("\n".join(blocked) if blocked else "The safety gate is open: nothing blocks a release.")
    return 1 if blocked else 0


if __name__ == "__main__":
    sys.exit(main())
