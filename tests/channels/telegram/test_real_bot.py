"""The channel with the real model, rules, actions, records and tracker store, in both modes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.settings import Settings
from tests.channels.telegram.emulator import Chat, Telegram
from tests.channels.telegram.service import MODES, guide
from tests.harness import Bot


@pytest.fixture(params=MODES)
async def person(
    request: pytest.FixtureRequest, telegram: Telegram, bot: Bot, settings: Settings
) -> AsyncIterator[Chat]:
    async with guide(telegram, bot.agent, settings, request.param):
        yield telegram.chat()


async def test_a_question_is_answered(person: Chat) -> None:
    (reply,) = await person.ask("Can ketamine help with brain fog?")
    assert "BDNF" in reply.text
    assert "It is not medical advice" in reply.text
    assert [button.title for button in reply.buttons]
    assert person.typing
