"""The measurement on Telegram: what it counts as lost or doubled, and when it fails."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.counting import Outcome
from benchmarks.telegram import FORGED, Figures, Times, options, table
from benchmarks.telegram_bot import Talk, count_chats
from benchmarks.telegram_people import Burst, question
from benchmarks.web_bot import Row

SAID = ["one", "two"]
SHOWN = ["First: yes.", "Second."]
ROWS = [
    Row("user", "m1", json.dumps({"text": "one"}), True),
    Row("bot", "m1", json.dumps({"messages": [{"text": "**First:** yes."}]}), True),
    Row("user", "m2", json.dumps({"text": "two"}), True),
    Row("bot", "m2", json.dumps({"messages": [{"text": "Second."}]}), True),
]
FINE = Outcome(kills=3, sent=10, interrupted=2, back=[0.5, 1.5])
FIGURES = Figures(
    {"webhook": Times([0.1] * 19 + [0.2], [0.12] * 20)},
    (FORGED, 0),
    {"webhook": Burst(Outcome(sent=1000), 60.0, 0)},
    {"webhook": FINE},
)


def counted(shown: list[str], rows: list[Row]) -> tuple[int, int, int]:
    """What is lost, doubled and misplaced in a chat."""
    outcome, chat = Outcome(), SimpleNamespace(id=7, texts=shown)
    as_chat: Any = chat
    count_chats([Talk(as_chat, SAID)], {7: rows, 8: ROWS}, outcome)
    return outcome.lost, outcome.doubled, outcome.misplaced


def test_what_is_as_it_should_be_counts_nothing() -> None:
    assert counted(SHOWN, ROWS) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shown", "rows", "expected"),
    [
        (SHOWN[:1], ROWS, (1, 0, 1)),
        ([*SHOWN, SHOWN[1]], ROWS, (0, 1, 1)),
        (SHOWN[::-1], ROWS, (0, 0, 1)),
        (SHOWN[:1], ROWS[:3], (1, 0, 1)),
        (SHOWN, [*ROWS[:2], ROWS[2]._replace(answered=False), ROWS[3]], (1, 0, 0)),
        ([], [], (2, 0, 1)),
    ],
)
def test_faults(shown: list[str], rows: list[Row], expected: tuple[int, int, int]) -> None:
    assert counted(shown, rows) == expected


def test_the_table_has_a_goal_beside_each_figure() -> None:
    lines = table(FIGURES).splitlines()

    assert "| forged updates: refused / taken | 100 / 0 | 100 / 0 |" in lines
    assert "| webhook: ratio of p95 | 1.20 | at most 1.5 |" in lines
    assert "| webhook: ratio of medians | 1.20 | |" in [line.replace("  ", " ") for line in lines]
    assert (
        "| webhook: lost / doubled / misplaced of 1000 updates at once, 100 chats, 10 each "
        "| 0 / 0 / 0 | 0 / 0 / 0 |"
    ) in lines
    assert (
        "| webhook: lost / doubled / misplaced over 3 server kills (2 amid a turn, 10 messages) "
        "| 0 / 0 / 0 | 0 / 0 / 0 |"
    ) in lines
    assert FIGURES.failures() == []


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (replace(FIGURES, forged=(FORGED - 1, 0)), "forged"),
        (replace(FIGURES, forged=(FORGED, 1)), "forged updates, refused and taken: 100 and 1"),
        (replace(FIGURES, times={"polling": Times([0.1], [0.16])}), "polling: 1.60 times"),
        (replace(FIGURES, bursts={"webhook": Burst(Outcome(lost=1), 1.0, 0)}), "burst, webhook"),
        (replace(FIGURES, kills={"polling": Outcome(doubled=1)}), "kills, polling"),
    ],
)
def test_it_fails_when_something_is_as_it_must_not_be(figures: Figures, words: str) -> None:
    assert words in " ".join(figures.failures())


def test_where_nothing_was_forged_nothing_is_said_of_it() -> None:
    figures = replace(FIGURES, forged=None)
    assert "forged" not in table(figures)
    assert figures.failures() == []


def test_no_question_is_like_another() -> None:
    assert len({question(number) for number in range(1000)}) == 1000


def test_three_kills_unless_told() -> None:
    assert options([]).kills == 3
    assert options(["--kills", "20"]).kills == 20
    assert list(options([]).modes) == ["webhook", "polling"]
    assert options(["--modes", "polling"]).modes == ["polling"]
