"""Praise, criticism, and the words that follow it."""

import logging

import pytest

from actions.answer import ActionAnswer
from actions.feedback import ActionFeedback, ActionFeedbackComment
from actions.services import Services
from bot.content import Content
from bot.records import StorageError

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


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("😢", "no_words", "clarify_no_words"),
        (" ", "no_words", "clarify_empty"),
        ("so long " * 2000, "too_long", "clarify_too_long"),
    ],
)
async def test_what_is_no_comment_is_asked_about_and_the_invitation_stands(
    talk: Talk, services: Services, content: Content, text: str, reason: str, message: str
) -> None:
    await talk.say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    talk.hear("nlu_fallback", text, reason=reason)
    said = await talk.act(ActionFeedbackComment())
    limit = str(services.settings.max_message_chars)
    assert said.texts == [content.messages[message].text.replace("{limit}", limit)]
    assert said.payload["outcome"] == "clarify"
    assert talk.slots["offer"] == "comment"
    assert [row.comment for row in services.records.feedback()] == [None]

    await talk.say(ActionFeedbackComment(), "off_topic", "too vague")
    assert [row.comment for row in services.records.feedback()] == ["too vague"]
    assert talk.slots["offer"] is None


async def test_a_comment_that_no_reading_fits_is_a_comment(talk: Talk, services: Services) -> None:
    await talk.say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    talk.hear("nlu_fallback", "hm, meh", reason="unsure", readings=["ask_pain"])
    said = await talk.act(ActionFeedbackComment())
    assert [row.comment for row in services.records.feedback()] == ["hm, meh"]
    assert said.slots == {"offer": None}


async def test_criticism_as_a_comment_is_no_second_feedback(talk: Talk, services: Services) -> None:
    await talk.say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    await talk.say(ActionFeedbackComment(), "feedback_bad", "it was useless")
    rows = [(row.helpful, row.comment) for row in services.records.feedback()]
    assert rows == [(False, "it was useless")]


async def test_a_payload_is_no_comment(talk: Talk, services: Services) -> None:
    await talk.say(ActionFeedback(), "feedback_bad", "no use")
    said = await talk.say(ActionFeedbackComment(), "feedback_bad", "/feedback_bad")
    assert [row.comment for row in services.records.feedback()] == ["no use"]
    assert said.slots == {"offer": None}


async def test_feedback_of_others_is_left_alone(services: Services, content: Content) -> None:
    await Talk(services, "one").say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    said = await Talk(services, "two").say(ActionFeedbackComment(), "off_topic", "mine")
    assert [row.comment for row in services.records.feedback()] == [None]
    assert said.texts == [content.messages["feedback_comment_saved"].text]


async def test_a_comment_on_deleted_feedback_is_dropped(
    talk: Talk, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    await talk.say(ActionFeedback(), "feedback_bad", "/feedback_bad")
    services.records.begin_erasure(conversation=services.conversation(SENDER), sender=SENDER)
    with caplog.at_level(logging.DEBUG, logger="actions"):
        said = await talk.say(ActionFeedbackComment(), "off_topic", "my very own words")
    assert services.records.feedback() == []
    assert said.payload["parts"] == [{"outcome": "smalltalk", "topic": "feedback_bad"}]
    assert said.slots == {"offer": None}
    assert "after its feedback was deleted" in caplog.text
    assert "my very own words" not in caplog.text


@pytest.mark.usefixtures("broken")
async def test_a_comment_that_cannot_be_saved_is_not_said_to_be(talk: Talk) -> None:
    # The action server answers 500; the bot then gives the safe reply.
    with pytest.raises(StorageError):
        await talk.say(ActionFeedbackComment(), "off_topic", "mine")
