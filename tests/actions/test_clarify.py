"""Asking instead of guessing."""

import pytest

from actions.clarify import ActionClarify
from actions.services import Services
from bot.content import Content

from .conftest import Talk


async def test_likely_readings_are_offered_as_buttons(talk: Talk, content: Content) -> None:
    talk.hear("nlu_fallback", "hm", reason="unsure", readings=["ask_pain", "human"])
    said = await talk.act(ActionClarify())
    assert said.payload["parts"] == [{"outcome": "clarify"}]
    assert said.texts == [content.messages["clarify"].text]
    assert said.buttons == ["/ask_pain", "/human"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "clarify_empty"), (" \n", "clarify_empty"), ("😢", "clarify_no_words")],
)
async def test_a_message_without_words_is_asked_about(
    talk: Talk, content: Content, text: str, message: str
) -> None:
    talk.hear("nlu_fallback", text, reason="no_words")
    said = await talk.act(ActionClarify())
    assert said.texts == [content.messages[message].text]
    assert said.buttons == [f"/ask_{name}" for name in content.messages[message].suggestions]


async def test_a_message_that_is_too_long_is_told_the_limit(talk: Talk, services: Services) -> None:
    talk.hear("nlu_fallback", "so " * 9000, reason="too_long")
    said = await talk.act(ActionClarify())
    assert f"at most {services.settings.max_message_chars} characters" in said.texts[0]
    assert "emergency number" in said.texts[0]
    assert said.payload["outcome"] == "clarify"


async def test_without_a_reason_it_still_asks(talk: Talk, content: Content) -> None:
    said = await talk.say(ActionClarify(), "nlu_fallback")
    assert said.texts == [content.messages["clarify"].text]


async def test_asking_writes_no_record(talk: Talk, services: Services) -> None:
    await talk.say(ActionClarify(), "nlu_fallback")
    assert services.records.escalations(None) == []
