"""The decision: thresholds, precedence, and when the bot asks instead."""

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import PIECE_RANKINGS, Ranking
from bot.nlu.decision import DECISION, OutcomeDecider, intent_of
from bot.reply.outcomes import FORGET_INTENT, MORE_INTENT, SAFETY, part_of

from .rankings import decide, parts_of, ranking

SURE = {"ask_pain": 0.9}
WHOLE: dict[str, float] = OutcomeDecider.get_default_config()["whole"]
PIECE: dict[str, float] = OutcomeDecider.get_default_config()["piece"]


def test_a_clear_question_is_answered(decider: OutcomeDecider) -> None:
    found = decider.decide([ranking(ask_pain=0.7, ask_fatigue=0.2)])
    assert found == ("ask_pain", 0.7, parts_of("ask_pain"))


def test_a_fragment_must_be_surer_than_a_whole_and_danger_needs_least() -> None:
    assert set(WHOLE) == set(PIECE) == SAFETY
    assert all(0.5 < PIECE[outcome] <= 1 and WHOLE[outcome] < 0.5 for outcome in SAFETY)
    assert min(WHOLE, key=lambda outcome: WHOLE[outcome]) == "crisis"


def test_a_message_without_words_is_asked_about(decider: OutcomeDecider) -> None:
    assert decider.decide([]) == ("nlu_fallback", 1.0, {"reason": "no_words"})


@pytest.mark.parametrize(("outcome", "threshold"), sorted(WHOLE.items()))
def test_a_safety_outcome_leads_from_its_threshold_on(
    decider: OutcomeDecider, outcome: str, threshold: float
) -> None:
    at, below = {outcome: threshold, "ask_pain": 0.5}, {outcome: threshold - 0.01, "ask_pain": 0.5}
    assert decide(decider, at) == (outcome, parts_of(outcome))
    assert decide(decider, below) == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize(("outcome", "threshold"), sorted(PIECE.items()))
def test_a_safety_outcome_in_a_piece_leads_from_a_higher_threshold_on(
    decider: OutcomeDecider, outcome: str, threshold: float
) -> None:
    at, below = {outcome: threshold}, {outcome: threshold - 0.01}
    assert decide(decider, SURE, SURE, at) == (outcome, parts_of(outcome, "ask_pain"))
    assert decide(decider, SURE, SURE, below) == ("ask_pain", parts_of("ask_pain"))


def test_the_most_urgent_of_several_leads_and_the_question_is_answered_too(
    decider: OutcomeDecider,
) -> None:
    whole = {"dosing": 0.45, "crisis": 0.4}
    pieces = ({"personal_advice": 0.9, "crisis": 0.05, "dosing": 0.05}, {"ask_pain": 0.6})
    intent, decision = decide(decider, whole, *pieces)
    assert intent == "crisis"
    assert decision == parts_of("crisis", "dosing", "personal_advice", "ask_pain")


def test_the_confidence_is_that_of_the_leading_intent_in_the_whole(decider: OutcomeDecider) -> None:
    assert decider.decide([ranking(ask_pain=0.6, crisis=0.35)])[:2] == ("crisis", 0.35)
    from_a_piece = decider.decide([ranking(ask_pain=0.9), ranking(crisis=0.9)])
    assert from_a_piece[:2] == ("crisis", 0.0)


def test_every_clear_question_is_answered_once(decider: OutcomeDecider) -> None:
    pieces = ({"ask_pain": 0.8}, {"ask_evidence": 0.6}, {"ask_fatigue": 0.59}, {"ask_pain": 0.7})
    intent, decision = decide(decider, {"ask_evidence": 0.5}, *pieces)
    assert intent == "ask_evidence"
    assert decision == parts_of("ask_evidence", "ask_pain")


@pytest.mark.parametrize("beside", ["greet", "thanks", "off_topic"])
def test_a_greeting_or_stray_remark_before_a_question_is_no_part(
    decider: OutcomeDecider, beside: str
) -> None:
    found = decide(decider, {beside: 0.8}, {beside: 0.9}, {"ask_pain": 0.9})
    assert found == ("ask_pain", parts_of("ask_pain"))


def test_what_is_not_covered_stays_a_part_beside_an_answer(decider: OutcomeDecider) -> None:
    found = decide(decider, {"not_covered": 0.8}, {"not_covered": 0.9}, {"ask_pain": 0.9})
    assert found == ("ask_pain", parts_of("ask_pain", "not_covered"))


def test_a_wish_for_a_person_leads_over_answers(decider: OutcomeDecider) -> None:
    found = decide(decider, {"human": 0.6}, {"ask_pain": 0.9}, {"human": 0.9})
    assert found == ("human", parts_of("human", "ask_pain"))


@pytest.mark.parametrize("intent", [MORE_INTENT, FORGET_INTENT])
def test_an_intent_that_acts_on_the_conversation_stands_alone(
    decider: OutcomeDecider, intent: str
) -> None:
    assert decide(decider, {intent: 0.8}) == (intent, {"parts": []})
    assert decide(decider, {intent: 0.8}, {"greet": 0.9}, {intent: 0.9}) == (intent, {"parts": []})


def test_tell_me_more_beside_a_question_is_that_question(decider: OutcomeDecider) -> None:
    pieces = ({MORE_INTENT: 0.9}, {"ask_pain": 0.9})
    assert decide(decider, {MORE_INTENT: 0.8}, *pieces) == ("ask_pain", parts_of("ask_pain"))


def test_smalltalk_is_named_by_its_topic(decider: OutcomeDecider) -> None:
    assert decide(decider, {"bot_identity": 0.8}) == ("bot_identity", parts_of("bot_identity"))


def test_an_unsure_message_is_asked_about_with_the_likeliest_answers(
    decider: OutcomeDecider,
) -> None:
    whole = {"ask_pain": 0.24, "greet": 0.2, MORE_INTENT: 0.15, "human": 0.12}
    whole |= {"dosing": 0.1, "ask_fatigue": 0.09, "ask_outlook": 0.05}
    intent, confidence, decision = decider.decide([ranking(**whole)])
    assert (intent, confidence) == ("nlu_fallback", 0.24)
    assert decision == {"reason": "unsure", "readings": ["ask_pain", "human", "ask_fatigue"]}


def test_the_best_reading_is_taken_from_its_threshold_on(decider: OutcomeDecider) -> None:
    assert decide(decider, {"ask_pain": 0.25})[0] == "ask_pain"


def test_an_unsure_whole_with_a_clear_piece_is_answered(decider: OutcomeDecider) -> None:
    found = decide(decider, {"ask_pain": 0.2}, {"ask_pain": 0.3}, {"ask_outlook": 0.7})
    assert found == ("ask_outlook", parts_of("ask_outlook"))


@pytest.mark.parametrize(
    ("off_topic", "not_covered", "expected"),
    [(0.24, 0.26, "not_covered"), (0.24, 0.2, "nlu_fallback"), (0.6, 0.0, "off_topic")],
)
def test_what_is_likely_outside_the_source_is_turned_away_not_asked_about(
    storage: ModelStorage,
    context: ExecutionContext,
    off_topic: float,
    not_covered: float,
    expected: str,
) -> None:
    decider = OutcomeDecider.create({"unsure": 0.7}, storage, Resource("decider"), context)
    whole = {"off_topic": off_topic, "not_covered": not_covered, "ask_pain": 0.25}
    assert decide(decider, whole)[0] == expected


def message_of(*rankings: Ranking, **data: Any) -> Message:
    return Message({PIECE_RANKINGS: list(rankings), **data})


def test_messages_carry_the_decision_in_their_output(decider: OutcomeDecider) -> None:
    messages = [message_of(ranking(**SURE)), Message()]
    assert decider.process(messages) is messages
    first, second = (message.as_dict(only_output_properties=True) for message in messages)
    assert first == {
        INTENT: {"name": "ask_pain", "confidence": 0.9},
        DECISION: parts_of("ask_pain"),
    }
    assert second[DECISION] == {"reason": "no_words"}


def test_half_of_a_message_is_not_answered(decider: OutcomeDecider) -> None:
    (message,) = decider.process([message_of(ranking(**SURE), metadata={"shortened": True})])
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert message.get(DECISION) == {"reason": "too_long"}


@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_danger_is_seen_in_half_of_a_message(decider: OutcomeDecider, outcome: str) -> None:
    shortened = message_of(ranking(**{outcome: 0.9}), metadata={"shortened": True})
    (message,) = decider.process([shortened])
    assert message.get(INTENT)["name"] == outcome
    assert message.get(DECISION) == parts_of(outcome)


@pytest.mark.parametrize("metadata", [None, {}, {"shortened": False}])
def test_a_whole_message_is_answered(decider: OutcomeDecider, metadata: Any) -> None:
    (message,) = decider.process([message_of(ranking(**SURE), metadata=metadata)])
    assert message.get(INTENT)["name"] == "ask_pain"


def test_a_configuration_changes_only_what_it_names(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    config = {"whole": {"crisis": 0.9}, "piece": {"dosing": 0.95}}
    decider = OutcomeDecider.create(config, storage, Resource("decider"), context)
    assert decide(decider, {"crisis": 0.8})[1] == parts_of("crisis")
    assert decide(decider, {"crisis": 0.4, "ask_pain": 0.6})[0] == "ask_pain"
    assert decide(decider, {"emergency": 0.4, "ask_pain": 0.6})[0] == "emergency"
    assert decide(decider, SURE, {"dosing": 0.9})[0] == "ask_pain"
    assert decide(decider, SURE, {"crisis": 0.9})[0] == "crisis"


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"whole": {"crises": 0.3}}, r"whole has unknown outcomes \['crises'\]"),
        ({"piece": {"answer": 0.3}}, r"piece has unknown outcomes \['answer'\]"),
        ({"whole": {"crisis": 30}}, "between 0 and 1"),
        ({"piece": {"crisis": -0.1}}, "between 0 and 1"),
        ({"also_answer": 1.1}, "between 0 and 1"),
        ({"unsure": -1}, "between 0 and 1"),
        ({"reject": 2}, "between 0 and 1"),
        ({"support": 1.01}, "between 0 and 1"),
        ({"screened": 1.5}, "between 0 and 1"),
        ({"also_other": -0.1}, "between 0 and 1"),
    ],
)
def test_a_threshold_that_cannot_work_is_refused(
    storage: ModelStorage, context: ExecutionContext, config: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        OutcomeDecider.create(config, storage, Resource("decider"), context)


@pytest.mark.parametrize("intent", ["ask_pain", "greet", "privacy", "crisis", "not_covered"])
def test_a_part_is_named_by_the_intent_it_came_from(intent: str) -> None:
    assert intent_of(part_of(intent)) == intent
