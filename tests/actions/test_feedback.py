"""Praise, criticism, and the words that follow it."""

import pytest

from actions.answer import ActionAnswer
from actions.feedback import ActionFeedback, ActionFeedbackComment
from actions.services import Services
from bot.content import Content
from bot.records import UnknownFeedback

from .conftest import SENDER, Talk


async def test_praise_is_recorded_for_the_latest_answer(
    talk: Talk, services: Services, content: Content
) -> None:
    await talk.say(ActionAnswer(), "ask_pain")
    said = await talk.say(ActionFeedback(), "feedback_good", "that was so clear")
    (row,) = services.records.feedback()
    assert (row.topic, row.helpful, row.comment) == ("pain", True, "that was so clear")
    assert row.conversation == services.conversation(SENDER)
    assert said.texts == [content.messages["feedback_good"].text]
    assert said.payload["topic"] == "feedback_good"
    assert said.slots == {}


async def test_criticism_invites_a_comment(
    talk: Talk, services: Services, content: Content
) -> None:
    said = await talk.say(ActionFeedback(), "feedback_bad", "no use at all")
    (row,) = services.records.feedback()
    assert (row.topic, row.helpful, row.comment) == ("none", False, "no use at all")
    assert said.texts == [content.messages["feedback_bad"].text]
    assert said.slots == {"offer": "comment"}


@pytest.mark.parametrize("intent", ["feedback_good", "feedback_bad"])
async def test_a_button_leaves_no_comment(talk: Talk, services: Services, intent: str) -> None:
    await talk.say(ActionFeedback(), intent, f"/{intent}")
    assert [row.comment for row in services.records.feedback()] == [None]


async def test_the_comment_joins_the_latest_feedback_redacted(
    talk: Talk, services: Services, content: Content
) -> None:
    await talk.say(ActionFeedback(), "feedback_good", "/feedback_good")
    await talk.say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    words = "too many long words, write to me@example.org"
    said = await talk.say(ActionFeedbackComment(), "off_topic", words)
    praise, criticism = services.records.feedback()
    assert praise.comment is None
    assert criticism.comment == "too many long words, write to [email]"
    assert said.texts == [content.messages["feedback_comment_saved"].text]
    assert said.payload["parts"] == [{"outcome": "smalltalk", "topic": "feedback_bad"}]
    assert said.slots == {"offer": None}


async def test_feedback_of_others_is_left_alone(services: Services) -> None:
    await Talk(services, "one").say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    with pytest.raises(UnknownFeedback):
        await Talk(services, "two").say(ActionFeedbackComment(), "off_topic", "mine")
    assert [row.comment for row in services.records.feedback()] == [None]
