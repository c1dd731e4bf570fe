"""Bots that the tests may kill, and what everybody must see afterwards."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import BrowserContext

from benchmarks.browser import Bubble, Person, answered
from benchmarks.web_bot import WebBot

# A busy machine is slow; that is no failing turn.
PATIENT = {"ACTION_TIMEOUT": "30", "TURN_DEADLINE": "60"}
PATIENCE_SECONDS = 120
WHAT, PAIN, PROOF = "what is long covid", "does ketamine help with pain", "is it proven"


@pytest.fixture(scope="module")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WebBot]:
    """A bot with an action server of its own, once for the tests of a file."""
    async with WebBot(tmp_path_factory.mktemp("mortal"), **PATIENT).running() as bot:
        yield bot


@pytest.fixture
async def mortal(started: WebBot) -> WebBot:
    """That bot, ready: a test that failed may have left it dead."""
    started.thaw()
    if not started.alive:
        started.start()
    await started.ready()
    return started


@asynccontextmanager
async def recorded(bot: WebBot) -> AsyncIterator[Callable[[Sequence[str]], None]]:
    """Gives a check: since then, the database holds these messages, once, each with one reply."""
    before = len(bot.rows())

    def check(texts: Sequence[str]) -> None:
        rows = bot.rows()[before:]
        asked = [row for row in rows if row.author == "user"]
        replies = [row.message_id for row in rows if row.author == "bot"]
        assert [json.loads(row.body)["text"] for row in asked] == list(texts)
        assert replies == [row.message_id for row in asked], "one reply each, in order"

    yield check


async def visit(context: BrowserContext, url: str) -> Person:
    """Open the page and the panel in a new tab."""
    return await Person.opened(await context.new_page(), url)


async def all_once(person: Person, texts: Sequence[str]) -> list[Bubble]:
    """Wait until all is answered; check that the page shows each message once, with one reply."""
    await person.until(answered(list(texts)), PATIENCE_SECONDS)
    shown = await person.bubbles()
    assert [bubble.text for bubble in shown if bubble.who == "user"] == list(texts)
    assert sum(bubble.who == "bot" for bubble in shown) == len(texts)
    return shown
