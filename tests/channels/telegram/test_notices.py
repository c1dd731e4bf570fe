"""Notices: what the channel says by itself, complete by the contract."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram.keyboards import buttons_of
from bot.channels.telegram.notices import (
    GROUP,
    HELP,
    NOT_TEXT,
    OLD_BUTTON,
    TOPICS,
    Notices,
    group_notice,
)
from bot.channels.telegram.updates import InGroup
from bot.content import load_content
from bot.reply.contract import validate
from bot.reply.outcomes import ANSWER_TOPICS

LINK = "https://t.me/guide_bot"


def said(notice: str, region: str = "", crisis_open: bool = False) -> dict[str, Any]:
    messages = Notices(load_content(), region).messages(notice, crisis_open=crisis_open, link=LINK)
    (custom,) = (message["custom"] for message in messages if "custom" in message)
    validate(custom)
    texts = [message for message in messages if "custom" not in message]
    whole = "\n".join(message["text"] for message in texts)
    assert "{" not in whole
    return {"messages": texts, "custom": custom, "text": whole}


@pytest.mark.parametrize("notice", [HELP, TOPICS, NOT_TEXT, GROUP, OLD_BUTTON, "crisis"])
def test_every_notice_is_complete(notice: str) -> None:
    reply = said(notice)
    assert reply["text"]
    assert (reply["custom"]["outcome"] == "crisis") == (notice == "crisis")


def test_help_names_every_command() -> None:
    text = said(HELP)["text"]
    for name, words in load_content().commands.items():
        assert f"- /{name}: {words}" in text


def test_every_topic_has_a_button() -> None:
    buttons = buttons_of(said(TOPICS))
    assert [button["payload"] for button in buttons] == [f"/ask_{t}" for t in ANSWER_TOPICS]
    assert all(button["title"] for button in buttons)


def test_a_group_is_told_where_we_talk() -> None:
    assert LINK in said(GROUP)["text"]


def test_who_was_in_a_crisis_is_told_again_where_help_is() -> None:
    calm, after = (said(HELP, "us", crisis_open)["text"] for crisis_open in (False, True))
    assert "988" not in calm
    assert "988" in after


def test_help_lines_are_those_of_the_region() -> None:
    assert "116 123" in said("crisis", "gb")["text"]
    assert "116 123" not in said("crisis", "us")["text"]


@pytest.mark.parametrize(
    ("text", "notice"),
    [("@guide_bot I want to kill myself", "crisis"), ("@guide_bot hi", GROUP), ("", GROUP)],
)
def test_danger_in_a_group(text: str, notice: str) -> None:
    assert group_notice(InGroup(1, -42, "m5", text)) == notice
