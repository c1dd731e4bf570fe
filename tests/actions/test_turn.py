"""Reading a turn from the tracker."""

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.turn import Turn
from bot.reply.compose import View
from bot.reply.outcomes import Part

from .conftest import SENDER, Talk


def turn_of(**state: Any) -> Turn:
    return Turn.of(Tracker.from_dict({"sender_id": SENDER, **state}))


def test_all_of_a_turn_is_read(talk: Talk) -> None:
    talk.hear("greet", "hello")
    talk.hear("dosing", "how much, and for pain?", ("dosing", "ask_pain"))
    turn = Turn.of(talk.tracker())
    assert (turn.sender, turn.channel, turn.message_key) == (
        SENDER,
        "rest",
        f"{SENDER}:{SENDER}-m1",
    )
    assert (turn.text, turn.intent) == ("how much, and for pain?", "dosing")
    assert turn.parts == (Part("dosing"), Part("answer", "pain"))
    assert turn.decision == talk.latest["decision"]


@pytest.mark.parametrize("latest", [None, {}, {"text": None, "intent": None, "decision": None}])
def test_a_tracker_without_a_message_gives_an_empty_turn(latest: dict[str, Any] | None) -> None:
    turn = turn_of(latest_message=latest)
    assert (turn.channel, turn.message_key) == ("unknown", f"{SENDER}:#0")
    assert (turn.text, turn.intent, turn.parts, dict(turn.decision)) == ("", "", (), {})
    assert turn.view == View()


@pytest.mark.parametrize("message_id", [{}, {"message_id": None}, {"message_id": ""}])
def test_a_message_without_an_id_goes_by_its_number(message_id: dict[str, Any]) -> None:
    said = {"event": "user", "input_channel": None, **message_id}
    turn = turn_of(events=[said])
    assert (turn.channel, turn.message_key) == ("unknown", f"{SENDER}:#1")
    later = turn_of(events=[said, {"event": "action", "name": "action_listen"}, said])
    assert later.message_key == f"{SENDER}:#2"


def test_the_same_id_from_two_senders_is_two_messages() -> None:
    events = [{"event": "user", "message_id": "1"}]
    states = [{"sender_id": sender, "events": events} for sender in ("ann", "bob")]
    keys = [Turn.of(Tracker.from_dict(state)).message_key for state in states]
    assert keys == ["ann:1", "bob:1"]


def test_the_view_is_what_shapes_a_reply() -> None:
    turn = turn_of(slots={"disclaimers_shown": ["education_only"], "crisis_open": True})
    assert turn.view == View(frozenset({"education_only"}), crisis_open=True)


def test_a_list_slot_that_was_never_set_is_empty() -> None:
    turn = turn_of(slots={"topics_seen": None, "topics_deepened": ["pain"]})
    assert turn.listed("topics_seen") == turn.listed("no_such_slot") == []
    assert turn.listed("topics_deepened") == ["pain"]


@pytest.mark.parametrize(("text", "typed"), [("pain?", True), ("", True), ("/ask_pain", False)])
def test_a_payload_was_not_typed(text: str, typed: bool) -> None:
    assert turn_of(latest_message={"text": text}).typed is typed


def test_a_turn_keeps_the_slots_as_they_were() -> None:
    slots = {"last_topic": "pain"}
    turn = turn_of(slots=slots)
    slots["last_topic"] = "fatigue"
    assert turn.slots["last_topic"] == "pain"
