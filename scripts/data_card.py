"""Makes the tables of docs/data-card.md from the examples and the development set.

`python scripts/data_card.py` prints them; `--write` puts them into the page.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import yaml

# Run as a script, Python looks for modules in scripts/ only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.reply.outcomes import PRECEDENCE, outcome_of
from bot.settings import ROOT

CARD = ROOT / "docs" / "data-card.md"
EXAMPLES = ROOT / "data" / "nlu"
DEVELOPMENT = ROOT / "tests" / "evaluation"
START = "<!-- Made by `python scripts/data_card.py --write`: do not edit from here -->"
END = "<!-- to here -->"
LONG, SHORT = 40, 3


@dataclass(frozen=True)
class Example:
    """A training example; the first label leads, the others are what it asks besides."""

    text: str
    labels: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class Row:
    """A message of the development set; `dialogue` names the dialogue it is a turn of, if any."""

    text: str
    outcome: str
    parts: int
    tags: tuple[str, ...]
    dialogue: str | None
    file: str


Text = TypeVar("Text")


def _files(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.glob("*.yml")):
        yield path.name, yaml.load(path.read_bytes(), yaml.CSafeLoader)


def _entries(examples: str | list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield each text with what it asks besides; Rasa knows a short form and one with metadata."""
    if isinstance(examples, str):
        for line in examples.splitlines():
            yield line.removeprefix("- ").strip(), []
        return
    for entry in examples:
        yield entry["text"].strip(), entry.get("metadata", {}).get("also", [])


def examples(folder: Path = EXAMPLES) -> list[Example]:
    """Return every training example."""
    return [
        Example(text, (block["intent"], *also), file)
        for file, content in _files(folder)
        for block in content["nlu"]
        for text, also in _entries(block["examples"])
    ]


def _row(row: dict[str, Any], file: str, dialogue: str | None = None) -> Row:
    tags, parts = tuple(row.get("tags") or ()), len(row.get("parts") or ())
    return Row(row["text"], row["outcome"], parts, tags, dialogue, file)


def development(folder: Path = DEVELOPMENT) -> list[Row]:
    """Return every message of the development set, the turns of the dialogues among them."""
    found = []
    for file, content in _files(folder):
        for entry in content:
            if "turns" in entry:
                found += [_row(turn, file, entry["name"]) for turn in entry["turns"]]
            else:
                found.append(_row(entry, file))
    return found


def _lengths(texts: Sequence[Example] | Sequence[Row]) -> list[str]:
    """Return the cells on length: how many, the share of long and of short ones, the median."""
    words = [len(text.text.split()) for text in texts]
    if not words:
        return ["0", "", "", ""]
    long = sum(count >= LONG for count in words) / len(words)
    short = sum(count <= SHORT for count in words) / len(words)
    return [f"{len(words):,}", f"{long:.1%}", f"{short:.1%}", f"{median(words):g}"]


def _table(
    titles: str,
    groups: dict[str, list[Text]],
    cells: Callable[[list[Text]], list[str]],
) -> list[str]:
    """Return a Markdown table with a line for each group, and one for all of them."""
    everything = [text for group in groups.values() for text in group]
    named = {**{f"`{name}`": group for name, group in groups.items()}, "**all**": everything}
    rule = "|---" + "|--:" * (titles.count("|") - 2) + "|"
    return [titles, rule, *(f"| {' | '.join([n, *cells(g)])} |" for n, g in named.items())]


def _example_cells(found: list[Example]) -> list[str]:
    return [*_lengths(found), f"{sum(len(example.labels) > 1 for example in found):,}"]


def _row_cells(found: list[Row]) -> list[str]:
    single = [row for row in found if row.dialogue is None]
    several = sum(row.parts > 1 for row in single)
    return [*_lengths(single), str(several), str(len(found) - len(single))]


def example_table(found: Sequence[Example]) -> list[str]:
    """Return the table of the examples by leading intent, the most urgent outcomes first."""
    intents = sorted(
        {example.labels[0] for example in found},
        key=lambda intent: (PRECEDENCE.index(outcome_of(intent)), intent),
    )
    groups: dict[str, list[Example]] = {intent: [] for intent in intents}
    for example in found:
        groups[example.labels[0]].append(example)
    titles = (
        "| intent | examples | 40 words or more | 1 to 3 words | median words | several labels |"
    )
    return _table(titles, groups, _example_cells)


def development_table(found: Sequence[Row]) -> list[str]:
    """Return the table of the development set by outcome, the most urgent first."""
    groups: dict[str, list[Row]] = {outcome: [] for outcome in PRECEDENCE}
    for row in found:
        groups[row.outcome].append(row)
    titles = (
        "| outcome | messages | 40 words or more | 1 to 3 words | median words "
        "| several parts | turns in dialogues |"
    )
    return _table(titles, groups, _row_cells)


def tags(found: Sequence[Row]) -> list[str]:
    """Return a paragraph on how the development set is tagged, and its dialogues."""
    counts = sorted(Counter(tag for row in found for tag in row.tags).items(), key=lambda c: -c[1])
    dialogues = {row.dialogue for row in found} - {None}
    turns = sum(row.dialogue is not None for row in found)
    named = ", ".join(f"{tag.replace('_', ' ')} {count}" for tag, count in counts)
    text = f"Dialogues: {len(dialogues)}, with {turns} turns in all. Tags: {named}."
    return textwrap.wrap(text, 100, break_on_hyphens=False)


def tables() -> str:
    """Return everything that stands between the two comments of the page."""
    found, rows = examples(), development()
    parts = [
        "**Training examples** by leading intent:",
        *["", *example_table(found), ""],
        "**Development set** by outcome:",
        *["", *development_table(rows), ""],
        *tags(rows),
    ]
    return "\n".join(parts) + "\n"


def refreshed(page: str) -> str:
    """Return the page with its tables made anew.

    Raises:
        ValueError: the page lacks one of the two comments, or has them in the wrong order.
    """
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{CARD.name} needs the comments {START!r} and {END!r}, in this order")
    return f"{before}{START}\n{tables()}{END}{after}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description="Make the tables of docs/data-card.md.")
    parser.add_argument("--write", action="store_true", help="put them into the page")
    if parser.parse_args(arguments).write:
        CARD.write_text(refreshed(CARD.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(tables())


if __name__ == "__main__":
    main()
