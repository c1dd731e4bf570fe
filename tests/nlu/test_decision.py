"""The decision: what leads, what is a part of its own, and when the bot asks instead."""

from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import DETECTED, PIECE_RANKINGS, Ranking
from bot.nlu.decision import DECISION, OutcomeDecider, intent_of
from bot.nlu.splitter import PIECES
from bot.reply.outcomes import MORE_INTENT, SAFETY, part_of
from bot.settings import ROOT

from .rankings import SETTINGS, decide, parts_of, ranking

SURE = {"ask_pain": 0.9}
UNSURE = {"ask_pain": 0.29, "greet": 0.28, MORE_INTENT: 0.15, "human": 0.12}
UNSURE |= {"dosing": 0.1, "ask_fatigue": 0.04, "ask_outlook": 0.02}


def test_a_clear_question_is_answered(decider: OutcomeDecider) -> None:
    found = decider.decide([ranking(ask_pain=0.7, ask_fatigue=0.2)], {})
    assert found == ("ask_pain", 0.7, parts_of("ask_pain"))


def test_smalltalk_is_named_by_its_topic(decider: OutcomeDecider) -> None:
    assert decide(decider, {"bot_identity": 0.8}) == ("bot_identity", parts_of("bot_identity"))


def test_a_message_without_words_is_asked_about(decider: OutcomeDecider) -> None:
    assert decider.decide([], {}) == ("nlu_fallback", 1.0, {"reason": "no_words"})


def test_every_question_that_is_clear_in_a_piece_is_answered_once(decider: OutcomeDecider) -> None:
    pieces = ({"ask_pain": 0.8}, {"ask_evidence": 0.6}, {"ask_fatigue": 0.59}, {"ask_pain": 0.7})
    found = decide(decider, {"ask_evidence": 0.5}, *pieces)
    assert found == ("ask_pain", parts_of("ask_pain", "ask_evidence"))


def test_questions_that_share_the_whole_are_answered_together(decider: OutcomeDecider) -> None:
    whole = {"ask_pain": 0.4, "ask_fatigue": 0.25, "ask_evidence": 0.24}
    assert decide(decider, whole) == ("ask_pain", parts_of("ask_pain", "ask_fatigue"))


def test_one_question_that_outweighs_the_others_is_answered_alone(decider: OutcomeDecider) -> None:
    whole = {"ask_pain": 0.7, "ask_fatigue": 0.24}
    assert decide(decider, whole) == ("ask_pain", parts_of("ask_pain"))


def test_what_the_whole_and_the_pieces_hold_is_put_together(decider: OutcomeDecider) -> None:
    whole = {"ask_pain": 0.4, "ask_fatigue": 0.3}
    pieces = ({"ask_outlook": 0.9}, {"ask_fatigue": 0.8})
    expected = parts_of("ask_outlook", "ask_fatigue", "ask_pain")
    assert decide(decider, whole, *pieces) == ("ask_outlook", expected)


@pytest.mark.parametrize("beside", ["greet", "thanks", "off_topic"])
def test_a_greeting_or_stray_remark_beside_a_question_is_no_part(
    decider: OutcomeDecider, beside: str
) -> None:
    found = decide(decider, {beside: 0.8, "ask_pain": 0.1}, {beside: 0.9}, {"ask_pain": 0.9})
    assert found == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize("lead", ["greet", "off_topic", "not_covered", "human"])
def test_a_doubt_beside_what_is_no_question_of_the_source_is_not_answered(
    decider: OutcomeDecider, lead: str
) -> None:
    assert decide(decider, {lead: 0.5, "ask_pain": 0.4}) == (lead, parts_of(lead))


@pytest.mark.parametrize("beside", ["off_topic", "greet", "thanks", "privacy", MORE_INTENT])
def test_neither_smalltalk_nor_a_stray_remark_is_added_to_a_question(
    decider: OutcomeDecider, beside: str
) -> None:
    assert decide(decider, SURE, SURE, {beside: 0.99}) == ("ask_pain", parts_of("ask_pain"))
    assert decide(decider, {"ask_pain": 0.6, beside: 0.4}) == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize(("beside", "lead"), [("human", "human"), ("not_covered", "ask_pain")])
def test_a_person_or_what_is_not_covered_is_a_part_beside_a_question(
    decider: OutcomeDecider, beside: str, lead: str
) -> None:
    parts = parts_of(*sorted(["ask_pain", beside], key=lambda name: name != lead))
    assert decide(decider, SURE, SURE, {beside: 0.7}) == (lead, parts)
    assert decide(decider, SURE, SURE, {beside: 0.69}) == ("ask_pain", parts_of("ask_pain"))
    assert decide(decider, {"ask_pain": 0.5, beside: 0.3}) == (lead, parts)


@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_danger_in_the_ranking_of_the_whole_is_left_to_the_detectors(
    decider: OutcomeDecider, outcome: str
) -> None:
    whole = {outcome: 0.6, "ask_pain": 0.4}
    assert decide(decider, whole) == ("ask_pain", parts_of("ask_pain"))


SYMPTOMS = ["fatigue", "pain"]


def test_symptoms_that_are_listed_are_answered_together(decider: OutcomeDecider) -> None:
    found = decide(decider, SURE, symptoms=SYMPTOMS)
    assert found == ("ask_fatigue", parts_of("ask_fatigue", "ask_pain"))


@pytest.mark.parametrize("asked", ["ask_outlook", "human", MORE_INTENT])
def test_symptoms_that_are_listed_in_another_question_are_not_asked_about(
    decider: OutcomeDecider, asked: str
) -> None:
    assert decide(decider, {asked: 0.9}, symptoms=SYMPTOMS) == decide(decider, {asked: 0.9})


def test_symptoms_that_are_listed_beside_a_referral_are_answered_too(
    decider: OutcomeDecider,
) -> None:
    found = decide(decider, SURE, detected={"dosing": 0.9}, symptoms=SYMPTOMS)
    assert found == ("dosing", parts_of("dosing", "ask_fatigue", "ask_pain"))


def test_tell_me_more_stands_alone(decider: OutcomeDecider) -> None:
    assert decide(decider, {MORE_INTENT: 0.8}) == (MORE_INTENT, {"parts": []})
    found = decide(decider, {MORE_INTENT: 0.8}, {"greet": 0.9}, {MORE_INTENT: 0.9})
    assert found == (MORE_INTENT, {"parts": []})


def test_tell_me_more_beside_a_question_is_that_question(decider: OutcomeDecider) -> None:
    pieces = ({MORE_INTENT: 0.9}, {"ask_pain": 0.9})
    assert decide(decider, {MORE_INTENT: 0.8}, *pieces) == ("ask_pain", parts_of("ask_pain"))


def test_an_unsure_message_is_asked_about_with_the_likeliest_answers(
    decider: OutcomeDecider,
) -> None:
    whole = {name: share for name, share in UNSURE.items() if name != "greet"}
    intent, confidence, decision = decider.decide([ranking(**whole)], {})
    assert (intent, confidence) == ("nlu_fallback", 0.29)
    assert decision == {"reason": "unsure", "readings": ["ask_pain", "human", "ask_fatigue"]}


def test_smalltalk_and_danger_are_no_readings_to_offer(decider: OutcomeDecider) -> None:
    whole = {"greet": 0.29, "crisis": 0.28, "off_topic": 0.24, "ask_pain": 0.1, MORE_INTENT: 0.05}
    found = decide(decider, whole)
    assert found == ("nlu_fallback", {"reason": "unsure", "readings": ["ask_pain"]})


def test_how_many_readings_are_offered_can_be_set(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    config = {**SETTINGS, "readings": 1}
    decider = OutcomeDecider.create(config, storage, Resource("decider"), context)
    whole = {"ask_pain": 0.2, "human": 0.1}
    assert decide(decider, whole)[1] == {"reason": "unsure", "readings": ["ask_pain"]}


def test_the_best_reading_is_taken_from_its_threshold_on(decider: OutcomeDecider) -> None:
    assert decide(decider, {"ask_pain": 0.3})[0] == "ask_pain"
    assert decide(decider, {"ask_pain": 0.29})[0] == "nlu_fallback"


def test_an_unsure_whole_with_a_clear_piece_is_answered(decider: OutcomeDecider) -> None:
    found = decide(decider, {"ask_pain": 0.2}, {"ask_pain": 0.3}, {"ask_outlook": 0.7})
    assert found == ("ask_outlook", parts_of("ask_outlook"))


def test_two_halves_of_an_unsure_message_are_both_answered(decider: OutcomeDecider) -> None:
    whole = {"ask_pain": 0.29, "ask_outlook": 0.27}
    assert decide(decider, whole) == ("ask_pain", parts_of("ask_pain", "ask_outlook"))


@pytest.mark.parametrize(
    ("off_topic", "not_covered", "expected"),
    [(0.24, 0.26, "not_covered"), (0.26, 0.24, "off_topic"), (0.24, 0.25, "nlu_fallback")],
)
def test_what_is_likely_outside_the_source_is_turned_away_not_asked_about(
    storage: ModelStorage,
    context: ExecutionContext,
    off_topic: float,
    not_covered: float,
    expected: str,
) -> None:
    config = {**SETTINGS, "together": 0.4}
    decider = OutcomeDecider.create(config, storage, Resource("decider"), context)
    whole = {"off_topic": off_topic, "not_covered": not_covered, "ask_pain": 0.23}
    intent, decision = decide(decider, whole)
    assert intent == expected
    assert expected == "nlu_fallback" or decision == parts_of(expected)


def message_of(*rankings: Ranking, **data: Any) -> Message:
    return Message({PIECE_RANKINGS: list(rankings), TEXT: "why?", **data})


def test_messages_carry_the_decision_in_their_output(decider: OutcomeDecider) -> None:
    messages = [message_of(ranking(**SURE)), Message()]
    assert decider.process(messages) is messages
    first, second = (message.as_dict(only_output_properties=True) for message in messages)
    assert first[INTENT] == {"name": "ask_pain", "confidence": 0.9}
    assert first[DECISION] == parts_of("ask_pain")
    assert second[DECISION] == {"reason": "no_words"}


def test_what_was_detected_in_a_message_decides(decider: OutcomeDecider) -> None:
    (message,) = decider.process([message_of(ranking(**SURE), **{DETECTED: {"dosing": 0.9}})])
    assert message.get(INTENT) == {"name": "dosing", "confidence": 0.0}
    assert message.get(DECISION) == parts_of("dosing")


def test_the_list_is_read_from_the_message_without_its_payload(decider: OutcomeDecider) -> None:
    listed, payload = (
        "does it help pain and fatigue?",
        '/greet{"a": "pain and fatigue"} is it safe?',
    )
    messages = [
        message_of(ranking(**SURE), **{TEXT: text, PIECES: [piece]})
        for text, piece in ((listed, listed), (payload, "safe?"))
    ]
    decider.process(messages)
    first, second = (message.get(DECISION) for message in messages)
    assert first == parts_of("ask_pain", "ask_fatigue")
    assert second == parts_of("ask_pain")


def test_half_of_a_message_is_not_answered(decider: OutcomeDecider) -> None:
    (message,) = decider.process([message_of(ranking(**SURE), metadata={"shortened": True})])
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert message.get(DECISION) == {"reason": "too_long"}


@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_danger_is_seen_in_half_of_a_message(decider: OutcomeDecider, outcome: str) -> None:
    data = {DETECTED: {outcome: 0.9}, "metadata": {"shortened": True}}
    (message,) = decider.process([message_of(ranking(**SURE), **data)])
    assert message.get(INTENT)["name"] == outcome
    assert message.get(DECISION) == parts_of(outcome)


@pytest.mark.parametrize("metadata", [None, {}, {"shortened": False}])
def test_a_whole_message_is_answered(decider: OutcomeDecider, metadata: Any) -> None:
    (message,) = decider.process([message_of(ranking(**SURE), metadata=metadata)])
    assert message.get(INTENT)["name"] == "ask_pain"


@pytest.mark.parametrize(
    "config",
    [{key: value} for key in sorted(SETTINGS) if key not in ("miss", "outweighs", "readings")
     for value in (1.01, -0.1)],
)  # fmt: skip
def test_a_threshold_that_is_no_share_is_refused(
    storage: ModelStorage, context: ExecutionContext, config: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        OutcomeDecider.create(config, storage, Resource("decider"), context)


def test_the_configuration_of_the_bot_is_valid_and_names_known_keys() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (config,) = [step for step in pipeline if step["name"].endswith(".OutcomeDecider")]
    OutcomeDecider.validate_config(config)
    assert set(config) - {"name"} <= set(OutcomeDecider.get_default_config())


def test_the_default_configuration_is_valid_and_prices_every_safety_outcome() -> None:
    config = OutcomeDecider.get_default_config()
    OutcomeDecider.validate_config(config)
    assert set(config["miss"]) == SAFETY
    assert set(config) == set(SETTINGS)


@pytest.mark.parametrize("intent", ["ask_pain", "greet", "privacy", "crisis", "not_covered"])
def test_a_part_is_named_by_the_intent_it_came_from(intent: str) -> None:
    assert intent_of(part_of(intent)) == intent
