"""Measures the website in real Chromium, against its goals: the third part of `make bench`.

Starts a bot of its own, loads its page on a slow processor, embeds the widget in a hostile page
under a strict policy, and kills the server while somebody writes (`--kills 100` for the long run).
Prints a Markdown table; fails if the load is over the limit, if a message was lost or doubled, or
if there was a policy violation.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Browser

from benchmarks.browser import Person, answered, chromium
from benchmarks.counting import Outcome
from benchmarks.host_page import HostPage
from benchmarks.kills import Ordeal
from benchmarks.page_load import SLOWER, Load, loads
from benchmarks.web_bot import WebBot
from bot.training import train

GOAL_BYTES, MOST_BYTES = 30_000, 35_000
AXE = "scripts/test tests/website/test_axe.py"
KEYBOARD = "scripts/test tests/website/test_keyboard.py"


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    url: str
    loads: Sequence[Load]
    violations: Sequence[str]
    outcome: Outcome

    @property
    def bytes(self) -> int:
        """The largest load."""
        return max(load.bytes for load in self.loads)

    def failures(self) -> list[str]:
        """Return what must not be, in words."""
        found = [f"violation: {line}" for line in self.violations]
        if self.bytes > MOST_BYTES:
            found.append(f"the load has {self.bytes} bytes, more than {MOST_BYTES}")
        found += [f"not compressed: {url}" for load in self.loads[:1] for url in load.unzipped]
        if not self.outcome.flawless:
            found.append("messages were lost, doubled or misplaced")
        return found


def table(figures: Figures) -> str:
    """Return the figures beside their goals as a Markdown table."""
    outcome = figures.outcome
    most = max(figures.loads, key=lambda load: len(load.requests))
    lost = f"{outcome.lost} / {outcome.doubled} / {outcome.misplaced}"
    rows = (
        ("cold load, everything, gzip", f"{figures.bytes / 1000:.1f} kB", "30 kB"),
        ("headers of the answers, besides",
         f"{max(load.headers for load in figures.loads) / 1000:.1f} kB", ""),
        ("requests / third-party requests",
         f"{len(most.requests)} / {most.foreign(figures.url)}", "3 / 0"),
        (f"script time at {SLOWER}x CPU throttle, median / best of {len(figures.loads)}",
         _times([load.script for load in figures.loads]), "100 ms"),
        ("the same, of opening the panel", _times([load.opening for load in figures.loads]), ""),
        ("axe violations, any impact, all states", f"`{AXE}`", "0"),
        ("keyboard tasks", f"`{KEYBOARD}`", "12 of 12"),
        (f"lost / doubled / misplaced over {outcome.kills} server kills "
         f"({outcome.interrupted} amid a turn, {outcome.sent} messages)", lost, "0 / 0 / 0"),
        ("connected again after the server is ready, median / worst",
         _spread(outcome.connected), "5 s"),
        ("every reply shown after the server is ready, median / worst", _spread(outcome.back), ""),
        ("policy violations under the strict policy with Trusted Types",
         str(len(figures.violations)), "0"),
    )  # fmt: skip
    lines = [f"| {what} | {got} | {goal} |" for what, got, goal in rows]
    return "\n".join(["| | measured | goal |", "|---|---|---|", *lines])


async def violations(bot: WebBot, host: HostPage, browser: Browser) -> list[str]:
    """Talk on a hostile page under the strict policy, and return what the browser complains of."""
    host.bot = bot.url
    person = await Person.opened(await browser.new_page(), host.url)
    for text in ("what is long covid", "I want to die"):
        await person.send(text)
    await person.until(answered(["what is long covid", "I want to die"]))
    await person.page.close()
    return person.violations


async def measure(kills: int) -> Figures:
    """Measure everything with a bot of our own."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            HostPage().served() as host,
            WebBot(Path(folder)).running() as bot,
            chromium() as browser,
        ):
            found = await loads(browser, bot.url)
            seen = await violations(bot, host, browser)
            ordeal = Ordeal(bot, browser, seed=kills, tell=_tell)
            return Figures(bot.url, found, seen, await ordeal.run(kills))


def options(arguments: Sequence[str] | None = None) -> Any:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.website", description=__doc__)
    parser.add_argument("--kills", type=int, default=5, help="how often the server is killed")
    return parser.parse_args(arguments)


def main() -> int:
    """Measure, print the table, and return 1 if something is as it must not be."""
    kills = options().kills
    train()
    figures = asyncio.run(measure(kills))
    print("The website, in Chromium.\n")
    print(table(figures))
    failures = figures.failures()
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _times(found: Sequence[float]) -> str:
    """Return median and best: a busy machine makes them longer, none makes them shorter."""
    return f"{median(found):.0f} / {min(found):.0f} ms"


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    return f"{median(seconds):.1f} s / {max(seconds):.1f} s"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
