"""The decision: what the screen adds, what is taken beside a question, and "forget me"."""

from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import PIECE_RANKINGS
from bot.nlu.decision import DECISION, OutcomeDecider
from bot.reply.outcomes import FORGET_INTENT, MORE_INTENT, SAFETY, URGENT
from bot.settings import ROOT

from .rankings import decide, parts_of, ranking

SURE = {"ask_pain": 0.9}
SUPPORT: float = OutcomeDecider.get_default_config()["support"]
FORGET = {FORGET_INTENT: 0.9}
DANGER = {"crisis": "I want to die", "emergency": "he stopped breathing"}


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_the_screen_sees_lowers_the_bar(decider: OutcomeDecider, danger: str) -> None:
    at, below = ranking(ask_pain=0.9, **{danger: 0.02}), ranking(ask_pain=0.9, **{danger: 0.019})
    assert decider.decide([at], danger) == (danger, 0.02, parts_of(danger))
    assert decider.decide([below], danger)[0] == "ask_pain"
    assert decider.decide([at], None)[0] == "ask_pain"


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_the_screen_sees_lowers_the_bar_of_a_piece(
    decider: OutcomeDecider, danger: str
) -> None:
    whole, piece = ranking(**SURE), ranking(greet=0.9, **{danger: 0.02})
    found = decider.decide([whole, whole, piece], danger)
    assert found == (danger, 0.0, parts_of(danger, "ask_pain"))
    assert decider.decide([whole, whole, piece], None)[0] == "ask_pain"


@pytest.mark.parametrize("other", sorted(SAFETY - {"crisis"}))
def test_it_lowers_no_other_bar(decider: OutcomeDecider, other: str) -> None:
    whole = ranking(ask_pain=0.9, **{other: 0.05})
    assert decider.decide([whole, whole], "crisis")[0] == "ask_pain"


def test_the_screen_does_not_decide_alone(decider: OutcomeDecider) -> None:
    assert decider.decide([ranking(**SURE)], "crisis")[0] == "ask_pain"


@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_of_several_pieces_one_must_bear_out_what_the_whole_reads_as(
    decider: OutcomeDecider, outcome: str
) -> None:
    whole, calm = {"ask_pain": 0.5, outcome: 0.45}, {"ask_pain": 0.9, outcome: SUPPORT - 0.001}
    assert decide(decider, whole, calm, calm) == ("ask_pain", parts_of("ask_pain"))
    assert decide(decider, whole, SURE, SURE) == ("ask_pain", parts_of("ask_pain"))
    bearing = {"ask_pain": 0.9, outcome: SUPPORT}
    assert decide(decider, whole, calm, bearing) == (outcome, parts_of(outcome, "ask_pain"))


@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_a_message_of_one_piece_needs_no_other_to_bear_it_out(
    decider: OutcomeDecider, outcome: str
) -> None:
    assert decide(decider, {"ask_pain": 0.4, outcome: 0.5}) == (outcome, parts_of(outcome))


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_the_screen_sees_needs_no_piece_to_bear_it_out(
    decider: OutcomeDecider, danger: str
) -> None:
    rankings = [ranking(ask_pain=0.4, **{danger: 0.02}), ranking(**SURE), ranking(**SURE)]
    assert decider.decide(rankings, danger)[0] == danger
    assert decider.decide(rankings, None)[0] == "ask_pain"


def test_how_well_it_must_be_borne_out_can_be_set(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    decider = OutcomeDecider.create({"support": 0.0}, storage, Resource("decider"), context)
    assert decide(decider, {"crisis": 0.5, "ask_pain": 0.4}, SURE, SURE)[0] == "crisis"


@pytest.mark.parametrize("danger", sorted(URGENT))
@pytest.mark.parametrize("metadata", [None, {"shortened": True}])
def test_the_screen_reads_the_text_of_a_message(
    decider: OutcomeDecider, danger: str, metadata: Any
) -> None:
    rankings = [ranking(ask_pain=0.9, crisis=0.05, emergency=0.05)]
    data = {PIECE_RANKINGS: rankings, "metadata": metadata}
    calm, urgent = Message({TEXT: "pain?", **data}), Message({TEXT: DANGER[danger], **data})
    decider.process([calm, urgent])
    assert calm.get(INTENT)["name"] == ("nlu_fallback" if metadata else "ask_pain")
    assert urgent.get(INTENT) == {"name": danger, "confidence": 0.05}
    assert urgent.get(DECISION) == parts_of(danger)


def test_the_bar_of_screened_danger_can_be_set(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    decider = OutcomeDecider.create({"screened": 0.2}, storage, Resource("decider"), context)
    assert decider.decide([ranking(ask_pain=0.8, crisis=0.2)], "crisis")[0] == "crisis"
    assert decider.decide([ranking(ask_pain=0.8, crisis=0.19)], "crisis")[0] == "ask_pain"


@pytest.mark.parametrize("outcome", ["human", "not_covered"])
def test_a_clear_piece_that_is_no_question_of_the_source_is_a_part_too(
    decider: OutcomeDecider, outcome: str
) -> None:
    lead = ["human", "ask_pain"] if outcome == "human" else ["ask_pain", "not_covered"]
    assert decide(decider, SURE, SURE, {outcome: 0.7}) == (lead[0], parts_of(*lead))
    assert decide(decider, SURE, SURE, {outcome: 0.69}) == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize("outcome", ["human", "not_covered"])
def test_such_a_piece_stays_a_part_beside_danger(decider: OutcomeDecider, outcome: str) -> None:
    found = decide(decider, {"dosing": 0.9}, {"dosing": 0.9}, {outcome: 0.9})
    assert found == ("dosing", parts_of("dosing", outcome))


def test_the_bar_of_such_a_piece_can_be_set(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    decider = OutcomeDecider.create({"also_other": 0.5}, storage, Resource("decider"), context)
    assert decide(decider, SURE, SURE, {"human": 0.5})[0] == "human"
    assert decide(decider, {FORGET_INTENT: 0.5})[0] == FORGET_INTENT


@pytest.mark.parametrize("beside", ["off_topic", "greet", "thanks", "privacy", MORE_INTENT])
def test_no_other_piece_is_a_part_of_its_own(decider: OutcomeDecider, beside: str) -> None:
    assert decide(decider, SURE, SURE, {beside: 0.99}) == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize(
    "rankings",
    [
        (FORGET,),
        (FORGET, SURE, {"human": 0.9}),
        (SURE, SURE, {FORGET_INTENT: 0.7}),
        ({"ask_pain": 0.2}, SURE, FORGET),
        ({MORE_INTENT: 0.9}, {MORE_INTENT: 0.9}, FORGET),
        ({"not_covered": 0.9}, {"not_covered": 0.9}, FORGET),
    ],
)
def test_to_be_forgotten_wins_over_what_is_asked_beside_it(
    decider: OutcomeDecider, rankings: tuple[dict[str, float], ...]
) -> None:
    assert decide(decider, *rankings) == (FORGET_INTENT, {"parts": []})


def test_the_confidence_is_that_of_the_wish_to_be_forgotten(decider: OutcomeDecider) -> None:
    assert decider.decide([ranking(**SURE), ranking(forget_me=0.8)])[1] == 0.8


@pytest.mark.parametrize("danger", sorted(SAFETY))
def test_danger_wins_over_to_be_forgotten(decider: OutcomeDecider, danger: str) -> None:
    assert decide(decider, FORGET, FORGET, {danger: 0.9}) == (danger, parts_of(danger))
    assert decide(decider, {danger: 0.6}, {FORGET_INTENT: 0.9, danger: 0.05}) == (
        danger,
        parts_of(danger),
    )


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_screened_danger_wins_over_to_be_forgotten(decider: OutcomeDecider, danger: str) -> None:
    whole = ranking(forget_me=0.9, **{danger: 0.03})
    assert decider.decide([whole], danger)[0] == danger


def test_a_conversation_is_not_deleted_on_a_guess(decider: OutcomeDecider) -> None:
    assert decide(decider, {FORGET_INTENT: 0.69}) == ("privacy", parts_of("privacy"))
    assert decide(decider, SURE, SURE, {FORGET_INTENT: 0.69}) == ("ask_pain", parts_of("ask_pain"))
    unsure = decide(decider, {FORGET_INTENT: 0.24, "ask_pain": 0.2})
    assert unsure == ("nlu_fallback", {"reason": "unsure", "readings": ["ask_pain"]})


def test_the_configuration_of_the_bot_is_valid_and_names_known_keys() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (config,) = [step for step in pipeline if step["name"].endswith(".OutcomeDecider")]
    OutcomeDecider.validate_config(config)
    assert set(config) - {"name"} <= set(OutcomeDecider.get_default_config())


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_only_the_screen_can_see_is_enough(
    decider: OutcomeDecider, danger: str
) -> None:
    assert decider.decide([], danger) == (danger, 0.0, parts_of(danger))


def test_calm_pieces_outweigh_a_whole_that_reads_as_danger(decider: OutcomeDecider) -> None:
    whole = ranking(crisis=0.5, ask_pain=0.4)
    pieces = [ranking(ask_pain=0.9), ranking(ask_mental_health=0.9)]

    intent, _, decision = decider.decide([whole, *pieces])

    assert intent == "ask_pain"
    assert decision == parts_of("ask_pain", "ask_mental_health")


def test_a_whole_that_reads_as_danger_counts_where_no_piece_is_clear(
    decider: OutcomeDecider,
) -> None:
    whole, piece = ranking(crisis=0.5, ask_pain=0.4), ranking(ask_pain=0.5)

    assert decider.decide([whole, piece, piece])[0] == "crisis"
