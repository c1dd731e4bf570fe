"""A transcript shows what was said, and marks the first difference."""

from __future__ import annotations

from dataclasses import replace

from tests.plugin.checks import Difference
from tests.plugin.tests.helpers import heard, transcript, turn
from tests.plugin.transcript import Said

GOOD = Said(turn(1, outcome="answer"), "can it help?", False, heard())
FIRST, SECOND = Difference("topic", "fatigue", "pain"), Difference("row", "dosing", "nothing")
BAD = Said(turn(2, outcome="answer"), "[Is it safe?]", True, heard(), (FIRST, SECOND))


def test_it_reads_like_the_conversation() -> None:
    assert transcript(GOOD).render().splitlines() == [
        "Shows <this>.",
        "",
        "  1  user can it help?",
        "     bot  [answer/pain]",
        "          It may help.",
        "          [Is it safe?]",
    ]
    assert not transcript(GOOD).failed


def test_the_first_difference_is_marked_and_the_others_follow() -> None:
    shown = transcript(GOOD, BAD)

    assert shown.failed
    assert shown.render().splitlines()[6:] == [
        "  2  taps [Is it safe?]",
        "     bot  [answer/pain]",
        "          It may help.",
        "          [Is it safe?]",
        "",
        "user_asks.yml:3: turn 2 is not as expected:",
        ">>> topic",
        ">>>   expected: fatigue",
        ">>>   got:      pain",
        "    also row: expected dosing, got nothing",
    ]


def test_faults_and_pauses_stand_before_the_turn() -> None:
    given = replace(GOOD.turn, given=("database down",), pause=60)

    lines = transcript(replace(GOOD, turn=given)).render().splitlines()

    assert lines[2:4] == ["     (60 minutes pass)", "     (database down)"]


def test_a_turn_that_broke_shows_the_error() -> None:
    broken = Said(turn(1, outcome="answer"), "hi", False, None, broke="no button\nto tap")

    shown = transcript(broken)

    assert shown.failed
    assert shown.render().endswith(">>> no button\n>>> to tap")


def test_long_lines_are_wrapped_and_blank_ones_shown() -> None:
    long = transcript(replace(GOOD, did="word " * 60)).render()
    blank = transcript(replace(GOOD, did="  ")).render()

    assert max(map(len, long.splitlines())) <= 96
    assert "  1  user '  '" in blank


def test_a_very_long_message_is_shown_by_its_ends() -> None:
    shown = transcript(replace(GOOD, did="word " * 2000 + "end")).render()

    assert len(shown) < 2500
    assert "(10003 characters)" in " ".join(shown.split())
    assert "word end" in " ".join(shown.split())


def test_what_is_not_kept_is_said() -> None:
    kept = replace(GOOD, heard=heard(custom=None))

    assert "[nothing is kept of this reply]" in transcript(kept).render()


def test_it_travels_as_plain_data() -> None:
    data = transcript(GOOD, BAD).data()

    assert (data["name"], data["variant"], data["channel"]) == (
        "user_asks.yml",
        "as_written",
        "inprocess",
    )
    assert data["exercised"] == ["topics: pain"]
    assert data["turns"][1]["differences"][0] == {
        "key": "topic",
        "expected": "fatigue",
        "got": "pain",
    }
    assert data["turns"][0]["texts"] == ["It may help."]
