"""Measures understanding on the development set: `make evaluate`.

Loads the current model, reads every message of tests/evaluation, and holds its dialogues. Prints
the measures, with 95 % intervals and the goals, as a Markdown table. Writes reports/evaluation.csv,
a row a message, so that two runs can be compared.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.dialogues import DIALOGUES, Processor, dialogues, hold_all
from benchmarks.measures import table
from benchmarks.results import Result, result
from bot.lean import hush, keep_tensorflow_out
from bot.settings import ROOT
from bot.training import train

ROWS = ROOT / "tests" / "evaluation"
REPORT = ROOT / "reports" / "evaluation.csv"
COLUMNS = ("expected", "topic", "got", "got_topic", "confidence", "text", "source")


def rows(folder: Path = ROWS) -> list[dict[str, Any]]:
    """Return the rows of the development set, each with its file as `source`; no dialogues.

    Raises:
        FileNotFoundError: there is no row at all.
    """
    found = [
        {**row, "source": path.stem}
        for path in sorted(folder.glob("*.yml"))
        if path.name != DIALOGUES.name
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    if not found:
        raise FileNotFoundError(f"no evaluation rows in {folder}")
    return found


async def read(processor: Processor, found: Sequence[dict[str, Any]]) -> list[Result]:
    """Read every row as the first message of a conversation."""
    from rasa.core.channels.channel import UserMessage

    results = []
    for row in found:
        began = time.perf_counter()
        parsed = await processor.parse_message(UserMessage(row["text"]))
        results.append(result(row["source"], row, parsed, time.perf_counter() - began))
    return results


async def evaluate() -> tuple[list[Result], list[Result]]:
    """Return the results of all rows and of all dialogue turns, with the current model."""
    from rasa.core.agent import Agent

    processor = Agent.load(str(train())).processor
    return await read(processor, rows()), await hold_all(processor, dialogues())


def write(results: Sequence[Result], path: Path = REPORT) -> None:
    """Write one line a message: expected, understood, confidence, text, where it stands."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for r in results:
            writer.writerow([*r.expected, *r.got, f"{r.confidence:.3f}", r.text, r.source])


def main() -> int:
    """Evaluate, print the table, write the report."""
    keep_tensorflow_out()
    hush()
    import structlog

    # Unconfigured, structlog prints every message at DEBUG.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    found, turns = asyncio.run(evaluate())
    print(table(found, turns))
    write([*found, *turns])
    print(f"Every message: {REPORT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
