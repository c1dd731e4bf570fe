"""Two ways of doing the same, side by side in a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """One figure of both ways, and the format to show it in."""

    label: str
    ours: float
    theirs: float
    form: str = ".1f"


def table(ours: str, theirs: str, lines: Sequence[Line]) -> str:
    """Return the figures of both ways and their ratio; no ratio to nothing."""
    rows = [f"| | {ours} | {theirs} | ratio |", "|---|---|---|---|"]
    for label, mine, other, form in lines:
        ratio = f"{mine / other:.2f}" if other else ""
        rows.append(f"| {label} | {mine:{form}} | {other:{form}} | {ratio} |")
    return "\n".join(rows)
