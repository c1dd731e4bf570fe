"""The evaluation's plots, as PNG: calibration, confidence, confusion."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib  # type: ignore[import-untyped]
import numpy as np
from matplotlib.figure import Figure  # type: ignore[import-untyped]
from matplotlib.ticker import ScalarFormatter  # type: ignore[import-untyped]

from benchmarks.calibration import Calibration
from benchmarks.judging import LABELS

matplotlib.use("Agg")

_EDGES = np.linspace(0, 1, 21)
_DOTS = 110
# Okabe and Ito's blue and vermilion (2008): told apart by the colour-blind too.
_BLUE, _RED = "#0072B2", "#D55E00"
_PANELS = 3


class Spread:
    """Probabilities of one kind, apart for what came true and what did not."""

    def __init__(self, name: str, shares: Sequence[float], true: Sequence[bool]) -> None:
        self.name = name
        pairs = list(zip(shares, true, strict=True))
        self.true = [share for share, happened in pairs if happened]
        self.false = [share for share, happened in pairs if not happened]


def reliability(found: Sequence[Calibration]) -> bytes:
    """Return reliability diagrams: how often what has a probability comes true.

    A bar on the diagonal is well calibrated; below it, the model is too sure.
    """
    figure, panels = _grid(len(found))
    for axes, each in zip(panels, found, strict=False):
        low = [each_bin.low for each_bin in each.bins]
        width = [each_bin.high - each_bin.low for each_bin in each.bins]
        shares = [each_bin.share for each_bin in each.bins]
        axes.bar(low, shares, width, align="edge", color=_BLUE, edgecolor="white")
        axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle="--")
        for each_bin in each.bins:
            middle = (each_bin.low + each_bin.high) / 2
            axes.text(middle, 1.02, str(each_bin.size), fontsize=6, ha="center")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability", ylabel="share that came true")
        axes.set_title(f"{each.name} (error {each.error:.3f})", fontsize=9, pad=14)
    return _png(figure)


def confidence(found: Sequence[Spread]) -> bytes:
    """Return histograms of the probabilities, apart for what came true and what did not."""
    figure, panels = _grid(len(found))
    for axes, each in zip(panels, found, strict=False):
        colours, labels = [_BLUE, _RED], ["came true", "did not"]
        axes.hist([each.true, each.false], bins=_EDGES, stacked=True, color=colours, label=labels)
        axes.set(xlim=(0, 1), xlabel="probability", ylabel="messages", yscale="log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.set_title(each.name, fontsize=9)
    panels[0].legend(fontsize=7)
    return _png(figure)


def confusion(matrix: Any) -> bytes:
    """Return the confusion matrix: rows are what messages are, columns what they were taken for."""
    figure = Figure(figsize=(8, 7))
    axes = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    # The root shows the few errors beside the many that are right.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(matrix), strict=True):
        dark = shares[row, column] > 0.5
        colour = "white" if dark else _RED if row != column else "black"
        text = str(matrix[row, column])
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(LABELS)), LABELS, rotation=45, ha="right", fontsize=8)
    axes.set_yticks(range(len(LABELS)), LABELS, fontsize=8)
    axes.set(xlabel="taken for", ylabel="is")
    return _png(figure)


def _grid(number: int) -> tuple[Any, Any]:
    rows = max(1, -(-number // _PANELS))
    figure = Figure(figsize=(3.2 * _PANELS, 3 * rows))
    panels = figure.subplots(rows, _PANELS, squeeze=False).flatten()
    for unused in panels[number:]:
        unused.set_visible(False)
    return figure, panels


def _png(figure: Any) -> bytes:
    figure.tight_layout()
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=_DOTS, metadata={"Software": None})
    return held.getvalue()
