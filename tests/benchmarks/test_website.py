"""The measurement of the website: what it counts as lost or doubled, and when it fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks.browser import Bubble, answered
from benchmarks.counting import Outcome, count_rows
from benchmarks.kills import count_page
from benchmarks.page_load import Load
from benchmarks.web_bot import Row
from benchmarks.website import MOST_BYTES, Figures, options, table

PAGE = "http://127.0.0.1:5005"
TEXTS = ["one", "two"]
SHOWN = [
    Bubble("user", "one", "Sent"),
    Bubble("bot", "First: yes.", ""),
    Bubble("user", "two", "Sent"),
    Bubble("bot", "Second.", ""),
]
ROWS = [
    Row("user", "a", json.dumps({"text": "one"}), True),
    Row("bot", "a", json.dumps({"messages": [{"text": "**First:** yes."}]}), True),
    Row("user", "b", json.dumps({"text": "two"}), True),
    Row("bot", "b", json.dumps({"messages": [{"text": "Second."}]}), True),
]
LOAD = Load(29_000, 900, (f"{PAGE}/", f"{PAGE}/widget/long-covid-guide.js"), (), 40.0, 20.0)
FIGURES = Figures(PAGE, [LOAD], [], Outcome(kills=1, sent=2, connected=[0.5], back=[1.5]))


def counted(shown: list[Bubble], rows: list[Row]) -> tuple[int, int, int]:
    """What is lost, doubled and misplaced."""
    outcome = Outcome()
    count_page(shown, TEXTS, rows, outcome)
    count_rows(rows, TEXTS, outcome)
    assert outcome.flawless is not any((outcome.lost, outcome.doubled, outcome.misplaced))
    return outcome.lost, outcome.doubled, outcome.misplaced


def test_what_is_as_it_should_be_counts_nothing() -> None:
    assert counted(SHOWN, ROWS) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (SHOWN[:3], (1, 0, 0)),
        ([*SHOWN[:2], SHOWN[3]], (1, 0, 1)),
        ([*SHOWN, SHOWN[3]], (0, 1, 0)),
        ([*SHOWN, SHOWN[2]], (0, 1, 1)),
        ([SHOWN[2], SHOWN[1], SHOWN[0], SHOWN[3]], (0, 0, 1)),
        ([SHOWN[0], SHOWN[3], SHOWN[2], SHOWN[1]], (0, 0, 2)),
    ],
)
def test_faults_on_the_page(shown: list[Bubble], expected: tuple[int, int, int]) -> None:
    assert counted(shown, ROWS) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ROWS[:3], (1, 0, 1)),
        (ROWS[:2], (1, 0, 1)),
        ([*ROWS, ROWS[1]], (0, 1, 1)),
        ([*ROWS, ROWS[0]], (1, 1, 2)),
        ([*ROWS[:2], ROWS[2]._replace(answered=False), ROWS[3]], (1, 0, 0)),
    ],
)
def test_faults_in_the_database(rows: list[Row], expected: tuple[int, int, int]) -> None:
    outcome = Outcome()
    count_rows(rows, TEXTS, outcome)

    assert (outcome.lost, outcome.doubled, outcome.misplaced) == expected


def test_answered_is_sent_and_replied() -> None:
    assert answered(TEXTS)(SHOWN)
    assert not answered(TEXTS)(SHOWN[:3])
    assert not answered(TEXTS)([*SHOWN[:2], SHOWN[2]._replace(state="Sending…"), SHOWN[3]])


def test_the_table_has_a_goal_beside_each_figure() -> None:
    lines = table(FIGURES).splitlines()

    assert "| cold load, everything, gzip | 29.0 kB | 30 kB |" in lines
    assert "| requests / third-party requests | 2 / 0 | 3 / 0 |" in lines
    assert "| script time at 4x CPU throttle, median / best of 1 | 40 / 40 ms | 100 ms |" in lines
    assert (
        "| connected again after the server is ready, median / worst | 0.5 s / 0.5 s | 5 s |"
    ) in lines
    assert FIGURES.failures() == []


def test_requests_elsewhere_are_counted() -> None:
    load = replace(LOAD, requests=(*LOAD.requests, "https://fonts.example/a.woff2"))

    assert "| requests / third-party requests | 3 / 1 | 3 / 0 |" in table(
        replace(FIGURES, loads=[LOAD, load])
    )


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (replace(FIGURES, loads=[replace(LOAD, bytes=MOST_BYTES + 1)]), "35001 bytes"),
        (replace(FIGURES, loads=[replace(LOAD, unzipped=("/x.js",))]), "not compressed: /x.js"),
        (replace(FIGURES, violations=["img-src"]), "violation: img-src"),
        (replace(FIGURES, outcome=Outcome(lost=1)), "lost"),
    ],
)
def test_it_fails_when_something_is_as_it_must_not_be(figures: Figures, words: str) -> None:
    assert words in " ".join(figures.failures())


def test_five_kills_unless_told() -> None:
    assert options([]).kills == 5
    assert options(["--kills", "100"]).kills == 100
