"""The bot's own thresholds (config.yml) do what they are for, on either side of each.

The probabilities are made by hand: few real messages come near a threshold, and which ones do
changes with every model. They lie well away from today's values, so that these can be tuned.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.nlu.decision import OutcomeDecider
from bot.reply.outcomes import FORGET_INTENT, REFERRED, URGENT

from . import rankings
from .rankings import decide, parts_of

SURE = {"ask_pain": 0.95}


@pytest.fixture
def decider(storage: ModelStorage, context: ExecutionContext) -> OutcomeDecider:
    """The decider as config.yml sets it."""
    pipeline = yaml.safe_load(rankings.CONFIG.read_text(encoding="utf-8"))["pipeline"]
    (found,) = [entry for entry in pipeline if entry["name"].endswith(".OutcomeDecider")]
    config: dict[str, Any] = {key: value for key, value in found.items() if key != "name"}
    return OutcomeDecider.create(config, storage, Resource("decider"), context)


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_words_of_danger_are_believed_at_a_doubt_but_not_against_all_evidence(
    decider: OutcomeDecider, danger: str
) -> None:
    # Of config.yml: screened.
    doubt = decide(decider, SURE, detected={danger: 0.03}, danger=danger)
    none = decide(decider, SURE, detected={danger: 0.0001}, danger=danger)
    assert (doubt[0], none[0]) == (danger, "ask_pain")


@pytest.mark.parametrize("referral", sorted(REFERRED))
def test_a_referral_is_taken_from_a_piece_that_is_clear_and_from_no_other(
    decider: OutcomeDecider, referral: str
) -> None:
    # Of config.yml: clear.
    whole = {"ask_pain": 0.6, referral: 0.3}
    assert decide(decider, whole, SURE, {referral: 0.99})[0] == referral
    assert decide(decider, whole, SURE, {referral: 0.6})[0] == "ask_pain"


def test_two_questions_that_share_a_message_are_both_answered_but_no_faint_one(
    decider: OutcomeDecider,
) -> None:
    # Of config.yml: together.
    both = decide(decider, {"ask_pain": 0.48, "ask_fatigue": 0.45})
    one = decide(decider, {"ask_pain": 0.85, "ask_fatigue": 0.1})
    assert both[1] == parts_of("ask_pain", "ask_fatigue")
    assert one[1] == parts_of("ask_pain")


@pytest.mark.parametrize("asked", ["ask_fatigue", "not_covered"])
def test_what_a_piece_asks_clearly_is_a_part_and_what_it_asks_vaguely_is_not(
    decider: OutcomeDecider, asked: str
) -> None:
    # Of config.yml: also_answer, also_other.
    whole = {"ask_pain": 0.65, asked: 0.2}
    clear = decide(decider, whole, SURE, {asked: 0.95})
    vague = decide(decider, whole, SURE, {asked: 0.4})
    assert clear[1] == parts_of("ask_pain", asked)
    assert vague[1] == parts_of("ask_pain")


def test_a_wish_to_be_forgotten_beside_a_question_must_be_clear(decider: OutcomeDecider) -> None:
    # Of config.yml: also_other.
    assert decide(decider, SURE, SURE, {FORGET_INTENT: 0.95})[0] == FORGET_INTENT
    assert decide(decider, SURE, SURE, {FORGET_INTENT: 0.5})[0] == "ask_pain"


@pytest.mark.parametrize(
    ("asked", "under", "over"), [("ask_outlook", 0.0005, 0.002), ("dosing", 0.005, 0.02)]
)
def test_a_piece_counts_against_a_sure_whole_only_if_the_whole_hears_it_too(
    decider: OutcomeDecider, asked: str, under: float, over: float
) -> None:
    # Of config.yml: echo, echo_referred.
    piece = {asked: 0.99}
    heard = decide(decider, {"off_topic": 0.9, asked: over}, piece)
    alone = decide(decider, {"off_topic": 0.99, asked: under}, piece)
    assert (heard[0], alone[0]) == (asked, "off_topic")


@pytest.mark.parametrize("asked", ["ask_outlook", "dosing"])
def test_a_whole_that_is_not_sure_overrules_no_clear_piece(
    decider: OutcomeDecider, asked: str
) -> None:
    # Of config.yml: sure.
    unsure, sure = {"off_topic": 0.4, asked: 0.0001}, {"off_topic": 0.97, asked: 0.0001}
    assert decide(decider, unsure, {asked: 0.99})[0] == asked
    assert decide(decider, sure, {asked: 0.99})[0] == "off_topic"


def test_a_message_that_could_be_anything_is_asked_about_and_a_likely_one_answered(
    decider: OutcomeDecider,
) -> None:
    # Of config.yml: unsure.
    anything = decide(decider, {"ask_pain": 0.15, "ask_fatigue": 0.14, "human": 0.13})
    likely = decide(decider, {"ask_pain": 0.6, "ask_fatigue": 0.1})
    assert (anything[0], likely[0]) == ("nlu_fallback", "ask_pain")


def test_an_unsure_message_is_turned_away_if_it_is_probably_not_for_this_bot(
    decider: OutcomeDecider,
) -> None:
    # Of config.yml: reject.
    away = decide(decider, {"not_covered": 0.28, "off_topic": 0.27, "greet": 0.26})
    asked = decide(decider, {"ask_pain": 0.28, "human": 0.2, "not_covered": 0.1})
    assert (away[0], asked[0]) == ("not_covered", "nlu_fallback")
