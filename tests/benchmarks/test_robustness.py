"""Robustness: what is rewritten, what counts as held, and which flips lose something."""

from __future__ import annotations

from typing import Any

from benchmarks import robustness
from benchmarks.robustness import LOST, OTHER, WON, Held, Pair, as_json, markdown, sample, variants

ROWS: list[dict[str, Any]] = [
    {"text": f"What about it, number {n}?", "outcome": "answer"} for n in range(20)
]
PAIRS = [
    Pair("typos", "crisis", "a", "b", "crisis", "crisis"),
    Pair("typos", "crisis", "c", "d", "crisis", "answer"),
    Pair("capitals", "answer", "e", "E", "dosing", "answer"),
    Pair("capitals", "answer", "f", "F", "dosing", "crisis"),
]


def test_flips_lose_or_win_or_are_wrong_both_ways() -> None:
    assert [pair.holds for pair in PAIRS] == [True, False, False, False]
    assert [pair.kind for pair in PAIRS[1:]] == [LOST, WON, OTHER]


def test_what_held_is_counted_by_rewriter_and_by_outcome() -> None:
    assert robustness.tables(PAIRS) == [
        Held("all", 1, 4, 1),
        Held("typos", 1, 2, 1),
        Held("capitals", 0, 2, 0),
        Held("crisis", 1, 2, 1),
        Held("answer", 0, 2, 0),
    ]
    assert "| typos | 1 | 2 | 50.0% | 9.5% to 90.5% | 1 |" in markdown(PAIRS)


def test_nothing_rewritten_is_no_error() -> None:
    assert "| all | 0 | 0 |  |" in markdown([])


def test_a_sample_is_the_same_every_time_and_in_order() -> None:
    chosen = sample(ROWS, 5)

    assert chosen == sample(ROWS, 5) == [row for row in ROWS if row in chosen]
    assert len(chosen) == 5
    assert sample(ROWS, None) == sample(ROWS, 99) == ROWS


def test_a_text_that_stays_as_it_is_does_not_count() -> None:
    made = variants([{"text": "is it safe", "outcome": "answer"}])

    assert {name for name, _, _ in made} == {
        "capitals",
        "typos",
        "politeness added",
        "filler added",
    }
    assert all(text != row["text"] for _, row, text in made)


def test_smalltalk_is_not_made_polite() -> None:
    made = variants([{"text": "bye", "outcome": "smalltalk"}])

    assert "politeness added" not in {name for name, _, _ in made}


def test_the_report_holds_counts_and_flips_alone() -> None:
    found = as_json(PAIRS, 4)

    assert found["rows"] == 4
    assert found["counts"][0] == {"name": "all", "held": 1, "of": 4, "lost": 1}
    assert [flip["variant"] for flip in found["flips"]] == ["d", "E", "F"]
    assert found["flips"][0]["kind"] == LOST
