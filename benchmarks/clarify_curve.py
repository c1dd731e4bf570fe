"""How good asking would be: `python -m benchmarks.clarify_curve`.

For today's rule with other values of `unsure` or `near`, and for a rule that asks where two
readings are close, whatever else was understood: the share of messages asked about, and how often
the right reading is among those offered. It reads the development set with the current model once;
the decisions are then made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.asking import Case, Point, cases, close, point, today
from benchmarks.development import hold, rows
from benchmarks.models import current

NEAR = (0.5, 0.3, 0.2, 0.1, 0.05)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FACTORS = (2.0, 5.0, 10.0, 20.0)


def curve(found: Sequence[Case]) -> list[Point]:
    """Return a point for each `near`, each `unsure`, and each factor with one or two answerable."""
    points = [point(f"near: {n}", today(near=n), found) for n in NEAR]
    points += [point(f"unsure: {t}", today(unsure=t), found) for t in THRESHOLDS]
    for offered, name in ((2, "both answerable"), (1, "one answerable")):
        points += [
            point(f"two within a factor {factor:g}, {name}", close(factor, offered), found)
            for factor in FACTORS
        ]
    return points


def markdown(points: Sequence[Point]) -> str:
    """Return the points as a Markdown table; shares are of the messages asked about."""
    lines = [
        "| rule | asked | share | right in first 2 | in first 3 | in first 3 of all calm "
        '| in first 2, or "none of these" is right | wrong otherwise | of these mended |',
        "|---" * 9 + "|",
    ]
    for p in points:
        counts = (_of(count, p.asked) for count in (p.two, p.three, p.any_three, p.none))
        cells = [p.name, p.asked, f"{p.asked / p.of:.1%}", *counts, p.wrong, p.mended]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _of(count: int, total: int) -> str:
    return f"{count} ({count / total:.0%})" if total else "0"


def main() -> int:
    """Print the table."""
    held = hold(current(), rows())
    # Deciding anew imports Rasa, which need not bring TensorFlow along.
    from bot.lean import hush, keep_tensorflow_out

    keep_tensorflow_out()
    hush()
    print(markdown(curve(cases(held.rows, held.readings))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
