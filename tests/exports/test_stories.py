"""The export as Rasa test stories: intents, actions and the slot, worked out from outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.exports.conftest import Write
from tests.exports.stories import FIRST, WHOLE, export
from tests.plugin.format import Conversation


def stories(talks: Iterable[Conversation], folder: Path, name: str = WHOLE) -> list[Any]:
    export(talks, folder)
    loaded: list[Any] = yaml.safe_load((folder / name).read_text(encoding="utf-8"))["stories"]
    return loaded


def steps(talk: Conversation, folder: Path) -> list[str]:
    [story] = stories([talk], folder)
    return [
        str(step.get("intent") or step.get("action") or step["slot_was_set"][0]["offer"])
        for step in story["steps"]
    ]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("user: does it hurt, outcome: answer, topic: pain", "ask_pain action_answer"),
        ("user: tell me more, outcome: answer, topic: pain", "ask_more action_answer_more"),
        ("user: /ask_more, outcome: answer, topic: pain", "ask_more action_answer_more"),
        ("button: /ask_pain, outcome: answer, topic: pain", "ask_pain action_answer"),
        ("user: how much, outcome: dosing", "dosing action_escalate"),
        ("user: I want to die, outcome: crisis", "crisis action_crisis"),
        ("user: my chest hurts, outcome: emergency", "emergency action_emergency"),
        ("user: a person please, outcome: human", "human action_escalate"),
        ("user: weather, outcome: off_topic", "off_topic action_not_covered"),
        ("user: xyzzy, outcome: clarify", "nlu_fallback action_clarify"),
        ("user: /start, outcome: smalltalk, topic: greet", "greet action_smalltalk"),
        ("user: forget me, outcome: smalltalk, topic: privacy", "forget_me action_forget"),
        ("user: what is stored, outcome: smalltalk, topic: privacy", "privacy action_smalltalk"),
        ("user: nice, outcome: smalltalk, topic: feedback_good", "feedback_good action_feedback"),
    ],
)
def test_each_outcome_has_its_intent_and_action(
    talk: Write, tmp_path: Path, turn: str, expected: str
) -> None:
    hello = "  - {user: hello, outcome: smalltalk, topic: greet}\n"

    found = steps(talk(f"{hello}  - {{{turn}}}\n"), tmp_path)

    assert found == ["greet", "action_smalltalk", *expected.split()]


def test_three_uncovered_turns_offer_a_person_and_yes_takes_it_up(
    talk: Write, tmp_path: Path
) -> None:
    lost = "  - {user: what does it cost, outcome: not_covered}\n"

    found = steps(talk(lost * 3 + "  - {user: 'yes', outcome: human}\n"), tmp_path)

    assert found[4:] == [
        *("not_covered", "action_not_covered", "human"),
        *("affirm", "action_escalate", "None"),
    ]


def test_what_follows_criticism_is_its_comment_until_something_else_comes(
    talk: Write, tmp_path: Path
) -> None:
    bad = "outcome: smalltalk, topic: feedback_bad"
    turns = [f"{{user: bad, {bad}}}", "{user: x, outcome: clarify}", f"{{user: z, {bad}}}"]
    found = steps(talk("".join(f"  - {turn}\n" for turn in turns)), tmp_path)

    assert found == [
        *("feedback_bad", "action_feedback", "comment"),
        *("nlu_fallback", "action_feedback_comment"),
        *("nlu_fallback", "action_feedback_comment", "None"),
    ]


def test_rasa_would_play_equal_stories_once_so_one_is_left_out(talk: Write, tmp_path: Path) -> None:
    turn = "  - {user: hello, outcome: smalltalk, topic: greet}\n"
    same = [talk(turn, "user_a.yml"), talk(turn, "user_b.yml")]

    tally = export(same, tmp_path)[WHOLE]

    assert (tally.talks, tally.turns) == (1, 1)
    assert tally.left_out == {"the same intents and actions as another": 1}


def test_first_messages_stand_in_one_story_for_each_intent(talk: Write, tmp_path: Path) -> None:
    both = [
        talk("  - {user: [hello, hi], outcome: smalltalk, topic: greet}\n", "user_a.yml"),
        talk("  - {user: '{hello}', outcome: smalltalk, topic: greet}\n", "user_b.yml"),
    ]

    [story] = stories(both, tmp_path, FIRST)
    tally = export(both, tmp_path)[FIRST]

    assert [step.get("user") for step in story["steps"][::2]] == ["hello", "hi"]
    assert {step.get("action") for step in story["steps"][1::2]} == {"action_smalltalk"}
    assert (tally.talks, tally.turns) == (1, 2)
    assert tally.left_out == {"the first message is empty, a payload or markup": 1}


def test_what_comes_after_forgetting_is_counted_not_played(talk: Write, tmp_path: Path) -> None:
    gone = talk(
        "  - {user: /forget_me, outcome: smalltalk, topic: privacy}\n"
        "  - {user: tell me more, outcome: clarify}\n"
    )

    tally = export([gone], tmp_path)[WHOLE]

    assert steps(gone, tmp_path) == ["forget_me", "action_forget"]
    assert tally.unseen["message after the conversation was deleted"] == 1


def test_what_a_story_cannot_say_is_left_out_by_name(talk: Write, tmp_path: Path) -> None:
    untold = talk("  - {user: hello, outcome: smalltalk}\n", "user_a.yml")
    endless = talk(f"  - {{user: {'pain ' * 3000}, outcome: clarify}}\n", "user_b.yml")

    tallies = export([untold, endless], tmp_path)

    assert tallies[WHOLE].left_out == {"smalltalk without its topic": 1}
    assert tallies[FIRST].left_out == {
        "smalltalk without its topic": 1,
        "the first message is longer than the bot reads": 1,
    }
