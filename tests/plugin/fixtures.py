"""Fixtures of the conversation items: the event loop, the bot on its channel, the runner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from bot.records import Records
from bot.settings import Settings

if TYPE_CHECKING:
    # Bring Rasa in, which takes longer than many a test without it.
    from tests.plugin.drivers import Driver
    from tests.plugin.runner import Runner


@pytest.fixture(scope="session")
async def conversation_loop() -> asyncio.AbstractEventLoop:
    """The loop on which the session's bot lives."""
    return asyncio.get_running_loop()


@pytest.fixture(scope="session")
async def conversation_server(
    request: pytest.FixtureRequest, settings: Settings
) -> AsyncIterator[Driver]:
    """A bot server of the session's own, on the channel of `--channel`."""
    from tests.plugin.channels import started

    async with started(request.config.getoption("channel"), settings) as driver:
        yield driver


@pytest.fixture(scope="session")
def conversation_driver(request: pytest.FixtureRequest) -> Driver:
    """The bot on the channel of `--channel`, started once."""
    if request.config.getoption("channel") != "inprocess":
        started: Driver = request.getfixturevalue("conversation_server")
        return started
    from tests.plugin.drivers import InProcess

    return InProcess(request.getfixturevalue("bot"))


@pytest.fixture(scope="session")
def conversation_runner(
    conversation_driver: Driver, records: Records, settings: Settings
) -> Runner:
    """What holds conversations with that bot."""
    from tests.plugin.runner import Runner
    from tests.plugin.witness import witness

    return Runner(conversation_driver, records, settings.records_url, witness())
