"""The real thing: the bot is loaded, forked, broken, and somebody notices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.model

# One of each way to bring a fault about: content, rules, settings, model, module, code.
OPERATORS = (
    "disclaimer gone",
    "urgent texts swapped",
    "rule condition dropped",
    "detector wild",
    "precedence swapped",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run of a few mutants reports."""
    folder = tmp_path_factory.mktemp("reports")
    only = [word for name in OPERATORS for word in ("--only", name)]
    command = [sys.executable, "-m", "benchmarks.mutation", "--sample", "6", "--jobs", "1"]
    done = subprocess.run(
        [*command, *only, "--reports", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    assert (folder / "mutation.md").read_text("utf-8") in done.stdout
    found: dict[str, Any] = json.loads((folder / "mutation.json").read_text("utf-8"))
    return found


def test_every_mutant_was_tried_and_nothing_leaks_from_one_to_the_next(
    report: dict[str, Any],
) -> None:
    assert len(report["mutants"]) == 6
    assert {one["operator"] for one in report["mutants"]} == set(OPERATORS)
    assert not [one for one in report["mutants"] if one["by"] == "broken"]


def test_who_noticed_is_told_apart(report: dict[str, Any]) -> None:
    by = {one["operator"]: one["by"] for one in report["mutants"]}

    assert by["disclaimer gone"] == "loader"
    assert by["urgent texts swapped"] == "content checks"
    assert by["detector wild"] == "conversations"


def test_a_conversation_that_failed_is_named(report: dict[str, Any]) -> None:
    noticed = [one for one in report["mutants"] if one["by"] == "conversations"]

    assert noticed
    assert all("user_" in one["test"] and one["why"] for one in noticed)
    assert Path(ROOT / "tests" / "conversations").is_dir()
