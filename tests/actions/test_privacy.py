""" "Forget me"."""

import logging

import pytest

from actions.escalate import ActionEscalate
from actions.feedback import ActionFeedback
from actions.privacy import ActionForget
from actions.services import Services
from bot.content import Content

from .conftest import SENDER, Talk


async def test_what_a_person_left_is_deleted_and_the_counts_survive(
    talk: Talk, services: Services
) -> None:
    await talk.say(ActionEscalate(), "dosing", "how much for me")
    await talk.say(ActionFeedback(), "feedback_bad", "no use")
    said = await talk.say(ActionForget(), "forget_me", "forget me")
    assert services.records.feedback() == []
    (row,) = services.records.escalations()
    assert (row.outcome, row.excerpt, row.conversation) == ("dosing", None, None)
    (receipt,) = services.records.erasures()
    assert (receipt.feedback_deleted, receipt.excerpts_cleared) == (1, 1)
    assert receipt.reference in said.texts[0]
    assert said.slots["erasure"] == receipt.reference
    assert said.payload["parts"] == [{"outcome": "smalltalk", "topic": "privacy"}]


async def test_the_conversation_itself_stays_pending_until_its_turn_is_over(
    talk: Talk, services: Services
) -> None:
    await talk.say(ActionForget(), "forget_me", "forget me")
    (receipt,) = services.records.pending_erasures()
    assert (receipt.pending_sender, receipt.completed_at) == (SENDER, None)


async def test_what_others_left_stays(talk: Talk, services: Services) -> None:
    other = Talk(services, "sender-8")
    await other.say(ActionEscalate(), "dosing", "how much for me")
    await other.say(ActionFeedback(), "feedback_good", "clear")
    await talk.say(ActionForget(), "forget_me", "forget me")
    assert [row.comment for row in services.records.feedback()] == ["clear"]
    assert [row.excerpt for row in services.records.escalations()] == ["how much for me"]


@pytest.mark.usefixtures("broken")
async def test_what_could_not_be_deleted_yet_is_said_so_and_noted(
    talk: Talk, content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="actions"):
        said = await talk.say(ActionForget(), "forget_me", "forget my secret")
    reference = str(said.slots["erasure"])
    assert reference.startswith("F-")
    assert said.texts == [content.messages["forget_waits"].text.format(reference=reference)]
    assert said.payload["parts"] == [{"outcome": "smalltalk", "topic": "privacy"}]
    assert "An erasure could not be begun (StorageError)" in caplog.text
    assert "my secret" not in caplog.text
