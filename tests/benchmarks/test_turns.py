"""The cost of turns: the table and its ratio, from figures made up here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.turns import MEMORY, OURS, STOCK, growth, options, table
from bot.settings import ROOT

COSTS = {
    OURS: {2: 20.0, 400: 25.0},
    STOCK: {2: 20.0, 400: 170.0},
    MEMORY: {2: 10.0, 400: 40.0},
}


def test_ratios_stand_side_by_side() -> None:
    lines = table(COSTS).splitlines()

    assert lines[0] == f"| turn | {OURS} | {STOCK} | {MEMORY} |"
    assert lines[-1] == "| 400 | 25.0 ms, 1.25x | 170.0 ms, 8.50x | 40.0 ms, 4.00x |"


def test_growth_is_that_of_our_store() -> None:
    assert growth(COSTS) == pytest.approx(1.25)


def test_it_measures_all_lengths_unless_told_otherwise() -> None:
    assert options([]).longest == 400
    assert options(["--longest", "50", "--repeats", "3"]).repeats == 3


def test_importing_it_imports_no_rasa() -> None:
    code = "import sys, benchmarks.turns; sys.exit('rasa' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
