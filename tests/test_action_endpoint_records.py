"""What the action server's client records in its place, and under which key."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from rasa_sdk import Tracker

from actions.turn import Turn as ActionTurn
from bot.records import Records
from bot.reply.contract import validate
from bot.settings import Settings
from tests.servers import answering, free_port
from tests.test_action_endpoint import assert_safe, call, fixed, guarded


async def test_a_message_has_the_key_that_the_actions_give_it(
    settings: Settings, records: Records
) -> None:
    # So that an action that recorded it and then hung leaves one row, not two.
    body = call("he collapsed again", "emergency")
    key = ActionTurn.of(Tracker.from_dict({"sender_id": "ann", **body["tracker"]})).message_key
    known = records.open_escalation(
        outcome="emergency",
        channel="rest",
        conversation=None,
        message_key=key,
        text="he collapsed again",
    )
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings, records)

    result = await endpoint.request("post", json=body)

    assert result["responses"][-1]["custom"]["escalation"] == known


async def test_messages_without_ids_are_told_apart(settings: Settings, records: Records) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings, records)
    references = set()
    for sender, count in (("cat", 1), ("cat", 2), ("dan", 1), ("dan", 1)):
        body = call("he collapsed", "emergency", sender_id=sender)
        body["tracker"]["events"] = [{"event": "user", "text": "he collapsed"}] * count
        result = await endpoint.request("post", json=body)
        references.add(result["responses"][-1]["custom"]["escalation"])
    assert len(references) == 3


@pytest.mark.parametrize(
    ("said", "intent", "outcome"),
    [
        ("goodbye to everyone", "crisis", "crisis"),
        ("I want to kill myself", "nlu_fallback", "crisis"),
        ("he collapsed", "emergency", "emergency"),
    ],
)
async def test_danger_gets_its_reply_and_a_row(
    said: str, intent: str, outcome: str, settings: Settings, records: Records
) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings, records)

    result = await endpoint.request("post", json=call(said, intent))

    assert_safe(result, outcome)
    reference = result["responses"][-1]["custom"]["escalation"]
    row = records.escalation(reference)
    assert (row.outcome, row.channel, row.excerpt) == (outcome, "rest", said)
    opened = [{"event": "slot", "name": "crisis_open", "value": True}]
    assert result["events"] == (opened if outcome == "crisis" else [])


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"tracker": None},
        {"tracker": {}},
        {"tracker": {"events": None, "latest_message": None}, "sender_id": None},
        {"tracker": {"events": [{"event": "action"}], "latest_message": {"intent": None}}},
        {"tracker": {"latest_message": {"text": None, "intent": {}}}},
    ],
)
async def test_a_call_without_the_usual_parts(body: Any, settings: Settings) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)

    assert_safe(await endpoint.request("post", json=body), "unavailable")


@pytest.mark.parametrize("outcome", ["crisis", "emergency"])
async def test_what_an_urgent_action_could_not_record_is_recorded_here(
    outcome: str, settings: Settings, records: Records
) -> None:
    said = {"text": None, "custom": {"outcome": outcome}}
    good = {"events": [], "responses": [{"text": "Help"}, said]}
    given = call(f"in danger: {outcome}")

    async with answering(fixed(lambda: web.json_response(good))) as url:
        assert await guarded(url, settings, records).request("post", json=given) == good
        again = {**said, "custom": {"outcome": outcome, "escalation": "E-222222"}}
        good["responses"] = [again]
        await guarded(url, settings, records).request("post", json=call("recorded by the action"))

    excerpts = [row.excerpt for row in records.escalations()]
    assert excerpts.count(f"in danger: {outcome}") == 1
    assert "recorded by the action" not in excerpts


async def test_forgetting_is_noted_for_the_tracker_store(settings: Settings) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)

    result = await endpoint.request(
        "post", json=call("forget me", "forget_me", next_action="action_forget")
    )

    (slot,) = result["events"]
    assert (slot["event"], slot["name"]) == ("slot", "erasure")
    assert slot["value"].startswith("F-")
    assert slot["value"] in result["responses"][0]["text"]
    custom = result["responses"][-1]["custom"]
    validate(custom)
    assert custom["parts"] == [{"outcome": "smalltalk", "topic": "privacy"}]
