"""What all the actions share: one reply, the common slots, and no work on the server's loop."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.answer import ActionAnswer
from actions.base import dispatch
from actions.escalate import ActionEscalate, ActionNotCovered
from actions.services import Services
from actions.smalltalk import ActionSmalltalk
from actions.urgent import ActionCrisis
from bot.records import Records
from bot.reply.contract import Button, ContractError, Reply
from bot.reply.outcomes import Part

from .conftest import SENDER, Talk, give


def test_a_reply_is_sent_as_its_texts_and_one_payload() -> None:
    dispatcher = CollectingDispatcher()
    reply = Reply((Part("clarify"),), ("One.", "Two."), suggestions=(Button("Yes", "/affirm"),))
    dispatch(dispatcher, reply)
    one, two, custom = dispatcher.messages
    assert (one["text"], one["buttons"]) == ("One.", [])
    assert (two["text"], two["buttons"]) == ("Two.", [{"title": "Yes", "payload": "/affirm"}])
    assert (custom["text"], custom["custom"]) == (None, reply.payload())


def test_nothing_is_sent_of_a_reply_that_breaks_the_contract() -> None:
    dispatcher = CollectingDispatcher()
    with pytest.raises(ContractError, match="referral"):
        dispatch(dispatcher, Reply((Part("dosing"),), ("Take this much.",)))
    assert dispatcher.messages == []


async def test_an_answer_keeps_topics_and_disclaimers(talk: Talk) -> None:
    first = await talk.say(ActionAnswer(), "ask_long_covid_impact")
    assert first.slots == {
        "disclaimers_shown": ["education_only"],
        "topics_seen": ["long_covid_impact"],
        "last_topic": "long_covid_impact",
    }
    second = await talk.say(ActionAnswer(), "ask_pain", parts=("ask_pain", "ask_evidence"))
    assert second.slots == {
        "disclaimers_shown": [
            "education_only",
            "ketamine_early_evidence",
            "qualified_professionals_only",
        ],
        "topics_seen": ["long_covid_impact", "pain", "evidence"],
        "last_topic": "evidence",
    }


async def test_slots_that_stay_the_same_are_not_set_again(talk: Talk) -> None:
    await talk.say(ActionAnswer(), "ask_pain")
    assert (await talk.say(ActionAnswer(), "ask_pain")).events == []
    assert (await talk.say(ActionSmalltalk(), "greet")).events == []
    assert talk.slots["last_topic"] == "pain"


async def test_a_reply_of_another_kind_withdraws_an_offer(talk: Talk) -> None:
    talk.slots["offer"] = "human"
    assert (await talk.say(ActionAnswer(), "ask_pain")).slots["offer"] is None


async def test_the_streak_counts_what_was_turned_away_in_a_row(talk: Talk) -> None:
    for count in (1.0, 2.0):
        said = await talk.say(ActionNotCovered(), "off_topic")
        assert said.slots["uncovered_streak"] == count
    assert (await talk.say(ActionSmalltalk(), "thanks")).slots == {"uncovered_streak": 0.0}


async def test_a_crisis_stays_open(talk: Talk) -> None:
    assert (await talk.say(ActionCrisis(), "crisis")).slots == {"crisis_open": True}
    later = await talk.say(ActionSmalltalk(), "thanks")
    assert "crisis_open" not in later.slots
    assert "988" in later.texts[-1]
    assert talk.slots["crisis_open"] is True


async def test_records_are_written_off_the_servers_loop(
    talk: Talk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def redact(text: str) -> str:
        threads.append(threading.current_thread())
        return text

    records = Records(services.settings.records_url, redact=redact)
    give(monkeypatch, replace(services, records=records))
    await talk.say(ActionEscalate(), "dosing")
    records.close()
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


async def test_turns_of_several_people_run_side_by_side(services: Services) -> None:
    talks = [Talk(services, f"sender-{n}") for n in range(8)]
    said = await asyncio.gather(*(talk.say(ActionEscalate(), "dosing") for talk in talks))
    references = {reply.payload["escalation"] for reply in said}
    assert references == {row.reference for row in services.records.escalations()}
    assert len(references) == 8


async def test_the_actions_run_in_the_sdks_executor(talk: Talk) -> None:
    talk.hear("ask_pain", "pain?", ("ask_pain",))
    executor = ActionExecutor()
    executor.register_action(ActionAnswer)
    call: dict[str, Any] = {
        "next_action": "action_answer",
        "tracker": {**talk.tracker().current_state(), "sender_id": SENDER},
        "domain": {},
    }
    result = await executor.run(call)
    assert result is not None
    assert [event["name"] for event in result["events"]] == [
        "disclaimers_shown",
        "topics_seen",
        "last_topic",
    ]
    assert result["responses"][-1]["custom"]["topic"] == "pain"
