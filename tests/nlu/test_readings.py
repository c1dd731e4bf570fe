"""What is offered when the bot asks, and when two answers are as good as each other."""

from __future__ import annotations

import pytest

from bot.nlu.decision import OutcomeDecider
from bot.nlu.payloads import ALLOWED
from bot.nlu.readings import in_doubt, likely
from bot.reply.outcomes import ANSWER_TOPICS, MORE_INTENT, SMALLTALK_TOPICS, can_offer
from tests.nlu.rankings import decide, parts_of, ranking

INTENTS = (*(f"ask_{topic}" for topic in ANSWER_TOPICS), *SMALLTALK_TOPICS, "human", MORE_INTENT)


def test_what_is_offered_can_be_sent_as_a_button() -> None:
    offered = {intent for intent in INTENTS if can_offer(intent)}
    assert offered <= ALLOWED
    assert {"ask_pain", "human", "capabilities", "privacy", "bot_identity"} <= offered
    assert not {"greet", "thanks", "affirm", "feedback_bad", "forget_me", MORE_INTENT} & offered


@pytest.mark.parametrize("intent", ["not_covered", "off_topic"])
def test_what_cannot_be_answered_is_not_offered(intent: str) -> None:
    assert not can_offer(intent)


def test_the_likeliest_are_offered_first_and_no_more_than_asked_for() -> None:
    calm = ranking(off_topic=0.3, ask_pain=0.25, greet=0.2, capabilities=0.15, human=0.1)
    assert likely(calm, 2) == ["ask_pain", "capabilities"]
    assert likely(calm, 9) == ["ask_pain", "capabilities", "human"]


def test_two_answers_are_in_doubt_from_the_share_on() -> None:
    assert in_doubt(ranking(ask_pain=0.5, ask_fatigue=0.1), 0.2) == ["ask_pain", "ask_fatigue"]
    assert in_doubt(ranking(ask_pain=0.5, ask_fatigue=0.09), 0.2) == []


@pytest.mark.parametrize("other", ["off_topic", "not_covered", "greet", MORE_INTENT])
def test_an_answer_and_something_else_are_not_asked_about(other: str) -> None:
    assert in_doubt(ranking(**{"ask_pain": 0.5, other: 0.4}), 0.2) == []
    assert in_doubt(ranking(**{other: 0.5, "ask_pain": 0.4}), 0.2) == []


def test_one_reading_alone_is_no_doubt() -> None:
    assert in_doubt(ranking(ask_pain=0.5), 0.2) == []


def test_the_bot_asks_which_of_two_answers_is_meant(decider: OutcomeDecider) -> None:
    found = decide(decider, {"ask_pain": 0.5, "ask_fatigue": 0.2})
    expected = {"reason": "unsure", "readings": ["ask_pain", "ask_fatigue"]}
    assert found == ("nlu_fallback", expected)


def test_a_danger_is_never_asked_about(decider: OutcomeDecider) -> None:
    whole = {"ask_pain": 0.5, "ask_fatigue": 0.2}
    assert decide(decider, whole, detected={"dosing": 0.9})[0] == "dosing"


def test_a_piece_that_is_clear_settles_the_doubt(decider: OutcomeDecider) -> None:
    found = decide(decider, {"ask_pain": 0.5, "ask_fatigue": 0.2}, {"ask_pain": 0.9})
    assert found == ("ask_pain", parts_of("ask_pain"))
