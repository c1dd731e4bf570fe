"""Measures the bot on an emulated Telegram, against its goals: the last part of `make bench`.

Starts bots of its own: people write a thousand messages at once, under Telegram's limits; others
write on while the server is killed (`--kills 20` for the long run), in both modes; updates are
forged; and replies are timed beside those over REST. Prints a Markdown table; fails if anything was
lost, doubled, misplaced or forged, or if Telegram takes too long beside REST.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.counting import Outcome
from benchmarks.measures import centile
from benchmarks.telegram_bot import MODES, TelegramBot, running
from benchmarks.telegram_people import EACH, PEOPLE, Burst, burst, forged, kills, turns
from bot.training import train

GOAL_RATIO = 1.5
# Of each question, so that 95 in a hundred can be told.
ROUNDS = 20
FORGED = 100


@dataclass(frozen=True)
class Times:
    """Seconds of the REST turn, and from an update to the first message on Telegram."""

    rest: Sequence[float]
    telegram: Sequence[float]

    @property
    def ratio(self) -> float:
        """How much longer Telegram takes, at the 95th centile."""
        return centile(self.telegram, 0.95) / centile(self.rest, 0.95)


@dataclass(frozen=True)
class Figures:
    """What was measured; by mode, but for the forged updates: how many were refused, and taken, if
    any were sent."""

    times: Mapping[str, Times]
    forged: tuple[int, int] | None
    bursts: Mapping[str, Burst]
    kills: Mapping[str, Outcome]

    def failures(self) -> list[str]:
        """Return what must not be, in words."""
        found = []
        if self.forged not in (None, (FORGED, 0)):
            found.append("forged updates, refused and taken: {} and {}".format(*self.forged or ()))
        for mode, times in self.times.items():
            if times.ratio > GOAL_RATIO:
                found.append(f"{mode}: {times.ratio:.2f} times the REST turn")
        for what, outcomes in (
            ("burst", {mode: one.outcome for mode, one in self.bursts.items()}),
            ("kills", self.kills),
        ):
            bad = (mode for mode, outcome in outcomes.items() if not outcome.flawless)
            found += [f"{what}, {mode}: lost, doubled or misplaced replies" for mode in bad]
        return found


def table(figures: Figures) -> str:
    """Return the figures beside their goals as a Markdown table."""
    rows = []
    if figures.forged is not None:
        refused = "{} / {}".format(*figures.forged)
        rows.append(("forged updates: refused / taken", refused, f"{FORGED} / 0"))
    for mode in figures.times:
        rows += _lines(mode, figures)
    lines = [f"| {what} | {got} | {goal} |" for what, got, goal in rows]
    return "\n".join(["| | measured | goal |", "|---|---|---|", *lines])


def _lines(mode: str, figures: Figures) -> list[tuple[str, str, str]]:
    times, rush, outcome = figures.times[mode], figures.bursts[mode], figures.kills[mode]
    return [
        (f"{mode}: update to first sendMessage, p95 / median of {len(times.telegram)}",
         _spread(times.telegram), ""),
        (f"{mode}: REST turn of the same messages, p95 / median", _spread(times.rest), ""),
        (f"{mode}: ratio of p95", f"{times.ratio:.2f}", f"at most {GOAL_RATIO}"),
        (f"{mode}: ratio of medians", f"{median(times.telegram) / median(times.rest):.2f}", ""),
        (f"{mode}: lost / doubled / misplaced of {rush.outcome.sent} updates at once, "
         f"{PEOPLE} chats, {EACH} each", _faults(rush.outcome), "0 / 0 / 0"),
        (f"{mode}: the same, seconds to the last reply / refused as too fast",
         f"{rush.seconds:.0f} / {rush.refused}", ""),
        (f"{mode}: lost / doubled / misplaced over {outcome.kills} server kills "
         f"({outcome.interrupted} amid a turn, {outcome.sent} messages)",
         _faults(outcome), "0 / 0 / 0"),
        (f"{mode}: every reply there after the server is ready, median / worst",
         _seconds(outcome.back), ""),
    ]  # fmt: skip


async def _measure(bot: TelegramBot, given: Any) -> tuple[Times, Burst, Outcome]:
    await turns(bot, 1)
    times = Times(*await turns(bot, given.rounds))
    _tell(f"timed: {times.ratio:.2f} times the REST turn")
    rush = await burst(bot, _tell)
    _tell(f"burst: {rush.seconds:.0f} s")
    return times, rush, await kills(bot, given.kills, _tell)


async def measure(given: Any) -> Figures:
    """Measure everything, with a bot of our own for each mode."""
    times: dict[str, Times] = {}
    bursts: dict[str, Burst] = {}
    outcomes: dict[str, Outcome] = {}
    refused = None
    with tempfile.TemporaryDirectory() as folder:
        for mode in given.modes:
            _tell(f"{mode} …")
            place = tempfile.mkdtemp(dir=folder)
            async with running(Path(place), mode) as bot:
                if mode == "webhook":
                    refused = await forged(bot, FORGED)
                times[mode], bursts[mode], outcomes[mode] = await _measure(bot, given)
    return Figures(times, refused, bursts, outcomes)


def options(arguments: Sequence[str] | None = None) -> Any:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.telegram", description=__doc__)
    parser.add_argument("--kills", type=int, default=3, help="how often each server is killed")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each question")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="both by default")
    return parser.parse_args(arguments)


def main() -> int:
    """Measure, print the table, and return 1 if something is as it must not be."""
    given = options()
    train()
    try:
        figures = asyncio.run(measure(given))
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("The bot on an emulated Telegram.\n")
    print(table(figures))
    failures = figures.failures()
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _faults(outcome: Outcome) -> str:
    return f"{outcome.lost} / {outcome.doubled} / {outcome.misplaced}"


def _spread(seconds: Sequence[float]) -> str:
    return f"{centile(seconds, 0.95) * 1000:.0f} / {median(seconds) * 1000:.0f} ms"


def _seconds(found: Sequence[float]) -> str:
    return f"{median(found):.1f} s / {max(found):.1f} s" if found else "none"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
