"""Commands: what each stands for, and how it gets into the menu."""

from __future__ import annotations

import pytest

from bot.channels.telegram.commands import COMMANDS, meaning, show_commands, without_mention
from bot.channels.telegram.notices import HELP, TOPICS
from bot.content import load_content
from bot.nlu.payloads import ALLOWED
from tests.channels.telegram.fakes import FakeApi


@pytest.mark.parametrize(
    ("text", "stands_for"),
    [
        ("/start", "/greet"),
        (" /START@guide_bot ", "/greet"),
        ("/start from-the_site", "/greet"),
        ("/help", HELP),
        ("/topics", TOPICS),
        ("/sources", "/ask_source"),
        ("/person", "/human"),
        ("/forgetme", "/forget_me"),
        ("/crisis", "/crisis"),
    ],
)
def test_a_command(text: str, stands_for: str) -> None:
    assert meaning(text) == stands_for


@pytest.mark.parametrize(
    "text",
    [
        "/crisis I cannot go on",
        "/crisis\nI cannot go on",
        "/start I cannot go on",
        "/start a b",
        "/help me",
        "/unknown",
        "/ask_pain",
        "/",
        "",
        "help",
        "say /help",
    ],
)
def test_words_are_not_dropped(text: str) -> None:
    assert meaning(text) is None


def test_every_payload_is_one_that_may_come_from_anybody() -> None:
    payloads = {payload[1:] for payload in COMMANDS.values() if payload.startswith("/")}
    assert payloads <= ALLOWED
    assert set(COMMANDS.values()) - {f"/{payload}" for payload in payloads} == {HELP, TOPICS}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/ask_pain@guide_bot", "/ask_pain"),
        ("/crisis@guide_bot I cannot go on", "/crisis I cannot go on"),
        ("/ask_pain", "/ask_pain"),
        ("mail me@example.org", "mail me@example.org"),
        ("see /help@guide_bot", "see /help@guide_bot"),
    ],
)
def test_the_bots_name_is_taken_off_a_command(text: str, left: str) -> None:
    assert without_mention(text) == left


async def test_the_menu_has_the_commands_in_the_words_of_the_content() -> None:
    api, content = FakeApi(), load_content()
    await show_commands(api, content)

    ((method, given),) = api.calls
    assert method == "setMyCommands"
    assert {entry["command"] for entry in given["commands"]} == set(COMMANDS)
    assert [entry["description"] for entry in given["commands"]] == list(content.commands.values())
