"""The decision: costs, what the screen adds, several referrals, and "forget me"."""

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import DETECTED, PIECE_RANKINGS
from bot.nlu.decision import DECISION, OutcomeDecider
from bot.reply.outcomes import FORGET_INTENT, MORE_INTENT, REFERRED, SAFETY, URGENT

from .rankings import BARS, SETTINGS, decide, parts_of, ranking

SURE = {"ask_pain": 0.9}
FORGET = {FORGET_INTENT: 0.9}
DANGER = {"crisis": "I want to die", "emergency": "he stopped breathing"}


@pytest.fixture
def make(storage: ModelStorage, context: ExecutionContext) -> Any:
    def made(**config: Any) -> OutcomeDecider:
        return OutcomeDecider.create({**SETTINGS, **config}, storage, Resource("decider"), context)

    return made


@pytest.mark.parametrize(("outcome", "bar"), sorted(BARS.items()))
def test_a_safety_outcome_leads_from_where_a_miss_costs_as_much_as_the_false_alarms(
    decider: OutcomeDecider, outcome: str, bar: float
) -> None:
    assert decide(decider, SURE, detected={outcome: bar}) == (outcome, parts_of(outcome))
    below = decide(decider, SURE, detected={outcome: bar - 0.001})
    assert below == ("ask_pain", parts_of("ask_pain"))


@pytest.mark.parametrize(("miss", "bar"), [(1, 0.5), (4, 0.2), (0.25, 0.8), (99, 0.01)])
@pytest.mark.parametrize("outcome", sorted(SAFETY))
def test_the_dearer_a_miss_the_lower_its_bar(
    make: Any, outcome: str, miss: float, bar: float
) -> None:
    decider = make(miss={outcome: miss})
    assert decide(decider, SURE, detected={outcome: bar + 1e-6})[0] == outcome
    assert decide(decider, SURE, detected={outcome: bar - 1e-6})[0] == "ask_pain"


def test_a_cost_that_is_not_named_stays_as_it_is_by_default(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    default = OutcomeDecider.get_default_config()["miss"]["crisis"]
    config = {"miss": {"dosing": 9}}
    decider = OutcomeDecider.create(config, storage, Resource("decider"), context)
    bar = 1 / (1 + default)
    assert decide(decider, SURE, detected={"crisis": bar})[0] == "crisis"
    assert decide(decider, SURE, detected={"crisis": bar - 0.001})[0] == "ask_pain"
    assert decide(decider, SURE, detected={"dosing": 0.1})[0] == "dosing"


@pytest.mark.parametrize("name", ["crises", "answer", "human"])
def test_a_cost_of_an_unknown_outcome_is_refused(make: Any, name: str) -> None:
    with pytest.raises(ValueError, match=rf"miss has unknown outcomes \['{name}'\]"):
        make(miss={name: 3})


@pytest.mark.parametrize("cost", [0, -1])
def test_a_miss_that_costs_nothing_is_refused(make: Any, cost: float) -> None:
    with pytest.raises(ValueError, match="more than 0 false alarms"):
        make(miss={"crisis": 12, "dosing": cost})


def test_the_confidence_is_that_of_the_leading_intent_in_the_whole(decider: OutcomeDecider) -> None:
    whole = ranking(ask_pain=0.6, crisis=0.35)
    assert decider.decide([whole], {"crisis": 0.8})[:2] == ("crisis", 0.35)
    assert decider.decide([ranking(ask_pain=0.9)], {"crisis": 0.8})[:2] == ("crisis", 0.0)


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_leads_and_leaves_referrals_out_but_the_question_is_answered_too(
    decider: OutcomeDecider, danger: str
) -> None:
    detected = {danger: 0.2, "dosing": 0.99, "obtaining": 0.99}
    found = decide(decider, {"dosing": 0.9, "greet": 0.1}, {"ask_pain": 0.6}, detected=detected)
    assert found == (danger, parts_of(danger, "ask_pain"))


@pytest.mark.parametrize("danger", sorted(URGENT))
@pytest.mark.parametrize("referral", sorted(REFERRED))
def test_beside_a_likely_referral_danger_must_be_twice_as_likely_unless_the_screen_sees_it(
    decider: OutcomeDecider, danger: str, referral: str
) -> None:
    likely = {danger: 0.19, referral: 0.5}
    assert decide(decider, SURE, detected=likely)[0] == referral
    assert decide(decider, SURE, detected=likely, danger=danger)[0] == danger
    assert decide(decider, SURE, detected={**likely, danger: 0.2})[0] == danger
    assert decide(decider, SURE, detected={**likely, referral: 0.49})[0] == danger


def test_a_crisis_comes_before_an_emergency_unless_that_is_much_likelier(
    decider: OutcomeDecider,
) -> None:
    def lead(crisis: float, emergency: float) -> tuple[str, dict[str, Any]]:
        return decide(decider, SURE, detected={"crisis": crisis, "emergency": emergency})

    assert lead(0.2, 0.6) == ("crisis", parts_of("crisis"))
    assert lead(0.2, 0.61) == ("emergency", parts_of("emergency"))
    assert lead(0.9, 0.95) == ("crisis", parts_of("crisis"))
    assert lead(0.09, 0.2) == ("emergency", parts_of("emergency")), "a crisis that is not seen"


def test_by_how_much_an_emergency_outweighs_a_crisis_can_be_set(make: Any) -> None:
    detected = {"crisis": 0.2, "emergency": 0.3}
    assert decide(make(outweighs=1.0), SURE, detected=detected)[0] == "emergency"
    assert decide(make(outweighs=2.0), SURE, detected=detected)[0] == "crisis"


def test_of_several_referrals_each_that_is_likelier_than_not_is_a_part(
    decider: OutcomeDecider,
) -> None:
    detected = {"dosing": 0.5, "obtaining": 0.9, "personal_advice": 0.6}
    found = decide(decider, SURE, detected=detected)
    assert found == ("dosing", parts_of("dosing", "obtaining", "personal_advice"))


def test_a_referral_beside_a_likelier_one_is_dropped_if_it_is_unlikely(
    decider: OutcomeDecider,
) -> None:
    found = decide(decider, SURE, detected={"dosing": 0.49, "obtaining": 0.8})
    assert found == ("obtaining", parts_of("obtaining"))
    found = decide(decider, SURE, detected={"dosing": 0.3, "obtaining": 0.26})
    assert found == ("dosing", parts_of("dosing"))


@pytest.mark.parametrize("referral", sorted(REFERRED))
def test_a_referral_that_is_clear_in_a_piece_stands_for_itself(
    decider: OutcomeDecider, referral: str
) -> None:
    whole = {"ask_pain": 0.9, referral: 0.1}
    found = decide(decider, whole, SURE, {referral: 0.8})
    assert found == (referral, parts_of(referral, "ask_pain"))
    assert decide(decider, whole, SURE, {referral: 0.79}) == ("ask_pain", parts_of("ask_pain"))
    assert decide(decider, whole, SURE, {"greet": 0.1, referral: 0.1})[0] == "ask_pain"


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_is_clear_in_a_piece_is_left_to_its_detector(
    decider: OutcomeDecider, danger: str
) -> None:
    assert decide(decider, SURE, SURE, {danger: 0.99}) == ("ask_pain", parts_of("ask_pain"))


def test_a_referral_counts_as_it_is_clearer_in_a_piece_or_as_detected(
    decider: OutcomeDecider,
) -> None:
    detected = {"dosing": 0.3, "obtaining": 0.7}
    whole = {**SURE, "dosing": 0.03, "obtaining": 0.03}
    alone = decide(decider, whole, detected=detected)
    clear = decide(decider, whole, SURE, {"dosing": 0.8}, {"obtaining": 0.8}, detected=detected)
    assert alone == ("obtaining", parts_of("obtaining"))
    assert clear == ("dosing", parts_of("dosing", "obtaining", "ask_pain"))


def test_how_clear_a_referral_in_a_piece_must_be_can_be_set_and_weakens_no_detection(
    make: Any,
) -> None:
    decider, detected = make(clear=0.3), {"dosing": 0.6, "obtaining": 0.9}
    assert decide(decider, {**SURE, "dosing": 0.1}, SURE, {"dosing": 0.3})[0] == "dosing"
    found = decide(decider, {"greet": 0.9, "dosing": 0.1}, {"dosing": 0.3}, detected=detected)
    assert found == ("dosing", parts_of("dosing", "obtaining"))


@pytest.mark.parametrize("referral", sorted(REFERRED))
def test_what_is_asked_beside_a_referral_stays_a_part(
    decider: OutcomeDecider, referral: str
) -> None:
    detected = {referral: 0.9}
    whole = {referral: 0.9, "greet": 0.1}
    by_piece = decide(decider, whole, {"not_covered": 0.9}, detected=detected)
    in_whole = decide(decider, {"ask_pain": 0.4, "not_covered": 0.3}, detected=detected)
    assert by_piece == (referral, parts_of(referral, "not_covered"))
    assert in_whole == (referral, parts_of(referral, "ask_pain", "not_covered"))


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_that_the_screen_sees_lowers_its_bar(decider: OutcomeDecider, danger: str) -> None:
    assert decide(decider, SURE, detected={danger: 0.02}, danger=danger)[0] == danger
    assert decide(decider, SURE, detected={danger: 0.019}, danger=danger)[0] == "ask_pain"
    assert decide(decider, SURE, detected={danger: 0.02})[0] == "ask_pain"


@pytest.mark.parametrize("other", sorted(SAFETY - {"crisis"}))
def test_it_lowers_no_other_bar(decider: OutcomeDecider, other: str) -> None:
    assert decide(decider, SURE, detected={other: 0.05}, danger="crisis")[0] == "ask_pain"


@pytest.mark.parametrize("detected", [{}, {"crisis": 0.0}])
def test_the_screen_does_not_decide_alone(
    decider: OutcomeDecider, detected: dict[str, float]
) -> None:
    assert decide(decider, SURE, detected=detected, danger="crisis")[0] == "ask_pain"


def test_the_bar_of_screened_danger_can_be_set(make: Any) -> None:
    decider = make(screened=0.05)
    assert decide(decider, SURE, detected={"crisis": 0.05}, danger="crisis")[0] == "crisis"
    assert decide(decider, SURE, detected={"crisis": 0.049}, danger="crisis")[0] == "ask_pain"


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_in_a_payload_that_only_the_screen_can_see_is_enough(
    decider: OutcomeDecider, danger: str
) -> None:
    assert decider.decide([], {}, danger) == (danger, 0.0, parts_of(danger))
    (message,) = decider.process([Message({TEXT: f'/greet{{"note": "{DANGER[danger]}"}}'})])
    assert message.get(INTENT)["name"] == danger


@pytest.mark.parametrize("danger", sorted(URGENT))
@pytest.mark.parametrize("metadata", [None, {"shortened": True}])
def test_the_screen_reads_the_text_of_a_message(
    decider: OutcomeDecider, danger: str, metadata: Any
) -> None:
    detected = {"crisis": 0.05, "emergency": 0.05}
    data = {PIECE_RANKINGS: [ranking(**SURE)], DETECTED: detected, "metadata": metadata}
    calm, urgent = Message({TEXT: "pain?", **data}), Message({TEXT: DANGER[danger], **data})
    decider.process([calm, urgent])
    assert calm.get(INTENT)["name"] == ("nlu_fallback" if metadata else "ask_pain")
    assert urgent.get(INTENT) == {"name": danger, "confidence": 0.0}
    assert urgent.get(DECISION) == parts_of(danger)


@pytest.mark.parametrize(
    "rankings",
    [
        (FORGET,),
        (FORGET, SURE, {"human": 0.9}),
        (SURE, SURE, {FORGET_INTENT: 0.7}),
        ({"ask_pain": 0.2}, SURE, FORGET),
        ({MORE_INTENT: 0.9}, {MORE_INTENT: 0.9}, FORGET),
        ({"not_covered": 0.9}, {"not_covered": 0.9}, FORGET),
        ({"crisis": 0.8, FORGET_INTENT: 0.1}, {"crisis": 0.6}, FORGET),
    ],
)
def test_to_be_forgotten_wins_over_what_is_asked_beside_it(
    decider: OutcomeDecider, rankings: tuple[dict[str, float], ...]
) -> None:
    assert decide(decider, *rankings) == (FORGET_INTENT, {"parts": []})


def test_the_confidence_is_that_of_the_wish_to_be_forgotten(decider: OutcomeDecider) -> None:
    assert decider.decide([ranking(**SURE), ranking(forget_me=0.8)], {})[1] == 0.8


@pytest.mark.parametrize("danger", sorted(SAFETY))
def test_danger_wins_over_to_be_forgotten(decider: OutcomeDecider, danger: str) -> None:
    found = decide(decider, FORGET, FORGET, {"ask_pain": 0.5}, detected={danger: 0.6})
    assert found == (danger, parts_of(danger))


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_screened_danger_wins_over_to_be_forgotten(decider: OutcomeDecider, danger: str) -> None:
    assert decide(decider, FORGET, detected={danger: 0.03}, danger=danger)[0] == danger


def test_a_conversation_is_not_deleted_on_a_guess(decider: OutcomeDecider) -> None:
    assert decide(decider, {FORGET_INTENT: 0.49}) == ("privacy", parts_of("privacy"))
    assert decide(decider, {FORGET_INTENT: 0.51}) == (FORGET_INTENT, {"parts": []})
    assert decide(decider, SURE, SURE, {FORGET_INTENT: 0.69}) == ("ask_pain", parts_of("ask_pain"))
    unsure = decide(decider, {FORGET_INTENT: 0.29, "ask_pain": 0.2})
    assert unsure == ("nlu_fallback", {"reason": "unsure", "readings": ["ask_pain"]})


def test_how_sure_a_wish_beside_others_must_be_can_be_set(make: Any) -> None:
    assert decide(make(also_other=0.5), SURE, SURE, {FORGET_INTENT: 0.5})[0] == FORGET_INTENT


@pytest.mark.parametrize(("share", "heard"), [(0.005, False), (0.02, True)])
@pytest.mark.parametrize("asked", ["ask_outlook", "dosing"])
def test_a_piece_out_of_its_context_is_not_heard(
    decider: OutcomeDecider, asked: str, share: float, heard: bool
) -> None:
    whole = {"off_topic": 0.9, asked: share}
    intent, _ = decide(decider, whole, {asked: 0.95}, {"off_topic": 0.9})
    assert intent == (asked if heard else "off_topic")


def test_a_piece_is_heard_where_the_whole_is_not_sure(decider: OutcomeDecider) -> None:
    whole = {"off_topic": 0.6, "ask_outlook": 0.005}
    assert decide(decider, whole, {"ask_outlook": 0.95})[0] == "ask_outlook"


def test_an_answer_beside_an_answer_needs_no_share_of_the_whole(decider: OutcomeDecider) -> None:
    found = decide(decider, {"ask_pain": 0.95, "ask_outlook": 0.005}, {"ask_outlook": 0.95})
    assert found == ("ask_outlook", parts_of("ask_outlook", "ask_pain"))
