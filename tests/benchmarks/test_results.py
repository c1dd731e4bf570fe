"""Results: from what the pipeline says to what the bot would act on."""

from __future__ import annotations

import pytest

from benchmarks.results import outcome_for, result, understood
from bot.reply.outcomes import Part
from tests.benchmarks.examples import parsed

PAIN = Part("answer", "pain")


def test_the_parts_are_those_of_the_decision() -> None:
    parts = [{"outcome": "dosing"}, {"outcome": "answer", "topic": "pain"}]

    got = understood(parsed("dosing", parts=parts))

    assert got == (Part("dosing"), (Part("dosing"), PAIN), ())


def test_without_parts_the_intent_is_the_only_one() -> None:
    forgotten = Part("smalltalk", "privacy")

    assert understood(parsed("forget_me", parts=[])) == (forgotten, (forgotten,), ())


def test_asking_back_has_readings_and_no_parts() -> None:
    got = understood(parsed("nlu_fallback", reason="unsure", readings=["ask_pain", "human"]))

    assert got == (Part("clarify"), (), (PAIN, Part("human")))
    assert understood(parsed("nlu_fallback", reason="too_long")) == (Part("clarify"), (), ())


def test_more_goes_on_with_the_topic_answered_last() -> None:
    more = parsed("ask_more", parts=[])

    assert understood(more).lead == Part("smalltalk", "ask_more")
    assert understood(more, "pain") == (PAIN, (PAIN,), ())


@pytest.mark.parametrize(
    ("intent", "outcome"),
    [
        (None, "clarify"),
        ("nlu_fallback", "clarify"),
        ("ask_pain", "answer"),
        ("ask_more", "smalltalk"),
        ("forget_me", "smalltalk"),
        ("crisis", "crisis"),
    ],
)
def test_each_intent_has_an_outcome(intent: str | None, outcome: str) -> None:
    assert outcome_for(intent) == outcome


def test_a_row_expects_its_parts_or_itself() -> None:
    row = {"text": "pain?", "outcome": "answer", "topic": "pain"}
    several = {"text": "pain? dose?", "outcome": "dosing", "parts": [{"outcome": "dosing"}, row]}

    one = result("answer", row, parsed("ask_pain", parts=[]), 0.5)
    two = result("multi", several, parsed("dosing", parts=[]), 0.5)

    assert (one.expected, one.expected_parts) == (PAIN, {PAIN})
    assert (two.expected, two.expected_parts) == (Part("dosing"), {Part("dosing"), PAIN})
    assert (one.source, one.text, one.got, one.seconds) == ("answer", "pain?", PAIN, 0.5)
