"""Measures understanding: `make evaluate`, with `BASE=<git ref or model file>` beside another one.

Reads the development set (tests/evaluation), holds its dialogues, rewrites a sample of it, and asks
the safety gate. Prints every measure with its 95 % interval as Markdown. Writes into reports/:
evaluation.csv (a row a message), evaluation.json, evaluation.html, and the plots as PNG. What it
shows and how it is measured: docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import plots, report
from benchmarks.base import BaseError, base
from benchmarks.evaluation import SAMPLE, Evaluation, compared, evaluation
from benchmarks.judging import confusion
from benchmarks.models import current
from benchmarks.page import page
from benchmarks.results import Result
from bot.settings import ROOT

REPORTS = ROOT / "reports"
COLUMNS = ("expected", "topic", "got", "got_topic", "confidence", "text", "source")


def write_rows(results: Sequence[Result], path: Path) -> None:
    """Write one line a message: expected, understood, confidence, text, where it stands."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for r in results:
            writer.writerow([*r.expected, *r.got, f"{r.confidence:.3f}", r.text, r.source])


def write(of: Evaluation, folder: Path = REPORTS) -> None:
    """Write the reports: CSV, JSON, plots, and the page that shows all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows([*of.held.rows, *of.held.turns], folder / "evaluation.csv")
    found = json.dumps(report.as_json(of), indent=1, ensure_ascii=False)
    (folder / "evaluation.json").write_text(found, encoding="utf-8")
    drawn = {
        "calibration": plots.reliability(of.calibrations),
        "confidence": plots.confidence(of.spreads),
        "confusion": plots.confusion(confusion(of.held.rows)),
    }
    for name, png in drawn.items():
        (folder / f"evaluation-{name}.png").write_bytes(png)
    (folder / "evaluation.html").write_text(page(of, drawn), encoding="utf-8")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of a run; without --base, that of the environment, if any."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate")
    named = os.environ.get("BASE", "")
    parser.add_argument("--base", default=named, help="git ref or model file to compare with")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="rows to rewrite")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate, print the tables, write the reports; 2 if there is no such base."""
    chosen = options(arguments)
    try:
        found = evaluated(chosen.base, chosen.sample)
    except BaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.text(found))
    write(found)
    print(
        f"\nEvery message, plots and what went wrong: {REPORTS.name}/evaluation.html (.json, .csv)"
    )
    return 0


def evaluated(name: str, sample: int) -> Evaluation:
    """Return the current model's evaluation, compared with a base if one is named.

    Raises:
        BaseError: there is no such base.
    """
    if not name:
        return evaluation(current(), sample)
    # A wrong name is told before anything is read.
    with base(name) as other:
        found = evaluation(current(), sample)
        return replace(found, base=name, comparison=compared(found.held, other))


if __name__ == "__main__":
    sys.exit(main())
