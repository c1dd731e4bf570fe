"""Greetings, thanks, and questions about the bot itself."""

import pytest

from actions.services import Services
from actions.smalltalk import ActionSmalltalk
from bot.content import Content

from .conftest import Talk

TOPICS = ("greet", "goodbye", "thanks", "bot_identity", "capabilities", "affirm", "deny")


@pytest.mark.parametrize("topic", TOPICS)
async def test_the_message_of_the_topic_is_said(talk: Talk, content: Content, topic: str) -> None:
    said = await talk.say(ActionSmalltalk(), topic, parts=(topic,))
    assert said.texts == [content.messages[topic].text]
    assert said.payload["parts"] == [{"outcome": "smalltalk", "topic": topic}]
    assert said.buttons == [f"/ask_{name}" for name in content.messages[topic].suggestions]
    assert said.events == []


async def test_privacy_says_how_long_things_are_kept(talk: Talk, services: Services) -> None:
    said = await talk.say(ActionSmalltalk(), "privacy")
    assert "for 42 days" in said.texts[0]
    assert services.records.escalations(None) == []
