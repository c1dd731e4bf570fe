"""Robustness by invariance: `python -m benchmarks.robustness [--sample N]`.

Rewrites the rows of the development set in ways that leave their meaning (benchmarks/rewriters.py)
and reads them again: the outcome must hold. Prints the share that holds, by rewriter and by the
outcome of the row, and every flip; writes reports/robustness.json.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.development import rows
from benchmarks.measures import interval
from benchmarks.models import current
from benchmarks.readings import Model, read_each
from benchmarks.results import understood
from benchmarks.rewriters import POLITE, REWRITERS, SEED, rewritten
from bot.reply.outcomes import PRECEDENCE
from bot.settings import ROOT

REPORT = ROOT / "reports" / "robustness.json"
LOST, WON, OTHER = "lost", "won", "wrong both ways"


class Pair(NamedTuple):
    """A row and its rewriting, with the outcomes that the model gave to both."""

    rewriter: str
    expected: str
    text: str
    variant: str
    before: str
    after: str

    @property
    def holds(self) -> bool:
        """Whether the outcome is the same."""
        return self.before == self.after

    @property
    def kind(self) -> str:
        """Whether a right outcome was lost by the rewriting, or won."""
        if self.before == self.expected:
            return LOST
        return WON if self.after == self.expected else OTHER


class Held(NamedTuple):
    """How many of the changed texts of a rewriter, or an outcome, kept their outcome."""

    name: str
    held: int
    of: int
    lost: int


def sample(found: Sequence[Mapping[str, Any]], size: int | None) -> list[Mapping[str, Any]]:
    """Return so many rows, drawn with the seed, in their order; without a size, all."""
    if size is None or size >= len(found):
        return list(found)
    chosen = random.Random(SEED).sample(range(len(found)), size)
    return [found[place] for place in sorted(chosen)]


def variants(found: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any], str]]:
    """Return rewriter, row and new text, wherever a rewriter changes a row's text."""
    made = [
        (name, row, rewritten(row["text"], name))
        for name in REWRITERS
        for row in found
        # A greeting around "bye" is another message.
        if not (name == POLITE and row["outcome"] == "smalltalk")
    ]
    return [(name, row, text) for name, row, text in made if text != row["text"]]


def robustness(model: Model, found: Sequence[Mapping[str, Any]]) -> list[Pair]:
    """Read rows and their rewritings and return the pairs.

    Raises:
        ListenerError: the model does not load, or fails.
    """
    changed = variants(found)
    texts = [row["text"] for row in found] + [text for _, _, text in changed]
    read = read_each(model, texts)
    got = {r.text: understood(r.parsed).lead.outcome for r in read}
    return [
        Pair(name, row["outcome"], row["text"], text, got[row["text"]], got[text])
        for name, row, text in changed
    ]


def held(pairs: Sequence[Pair], key: str, names: Sequence[str]) -> list[Held]:
    """Return what held by `rewriter` or by `expected` outcome, in the order of the names."""
    found = []
    for name in names:
        of = [pair for pair in pairs if getattr(pair, key) == name]
        flips = [pair for pair in of if not pair.holds]
        lost = sum(flip.kind == LOST for flip in flips)
        found += [Held(name, len(of) - len(flips), len(of), lost)] if of else []
    return found


def tables(pairs: Sequence[Pair]) -> list[Held]:
    """Return the line of all pairs, then those by rewriter, then those by outcome."""
    flips = [pair for pair in pairs if not pair.holds]
    lost = sum(flip.kind == LOST for flip in flips)
    everything = Held("all", len(pairs) - len(flips), len(pairs), lost)
    by_outcome = held(pairs, "expected", PRECEDENCE)
    return [everything, *held(pairs, "rewriter", list(REWRITERS)), *by_outcome]


def markdown(pairs: Sequence[Pair]) -> str:
    """Return the tables as Markdown."""
    lines = [
        "| rewriter or outcome | outcome holds | of | share | 95 % interval | right ones lost |",
        "|---|---|---|---|---|---|",
    ]
    for name, kept, of, lost in tables(pairs):
        low, high = interval(kept, of)
        share = f"{kept / of:.1%}" if of else ""
        lines.append(f"| {name} | {kept} | {of} | {share} | {low:.1%} to {high:.1%} | {lost} |")
    return "\n".join(lines)


def as_json(pairs: Sequence[Pair], size: int) -> dict[str, Any]:
    """Return the counts and the flips as they stand in the reports."""
    flips = [{**pair._asdict(), "kind": pair.kind} for pair in pairs if not pair.holds]
    counts = [line._asdict() for line in tables(pairs)]
    return {"seed": SEED, "rows": size, "counts": counts, "flips": flips}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print flips and table, write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness")
    parser.add_argument("--sample", type=int, help="how many rows, instead of all")
    found = sample(rows(), parser.parse_args(arguments).sample)
    pairs = robustness(current(), found)
    for pair in pairs:
        if not pair.holds:
            print(f"{pair.kind}: {pair.rewriter}: {pair.before} -> {pair.after} | {pair.variant}")
    print(f"\n{markdown(pairs)}\n\nEvery flip: {REPORT.relative_to(ROOT)}")
    REPORT.parent.mkdir(exist_ok=True)
    report = json.dumps(as_json(pairs, len(found)), indent=1, ensure_ascii=False)
    REPORT.write_text(report, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
