"""docs/testing.md names all there is of the format, the options and the coverage, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.plugin.format import CHANNELS, load, schema
from tests.plugin.inventory import inventory

DOCS = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def rows(heading: str) -> set[str]:
    """Return the names in the first column of the tables beneath a heading."""
    section = DOCS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z]+)`", cell)}


def test_every_key_of_the_format_is_described_and_no_other() -> None:
    keys = set(schema()["properties"]) | set(schema()["definitions"]["turn"]["properties"])

    assert rows("The format") == keys


def test_every_fault_is_named() -> None:
    for fault in schema()["definitions"]["fault"]["enum"]:
        assert f"`{fault}`" in DOCS


def test_every_channel_is_described() -> None:
    assert rows("Over a channel") == set(CHANNELS)


def test_every_group_of_the_coverage_is_described() -> None:
    section = DOCS.split("\n## What of the bot is covered\n")[1]

    for group in inventory():
        assert re.search(rf"^\| [a-z, ]*\b{group}\b", section, re.MULTILINE), group


def test_every_option_is_named(pytestconfig: pytest.Config) -> None:
    parser = pytestconfig._parser
    (group,) = [g for g in parser._groups if g.name == "conversations"]

    for option in group.options:
        assert f"`{option.names()[0]}" in DOCS or f" {option.names()[0]}" in DOCS


def test_the_example_is_a_conversation(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    path = tmp_path / "user_asks.yml"
    path.write_text(re.sub(r"^ {3}", "", example, flags=re.MULTILINE))

    assert len(list(load(path).variants())) == 2
