"""Crisis and emergency: help first, whatever happens to the records."""

import logging

import pytest
from rasa_sdk import Action

from actions.services import Services
from actions.urgent import ActionCrisis, ActionEmergency

from .conftest import Talk

URGENT = [(ActionCrisis, "crisis"), (ActionEmergency, "emergency")]


@pytest.mark.parametrize(("action", "outcome"), URGENT)
async def test_help_comes_with_its_contacts_and_is_recorded(
    talk: Talk, services: Services, action: type[Action], outcome: str
) -> None:
    assert action().name() == f"action_{outcome}"
    said = await talk.say(action(), outcome, "please", (outcome,))
    (row,) = services.records.escalations()
    assert (row.outcome, row.reference) == (outcome, said.payload["escalation"])
    (text,) = said.texts
    for contact in said.payload["referral"]["contacts"]:
        assert contact["text"] in text
    assert said.payload["parts"] == [{"outcome": outcome}]
    assert said.buttons == []


async def test_nothing_else_is_answered_in_a_crisis(talk: Talk) -> None:
    said = await talk.say(ActionCrisis(), "crisis", "…", ("crisis", "dosing", "ask_pain"))
    assert said.payload["parts"] == [{"outcome": "crisis"}]
    assert "sources" not in said.payload
    assert said.slots == {"crisis_open": True}


async def test_an_emergency_opens_no_crisis(talk: Talk) -> None:
    assert (await talk.say(ActionEmergency(), "emergency")).slots == {}


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(("action", "outcome"), URGENT)
async def test_records_that_fail_do_not_hold_help_back(
    talk: Talk, caplog: pytest.LogCaptureFixture, action: type[Action], outcome: str
) -> None:
    with caplog.at_level(logging.DEBUG, logger="actions"):
        said = await talk.say(action(), outcome, "my very own words")
    assert said.payload["outcome"] == outcome
    assert said.payload["referral"]["contacts"]
    assert "escalation" not in said.payload
    assert f"A {outcome} was not recorded (StorageError)" in caplog.text
    assert "my very own words" not in caplog.text
