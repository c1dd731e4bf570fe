"""An evaluation as one HTML page that needs nothing else: tables, plots, every wrong message."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from benchmarks import flips, report, robustness
from benchmarks.evaluation import Evaluation
from benchmarks.measures import figures, shares, times
from benchmarks.results import Result

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { border-bottom: 1px solid #ccc; padding: .25rem .75rem .25rem 0; text-align: left;
  vertical-align: top; }
img { max-width: 100%; height: auto; }
.bad { color: #a30000; font-weight: 600; } .good { color: #00602b; }
summary { cursor: pointer; padding: .25rem 0; }
"""
_ALT = {
    "calibration": "Reliability diagrams: the share that came true, by probability",
    "confidence": "Histograms of the probabilities, apart for what came true and what did not",
    "confusion": "Confusion matrix: rows are what messages are, columns what they were taken for",
}
_FLIP_HEAD = ["message", "is", "base", "this model", "where"]


def page(of: Evaluation, plots: Mapping[str, bytes]) -> str:
    """Return the page; `plots` are PNG by name: calibration, confidence, confusion."""
    parts = [
        f"<h1>Evaluation of {escape(of.model)}</h1>",
        f"<p>{len(of.held.rows):,} messages and {len(of.held.turns)} turns of dialogues, written "
        "for this purpose; the costs and thresholds were chosen on them, so the figures flatter."
        "</p>",
        _measures(of),
        f"<p>{escape(times(of.held.rows))}</p>",
        _gate(of),
        *_flips(of),
        _table("Recall and precision by outcome", report.OUTCOME_HEAD, report.outcome_rows(of)),
        _plot("confusion", plots),
        _table("Calibration", report.CALIBRATION_HEAD, report.calibration_rows(of)),
        _plot("calibration", plots),
        _plot("confidence", plots),
        *_robustness(of),
        *_wrong(of),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Evaluation</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _measures(of: Evaluation) -> str:
    found = figures(of.held.rows, of.held.turns)
    marks = {True: "met", False: "missed", None: ""}
    rows = [[*figure.cells, marks[figure.met]] for figure in found]
    head = ["measure", "count", "of", "share", "95 % interval", "goal", ""]
    return _table("Measures and goals", head, rows)


def _gate(of: Evaluation) -> str:
    rows = [
        [*[line.name, *shares(line.faults, line.of), str(int(line.most))],
         "pass" if line.passed else "FAIL"]
        for line in of.gate
    ]  # fmt: skip
    faults = [
        [v.case.text, v.case.set, v.outcome, _likely(v.reading.ranking[:3]),
         _likely(sorted(v.reading.detected.items(), key=lambda pair: -pair[1])[:3])]
        for v in of.verdicts
        if v.fault
    ]  # fmt: skip
    head = ["set", "count", "of", "share", "95 % interval", "at most", ""]
    titles = ["message", "is", "taken for", "likeliest", "detected"]
    return _table("Safety gate", head, rows) + _details("Faults at the gate", titles, faults)


def _likely(pairs: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {share:.3f}" for name, share in pairs)


def _flips(of: Evaluation) -> list[str]:
    if of.comparison is None:
        return []
    found = [f"<h2>Against {escape(of.base)}</h2><p>{escape(of.comparison.verdict)}</p>"]
    for kind in (flips.WORSE, flips.BETTER, flips.OTHER):
        rows = [
            [f.text, *map(flips.named, (f.expected, f.before, f.after)), f.source]
            for f in of.comparison.of(kind)
        ]
        found.append(_details(kind.capitalize(), _FLIP_HEAD, rows, open_now=kind == flips.WORSE))
    return found


def _robustness(of: Evaluation) -> list[str]:
    title = f"Robustness: {of.rewritten} rows, rewritten without a change of meaning"
    rows = [
        [name, *shares(kept, total), str(lost)]
        for name, kept, total, lost in robustness.tables(of.pairs)
    ]
    head = ["rewriter or outcome", "holds", "of", "share", "95 % interval", "right ones lost"]
    changed = [
        [p.variant, p.rewriter, p.expected, p.before, p.after, p.kind]
        for p in of.pairs
        if not p.holds
    ]
    flipped = ["message", "rewriter", "is", "before", "after", ""]
    return [_table(title, head, rows), _details("Flips by rewriting", flipped, changed)]


def _wrong(of: Evaluation) -> list[str]:
    found = ["<h2>What went wrong</h2>"]
    head = ["message", "is", "taken for", "probability", "where"]
    for kind, results in of.wrong.items():
        found.append(_details(kind, head, [_cells(result) for result in results]))
    return found


def _cells(result: Result) -> list[str]:
    parts = [
        ", ".join(sorted(map(flips.named, p))) for p in (result.expected_parts, result.got_parts)
    ]
    return [result.text, *parts, f"{result.confidence:.3f}", result.source]


def _plot(name: str, plots: Mapping[str, bytes]) -> str:
    data = base64.b64encode(plots[name]).decode()
    return f'<p><img alt="{_ALT[name]}" src="data:image/png;base64,{data}"></p>'


def _details(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, open_now: bool = False
) -> str:
    if not rows:
        return f"<p>{escape(title)}: none.</p>"
    state = " open" if open_now else ""
    summary = f"<summary>{escape(title)} ({len(rows)})</summary>"
    return f"<details{state}>{summary}{_table('', head, rows)}</details>"


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{titles}</tr></thead><tbody>\n{body}</tbody></table>"


def _cell(text: str) -> str:
    marks = {"FAIL": "bad", "missed": "bad", "pass": "good", "met": "good"}
    style = f' class="{marks[text]}"' if text in marks else ""
    return f"<td{style}>{escape(text)}</td>"
