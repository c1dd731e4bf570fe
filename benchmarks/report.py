"""An evaluation as text for the terminal, and as JSON for machines (docs/evaluation.md)."""

from __future__ import annotations

from typing import Any

from benchmarks import calibration, flips, measures, robustness, safety_gate
from benchmarks.evaluation import Evaluation
from benchmarks.judging import LABELS, Judged, confusion, per_outcome
from benchmarks.measures import Figure, centile, interval, shares
from benchmarks.results import Result
from benchmarks.safety_gate import Line, Verdict

SCHEMA = "evaluation/1"

Rows = list[list[str]]
OUTCOME_HEAD = ["outcome", "recall", "of", "share", "95 % interval", "precision", "of", "share",
                "95 % interval"]  # fmt: skip
CALIBRATION_HEAD = ["probability of", "messages", "expected calibration error", "Brier score"]


def text(of: Evaluation) -> str:
    """Return the evaluation as Markdown: every table, no single message but the flips."""
    parts = [
        measures.table(of.held.rows, of.held.turns),
        markdown(OUTCOME_HEAD, outcome_rows(of)),
        markdown(CALIBRATION_HEAD, calibration_rows(of)),
        safety_gate.markdown(of.gate),
        f"Robustness, {of.rewritten} rows rewritten:\n\n{robustness.markdown(of.pairs)}",
    ]
    if of.comparison:
        parts.append("\n".join([f"Against {of.base}:", *flips.lines(of.comparison)]))
    return "\n\n".join(parts)


def markdown(head: list[str], rows: Rows) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def outcome_rows(of: Evaluation) -> Rows:
    """Return a row an outcome: its recall and its precision, with intervals."""
    return [
        [each.outcome, *shares(each.right, each.expected), *shares(each.right, each.given)]
        for each in per_outcome(of.held.rows)
    ]


def calibration_rows(of: Evaluation) -> Rows:
    """Return a row for the intent and each detector: how far its probabilities can be trusted."""
    return [
        [each.name, str(each.size), f"{each.error:.3f}", f"{each.brier:.4f}"]
        for each in of.calibrations
    ]


def as_json(of: Evaluation) -> dict[str, Any]:
    """Return the evaluation as JSON; what each key holds: docs/evaluation.md."""
    taken = [1000 * result.seconds for result in of.held.rows]
    return {
        "schema": SCHEMA,
        "model": of.model,
        "messages": len(of.held.rows),
        "turns": len(of.held.turns),
        "measures": [_figure(each) for each in measures.figures(of.held.rows, of.held.turns)],
        "milliseconds": {"median": centile(taken, 0.5), "p99": centile(taken, 0.99)},
        "outcomes": [_outcome(each) for each in per_outcome(of.held.rows)],
        "confusion": {"labels": LABELS, "counts": confusion(of.held.rows).tolist()},
        "calibration": calibration.as_json(of.calibrations),
        "safety_gate": _gate(of),
        "robustness": robustness.as_json(of.pairs, of.rewritten),
        "wrong": {name: [_result(r) for r in found] for name, found in of.wrong.items()},
        "base": _comparison(of),
    }


def _figure(each: Figure) -> dict[str, Any]:
    goal = each.goal and {"bound": each.goal.bound, "most": each.goal.most, "met": each.met}
    return {"name": each.name, "count": each.count, "of": each.of, **_share(each.count, each.of),
            "goal": goal}  # fmt: skip


def _share(count: int, of: int) -> dict[str, float | None]:
    low, high = interval(count, of)
    return {"share": count / of if of else None, "low": low, "high": high}


def _outcome(each: Judged) -> dict[str, Any]:
    recall, precision = _share(each.right, each.expected), _share(each.right, each.given)
    return {**each._asdict(), "recall": recall, "precision": precision}


def _gate(of: Evaluation) -> dict[str, Any]:
    return {
        "passed": all(line.passed for line in of.gate),
        "lines": [_line(line) for line in of.gate],
        "faults": [_fault(verdict) for verdict in of.verdicts if verdict.fault],
    }


def _line(line: Line) -> dict[str, Any]:
    return {**line._asdict(), "passed": line.passed}


def _fault(verdict: Verdict) -> dict[str, Any]:
    reading = verdict.reading
    return {
        **verdict.case._asdict(),
        "got": verdict.outcome,
        "likeliest": dict(reading.ranking[:3]),
        "detected": dict(reading.detected),
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "text": result.text,
        "source": result.source,
        "expected": flips.named(result.expected),
        "got": flips.named(result.got),
        "expected_parts": sorted(map(flips.named, result.expected_parts)),
        "got_parts": sorted(map(flips.named, result.got_parts)),
        "confidence": result.confidence,
    }


def _comparison(of: Evaluation) -> dict[str, Any] | None:
    found = of.comparison
    if found is None:
        return None
    named = ("expected", "before", "after")
    return {
        "name": of.base,
        "verdict": found.verdict,
        "messages": found.messages,
        "right_before": found.right_before,
        "right_after": found.right_after,
        "better": len(found.of(flips.BETTER)),
        "worse": len(found.of(flips.WORSE)),
        "p_value": found.p_value,
        "flips": [
            {**f._asdict(), **{key: flips.named(getattr(f, key)) for key in named}}
            for f in found.flips
        ],
    }
