"""Gives faults to a bot of its own, and counts what people got: `python -m benchmarks.faults`.

`crisis` times help while parts are down; `turns` counts turns without a whole reply under random
faults; `escalations` counts records lost or doubled under kills; `chaos` is `turns` for a time.
Needs PostgreSQL and Redis (scripts/with-postgres, scripts/with-redis) and Node. Prints Markdown;
fails if a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.faults.engines import EngineError
from bot.lean import keep_tensorflow_out
from bot.training import model_path

if TYPE_CHECKING:
    from benchmarks.faults import crisis, escalations, turns


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    timed = parts.add_parser("crisis", help="help while parts are down")
    timed.add_argument("--rounds", type=int, default=5, help="messages of each kind")
    counted = parts.add_parser("turns", help="turns under random faults")
    counted.add_argument("--count", type=int, default=500)
    recorded = parts.add_parser("escalations", help="records under kills")
    recorded.add_argument("--count", type=int, default=100)
    long = parts.add_parser("chaos", help="turns under random faults, for a time")
    long.add_argument("--minutes", type=float, default=5)
    for part in (counted, long):
        part.add_argument("--people", type=int, default=50)
    for part in (counted, recorded, long):
        part.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def crisis_table(lines: Sequence[crisis.Line]) -> str:
    """Return what was timed as a Markdown table."""
    head = ["| | messages | without help | median / worst |", "|---|---|---|---|"]
    return "\n".join([*head, *(line.row() for line in lines)])


def turns_table(found: turns.Found) -> str:
    """Return what was counted as a Markdown table."""
    columns = "turns | no reply | incomplete | doubled | help twice | safe replies"
    rows = [f"| channel | {columns} | median / worst |", "|---" * 8 + "|"]
    for name, t in found.tallies.items():
        # Telegram's carry no machine-readable reply to tell by.
        safe = f"{t.safe / max(1, t.turns):.1%}" if name != "telegram" else ""
        times = f"{median(t.seconds):.2f} / {max(t.seconds):.1f} s" if t.seconds else "none"
        counts = f"{t.turns} | {t.silent} | {t.incomplete} | {t.doubled} | {t.helped_again}"
        rows.append(f"| {name} | {counts} | {safe} | {times} |")
    given = ", ".join(f"{name} {count}" for name, count in sorted(found.faults.items()))
    return "\n".join([*rows, "", f"Faults: {given}.", *found.wrong])


def escalations_table(found: escalations.Found) -> str:
    """Return what was counted as a Markdown table."""
    kills = ", ".join(f"{name} {count}" for name, count in sorted(found.kills.items()))
    return "\n".join(
        [
            "| messages | without a reply | lost | doubled | not notified | notified again |",
            "|---|---|---|---|---|---|",
            f"| {found.sent} | {found.silent} | {found.lost} | {found.doubled} | {found.untold} "
            f"| {found.told_again} |",
            "",
            f"Kills: {kills}.",
        ]
    )


def run(given: argparse.Namespace) -> tuple[str, bool]:
    """Run a part; return its table, and whether every goal is met.

    Raises:
        EngineError: PostgreSQL or Redis is not installed.
    """
    from benchmarks.faults import crisis, escalations, turns
    from benchmarks.faults.stand import CHAOS, FAULTS

    if given.part == "crisis":
        lines = asyncio.run(crisis.run(given.rounds))
        return crisis_table(lines), all(line.good for line in lines)
    if given.part == "escalations":
        recorded = asyncio.run(escalations.run(given.count, given.seed))
        return escalations_table(recorded), recorded.flawless()
    seconds = given.minutes * 60 if given.part == "chaos" else None
    count = given.count if given.part == "turns" else sys.maxsize
    faults = CHAOS if given.part == "chaos" else FAULTS
    found = asyncio.run(turns.run(count, given.people, given.seed, faults, seconds))
    return turns_table(found), found.flawless()


def main() -> int:
    """Run a part, print its table, and return 1 if a goal is missed."""
    given = options()
    if not model_path().is_file():
        print(f"error: there is no model at {model_path()}; run `make train`.", file=sys.stderr)
        return 1
    # The clients use the channels' own modules, and those import Rasa.
    keep_tensorflow_out()
    try:
        table, good = run(given)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
