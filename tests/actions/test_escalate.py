"""Referrals: what is said, and what is recorded for a professional."""

import pytest

from actions.escalate import ActionEscalate, ActionNotCovered
from actions.services import Services
from bot.content import Content
from bot.records import StorageError

from .conftest import SENDER, Talk


@pytest.mark.parametrize("outcome", ["dosing", "personal_advice", "obtaining", "human"])
async def test_an_escalation_is_recorded_and_its_reference_given(
    talk: Talk, services: Services, outcome: str
) -> None:
    said = await talk.say(ActionEscalate(), outcome, "what of my tablets", (outcome,))
    (row,) = services.records.escalations()
    assert said.payload["escalation"] == row.reference
    assert row.reference in said.texts[1]
    assert (row.outcome, row.channel, row.excerpt) == (outcome, "rest", "what of my tablets")
    assert row.conversation == services.conversation(SENDER)
    assert said.payload["parts"] == [{"outcome": outcome}]


async def test_an_excerpt_is_redacted(talk: Talk, services: Services) -> None:
    text = "I am Katherine Johnson, kate@example.org, how many should I take?"
    await talk.say(ActionEscalate(), "dosing", text)
    (row,) = services.records.escalations()
    assert row.excerpt is not None
    assert "Katherine" not in row.excerpt
    assert "kate@example.org" not in row.excerpt
    assert "how many should I take" in row.excerpt


async def test_one_message_is_one_escalation(talk: Talk, services: Services) -> None:
    first = await talk.say(ActionEscalate(), "dosing", "how much")
    again = await talk.act(ActionEscalate())
    assert again.payload["escalation"] == first.payload["escalation"]
    await talk.say(ActionEscalate(), "dosing", "how much")
    assert len(services.records.escalations()) == 2


async def test_a_question_beside_it_is_answered_afterwards(talk: Talk, content: Content) -> None:
    said = await talk.say(ActionEscalate(), "dosing", "how much?", ("dosing", "ask_pain"))
    assert said.payload["outcome"] == "dosing"
    assert said.texts[2] == content.answers["pain"].text
    assert said.slots["last_topic"] == "pain"
    assert said.payload["sources"]


async def test_a_yes_to_the_offer_means_a_person(
    talk: Talk, services: Services, content: Content
) -> None:
    talk.slots["offer"] = "human"
    said = await talk.say(ActionEscalate(), "affirm", "yes", ("affirm",))
    assert said.payload["parts"] == [{"outcome": "human"}]
    assert said.texts[0] == content.messages["human"].text
    assert said.slots["offer"] is None
    assert [row.outcome for row in services.records.escalations()] == ["human"]


@pytest.mark.usefixtures("broken")
async def test_without_records_no_reference_is_promised(talk: Talk) -> None:
    # The caller then gives the safe reply, which needs no database.
    with pytest.raises(StorageError):
        await talk.say(ActionEscalate(), "dosing", "how much")


@pytest.mark.parametrize("outcome", ["not_covered", "off_topic"])
async def test_what_is_not_covered_is_recorded_and_turned_away(
    talk: Talk, services: Services, content: Content, outcome: str
) -> None:
    said = await talk.say(ActionNotCovered(), outcome, "what does it cost", (outcome,))
    (row,) = services.records.escalations()
    assert (row.outcome, row.excerpt) == (outcome, "what does it cost")
    assert said.texts[0] == content.messages[outcome].text
    assert said.payload["escalation"] == row.reference
    assert said.slots == {"uncovered_streak": 1.0}


async def test_an_intent_that_is_neither_counts_as_off_topic(talk: Talk) -> None:
    assert (await talk.say(ActionNotCovered(), "nlu_fallback")).payload["outcome"] == "off_topic"


async def test_the_third_time_in_a_row_a_person_is_offered(talk: Talk, content: Content) -> None:
    for outcome in ("off_topic", "not_covered"):
        said = await talk.say(ActionNotCovered(), outcome)
        assert "/human" not in said.buttons
        assert "offer" not in said.slots
    for _ in range(2):
        said = await talk.say(ActionNotCovered(), "off_topic")
        assert said.texts[-1] == content.messages["offer_human"].text
        assert said.buttons[0] == "/human"
        assert talk.slots["offer"] == "human"
