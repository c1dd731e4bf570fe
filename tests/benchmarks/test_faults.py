"""The benchmark of faults counts what it should, and fails where it must."""

from __future__ import annotations

import random
from typing import Any

import pytest

from benchmarks.faults.__main__ import crisis_table, escalations_table, options, turns_table
from benchmarks.faults.crisis import GOAL_SECONDS, Line
from benchmarks.faults.escalations import Found as Recorded
from benchmarks.faults.people import RestPerson, Tally
from benchmarks.faults.stand import CHAOS, FAULTS, KILLS
from benchmarks.faults.turns import Found
from bot.content import load_content
from bot.reply.urgent import urgent_reply

GOOD = urgent_reply(load_content(), "unavailable").messages()


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (GOOD, (0, 0)),
        ([], (1, 0)),
        ([{"text": "Half"}], (1, 0)),
        ([m for m in GOOD if "custom" in m], (1, 0)),
        ([*GOOD, *GOOD], (0, 1)),
        ([{"text": "Bad"}, {"custom": {"outcome": "crisis"}}], (1, 0)),
    ],
)
def test_a_reply_is_whole_and_one(messages: Any, expected: tuple[int, int]) -> None:
    tally = Tally()
    tally.take([dict(message) for message in messages], 0.1)

    assert (tally.incomplete, tally.doubled) == expected
    assert tally.turns == 1


async def test_a_message_without_a_reply_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.faults.people.LOST_SECONDS", -1.0)
    tally = Tally()
    await RestPerson("http://127.0.0.1:9", tally).say("hello")

    assert (tally.turns, tally.silent, tally.resent) == (1, 1, 1)


@pytest.mark.parametrize("wrong", ["silent", "incomplete", "doubled"])
def test_anything_wrong_is_a_failure(wrong: str) -> None:
    assert Found({"rest": Tally()}).flawless()
    assert not Found({"rest": Tally(**{wrong: 1})}).flawless()
    assert not Found({"rest": Tally()}, wrong=["not up again"]).flawless()


@pytest.mark.parametrize("wrong", ["lost", "doubled", "untold", "silent"])
def test_a_lost_or_doubled_record_is_a_failure(wrong: str) -> None:
    assert Recorded(told_again=3).flawless(), "at least once: the reference tells"
    assert not Recorded(**{wrong: 1}).flawless()


def test_help_that_is_late_or_none_is_a_failure() -> None:
    assert Line("down", [0.2, GOAL_SECONDS]).good
    assert not Line("down", [0.2, GOAL_SECONDS + 0.01]).good
    assert not Line("down", [0.2], unhelped=1).good


def test_the_tables() -> None:
    table = crisis_table([Line("PostgreSQL hangs", [0.1, 0.2, 0.9])])
    assert "| PostgreSQL hangs | 3 | 0 | 200 / 900 ms |" in table
    found = Found({"rest": Tally(turns=4, safe=1, seconds=[1.0, 2.0])}, {"Redis hangs": 2})
    assert "| rest | 4 | 0 | 0 | 0 | 0 | 25.0% | 1.50 / 2.0 s |" in turns_table(found)
    assert "Faults: Redis hangs 2." in turns_table(found)
    assert "| 9 | 0 | 1 | 0 | 0 | 2 |" in escalations_table(Recorded(sent=9, lost=1, told_again=2))


def test_every_process_and_database_is_hit() -> None:
    assert set(FAULTS) < set(CHAOS)
    for part in ("Rasa", "action server", "worker", "PostgreSQL", "Redis"):
        assert any(part in name for name in KILLS)
        assert any(part in name for name in CHAOS)
    assert random.Random(options(["chaos"]).seed).random() == random.Random(1).random()
