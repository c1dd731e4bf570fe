"""What Telegram shows of itself: a menu that Telegram takes, and texts that help on."""

from __future__ import annotations

import re

import pytest

from bot.content.checks import COMMANDS
from tests.content.helpers import CONTENT

TEXTS = {name: one.text for name, one in CONTENT.messages.items() if name.startswith("telegram_")}


def test_there_is_a_text_for_each_occasion() -> None:
    occasions = {"help", "topics", "not_text", "group", "old_button"}

    assert set(TEXTS) == {f"telegram_{name}" for name in occasions}


def test_the_menu_is_in_its_order() -> None:
    assert list(CONTENT.commands) == list(COMMANDS)
    assert len(set(CONTENT.commands.values())) == len(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_such_as_telegram_takes(command: str) -> None:
    text = CONTENT.commands[command]

    assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
    assert re.fullmatch(r"[A-Z][^.!?]*\.", text), "one sentence"
    assert 3 <= len(text) <= 60


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_only_commands_that_exist_are_named(text: str) -> None:
    assert set(re.findall(r"/(\w+)", text)) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["telegram_help", "telegram_not_text", "telegram_group"])
def test_danger_is_thought_of(name: str) -> None:
    assert "In an emergency, please call your local emergency number" in " ".join(
        TEXTS[name].split()
    )


def test_what_cannot_be_read_is_told_with_a_way_on() -> None:
    text = TEXTS["telegram_not_text"]

    for words in ("I am sorry", "Photos, voice messages, stickers and files", "type", "/crisis"):
        assert words in text
    assert "danger" in CONTENT.commands["crisis"]


def test_help_says_what_it_can_and_cannot_do() -> None:
    text = TEXTS["telegram_help"].replace("\n", " ")

    for words in ("Long COVID", "ketamine might help", "{commands}", "doses", "personal advice"):
        assert words in text
