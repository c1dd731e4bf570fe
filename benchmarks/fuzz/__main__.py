"""Fuzzes every public input of a running bot: `python -m benchmarks.fuzz --inputs 100000`.

The bot runs on ports and a database of its own, with Telegram emulated (which needs Node). The
inputs come from the seed that is printed; one that did harm is printed as base64, and sent again by
`--replay`. Ends with code 1 if one was answered by a 5xx, not in time, or by its own words, if
something of it was logged, a server ended, or memory grew by more than a half.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.fuzz.case import Case
from benchmarks.fuzz.running import GENEROUS, Figures, Fuzz
from benchmarks.fuzz.watch import Logs
from benchmarks.telegram_bot import running

# Inputs that are printed for each kind of finding.
SHOWN = 2


async def fuzzed(options: argparse.Namespace, folder: Path) -> Figures:
    """Start the bot, send the inputs, and return what came of it."""
    async with running(folder, "webhook", **GENEROUS) as bot:
        fuzz = Fuzz(bot.web, bot.web.settings, Logs(folder))
        if options.replay:
            await fuzz.batch([Case.read(text) for text in options.replay], 0)
            return fuzz.figures
        return await fuzz.run(options.inputs, options.seed)


def report(figures: Figures) -> str:
    """Return the figures as lines to print."""
    sent = ", ".join(f"{name} {count}" for name, count in sorted(figures.sent.items()))
    statuses = ", ".join(f"{code}: {count}" for code, count in sorted(figures.statuses.items()))
    lines = [
        f"inputs: {sum(figures.sent.values())} ({sent})",
        f"statuses: {statuses}",
        f"slowest: {figures.slowest:.1f} s",
        f"memory: {figures.memory[0]:.0f} MB first, {figures.memory[-1]:.0f} MB last, "
        f"{figures.grown:.2f} times what it was when warm",
        f"findings: {len(figures.findings)}",
    ]
    shown: Counter[tuple[str, str]] = Counter()
    for finding in figures.findings:
        kind = finding.case.target, finding.reason
        shown[kind] += 1
        if shown[kind] <= SHOWN:
            lines.append(f"- {kind[0]}: {kind[1]}\n  --replay {finding.case.written()}")
    lines += [f"- {target}: {reason}: {count} times" for (target, reason), count in shown.items()]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--replay", nargs="+", metavar="BASE64", help="send these inputs again")
    options = parser.parse_args(arguments)
    print(f"seed: {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(fuzzed(options, Path(folder)))
    print(report(figures))
    return int(figures.failed)


if __name__ == "__main__":
    sys.exit(main())
