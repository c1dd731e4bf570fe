"""The documentation names every kind of fault and every option."""

from __future__ import annotations

import pytest

from benchmarks.mutation.__main__ import _arguments
from benchmarks.mutation.operators import OPERATORS
from benchmarks.mutation.report import GOAL
from bot.settings import ROOT

PAGE = (ROOT / "docs" / "mutation.md").read_text(encoding="utf-8")


def test_every_operator_is_described() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]

    for operator in OPERATORS:
        assert f"| {operator.name} | {operator.description} |" in rows


def test_every_option_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _arguments(["--help"])
    options = {word.strip("[],") for word in capsys.readouterr().out.split() if "--" in word}

    assert {"--sample", "--resume"} <= options
    assert [name for name in options - {"--help", "`--list`"} if f"`{name}" not in PAGE] == []


def test_the_goal_is_the_one_that_is_written() -> None:
    assert f"at least {GOAL:.0%}".replace("%", " %") in PAGE
