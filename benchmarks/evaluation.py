"""Everything that is known of one model, and what changed against another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks import calibration, flips, robustness, safety_gate
from benchmarks.calibration import Calibration
from benchmarks.development import Held, hold, rows
from benchmarks.flips import Comparison
from benchmarks.judging import kind, right
from benchmarks.plots import Spread
from benchmarks.readings import Model
from benchmarks.results import Result
from benchmarks.robustness import Pair
from benchmarks.safety_gate import Line, Verdict
from bot.reply.outcomes import SAFETY

# Rows that are rewritten for the report; `python -m benchmarks.robustness` takes all.
SAMPLE = 150


@dataclass(frozen=True)
class Evaluation:
    """A model's results.

    Args:
        model: the name of its archive.
        held: results and readings of the development set.
        calibrations: of the intent and of each detector.
        rewritten: how many rows were rewritten.
        pairs: these rows and their rewritings.
        verdicts: what the safety gate found in each of its messages.
        gate: the gate's table.
        base: what it is compared with, as it was named; empty if with nothing.
        comparison: what changed against that.
    """

    model: str
    held: Held
    calibrations: list[Calibration]
    rewritten: int
    pairs: list[Pair]
    verdicts: list[Verdict]
    gate: list[Line]
    base: str = ""
    comparison: Comparison | None = None

    @property
    def wrong(self) -> dict[str, list[Result]]:
        """What went wrong, by kind, the most frequent kinds first."""
        found: dict[str, list[Result]] = {}
        for result in [*self.held.rows, *self.held.turns]:
            name = fault(result)
            if name:
                found.setdefault(name, []).append(result)
        return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))

    @property
    def spreads(self) -> list[Spread]:
        """The probabilities of intent and detectors, apart for what came true."""
        pairs = list(zip(self.held.rows, self.held.readings, strict=True))
        found = [Spread("outcome", [r.confidence for r, _ in pairs], [right(r) for r, _ in pairs])]
        for name in sorted(SAFETY):
            seen = [(r, reading) for r, reading in pairs if name in reading.detected]
            if seen:
                present = [name in {part.outcome for part in r.expected_parts} for r, _ in seen]
                shares = [reading.detected[name] for _, reading in seen]
                found.append(Spread(f"{name} detected", shares, present))
        return found


def evaluation(model: Model, sample: int = SAMPLE) -> Evaluation:
    """Read everything with a model: the development set afresh, so that its time is measured.

    Raises:
        ListenerError: the model does not load, or fails.
    """
    found: list[dict[str, Any]] = rows()
    held = hold(model, found, afresh=True)
    chosen = robustness.sample(found, sample)
    verdicts, gate = safety_gate.gate(model)
    return Evaluation(
        model=model.archive.name,
        held=held,
        calibrations=calibration.calibrations(held.rows, held.readings),
        rewritten=len(chosen),
        pairs=robustness.robustness(model, chosen),
        verdicts=verdicts,
        gate=gate,
    )


def compared(model: Held, base: Model) -> Comparison:
    """Return what changed against a base, in the rows and in the dialogues' turns.

    Raises:
        ListenerError: the base does not load, or fails.
    """
    other = hold(base, rows())
    return flips.compare([*other.rows, *other.turns], [*model.rows, *model.turns])


def fault(result: Result) -> str:
    """Return what is wrong with a result, in words that group it; nothing if all is right."""
    if not right(result):
        return kind(result)
    if len(result.expected_parts) > 1 and result.got_parts != result.expected_parts:
        return "several parts: not all found, or others too"
    if len(result.expected_parts) == 1 and len(result.got_parts) > 1:
        return "one question split needlessly"
    return ""
