"""Outcomes, topics, and the intents that name them."""

import pytest

from bot.reply.outcomes import (
    ANSWER_TOPICS,
    FORGET_INTENT,
    MORE_INTENT,
    OUTCOMES,
    PRECEDENCE,
    REFERRED,
    REJECTED,
    SAFETY,
    SMALLTALK_TOPICS,
    URGENT,
    Part,
    by_precedence,
    can_offer,
    part_of,
)


def test_every_topic_has_its_intent() -> None:
    for topic in ANSWER_TOPICS:
        assert part_of(f"ask_{topic}") == Part("answer", topic)
    for topic in SMALLTALK_TOPICS:
        assert part_of(topic) == Part("smalltalk", topic)


@pytest.mark.parametrize("outcome", [o for o in PRECEDENCE if o not in ("answer", "smalltalk")])
def test_an_outcome_without_topics_is_its_own_intent(outcome: str) -> None:
    assert part_of(outcome) == Part(outcome, None)


def test_a_wish_to_be_forgotten_is_about_privacy() -> None:
    assert part_of("forget_me") == Part("smalltalk", "privacy")


@pytest.mark.parametrize(
    "intent",
    ["answer", "smalltalk", "pain", "ask_greet", "ask_more", "ask_", "", "nlu_fallback", "clarify"],
)
def test_an_unknown_intent_is_refused_by_name(intent: str) -> None:
    with pytest.raises(ValueError, match=f"Unknown intent: '{intent}'"):
        part_of(intent)


def test_a_part_without_a_topic_has_no_key_for_it() -> None:
    assert Part("crisis").as_dict() == {"outcome": "crisis"}
    assert Part("answer", "pain").as_dict() == {"outcome": "answer", "topic": "pain"}


def test_the_precedence_is_that_of_the_contract() -> None:
    assert PRECEDENCE[:2] == ("crisis", "emergency")
    assert set(PRECEDENCE[2:5]) == {"dosing", "obtaining", "personal_advice"}
    assert PRECEDENCE[5:] == ("human", "answer", "not_covered", "off_topic", "smalltalk")
    assert set(OUTCOMES) == {*PRECEDENCE, "clarify", "unavailable"}
    assert len(OUTCOMES) == len(PRECEDENCE) + 2


def test_the_safety_outcomes_are_the_first_five() -> None:
    assert set(PRECEDENCE[:5]) == SAFETY
    assert set(PRECEDENCE[:2]) == URGENT
    assert set(PRECEDENCE[2:5]) == REFERRED
    assert {"not_covered", "off_topic"} == REJECTED


def test_parts_are_ordered_by_urgency_then_as_they_were_said() -> None:
    said = [
        Part("smalltalk", "thanks"),
        Part("answer", "pain"),
        Part("dosing"),
        Part("answer", "evidence"),
        Part("crisis"),
        Part("answer", "pain"),
    ]
    expected = [said[4], said[2], said[1], said[3], said[0]]
    assert by_precedence(iter(said)) == expected


def test_no_parts_stay_no_parts() -> None:
    assert by_precedence([]) == []


def test_an_answer_a_person_or_what_one_may_ask_of_the_bot_can_be_offered() -> None:
    asked = ("ask_pain", "human", "capabilities", "privacy", "bot_identity")
    assert all(map(can_offer, asked))
    said = ("greet", "thanks", "affirm", "feedback_bad", MORE_INTENT, FORGET_INTENT)
    assert not any(map(can_offer, said))


@pytest.mark.parametrize("intent", sorted(SAFETY | REJECTED))
def test_danger_and_what_cannot_be_answered_are_not_offered(intent: str) -> None:
    assert not can_offer(intent)
