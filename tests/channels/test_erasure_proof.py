"""Forget me, proved: what was said is in no file any more, whatever tool one reads it with."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from rasa.core.channels.channel import register
from rasa.core.run import _create_app_without_api
from sqlalchemy.engine import make_url

from bot.channels.guard import Guard
from bot.channels.rest import RestInput
from bot.channels.website import WebsiteInput
from bot.degraded import safe_replies
from bot.records import Outbox, Records, Worker
from bot.settings import Settings
from tests.channels.website.conftest import Tab, new_id
from tests.harness import Bot
from tests.servers import served

# Words that nothing else says; no name, so that redaction does not take them out.
REST_WORDS, WEB_WORDS, OPINION = "quuxwombatine", "zorblefrumious", "plinthgrabbler"
SAID = (
    "what is long covid, said the {0}",
    "how many mg of ketamine should the {0} take",
    "can I take it with my {0} medicine",
    "tell me about brain fog " + "and {0} " * 300,
)


@pytest.fixture
def folder(settings: Settings) -> Path:
    url = make_url(settings.records_url)
    if url.get_backend_name() != "sqlite":
        pytest.skip("only SQLite's files can be read here")
    return Path(str(url.database)).parent


@pytest.fixture
def logs(folder: Path) -> Iterator[Path]:
    """A file in the folder that takes every log line, as the level of a host writes them."""
    handler = logging.FileHandler(folder / "all.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield folder / "all.log"
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


@pytest.fixture
async def url(bot: Bot, settings: Settings, logs: Path) -> AsyncIterator[str]:
    """The address of the bot, on REST and on the website."""
    app = _create_app_without_api()
    app.name = f"erasure_{uuid4().hex}"
    patient = replace(settings, sessions_per_minute=1000, turn_deadline=120.0)
    guard = Guard(safe_replies(), patient)
    channels = [RestInput(guard, patient), WebsiteInput(guard, patient)]
    register(channels, app, route="/webhooks/")
    app.ctx.agent = bot.agent
    async with served(app) as address:
        yield address


def found(folder: Path, word: str) -> dict[str, int]:
    """Files of the folder that hold the word, and how often: raw bytes, free pages and all."""
    counts = {
        str(file.relative_to(folder)): file.read_bytes().count(word.encode())
        for file in folder.rglob("*")
        if file.is_file()
    }
    return {name: count for name, count in counts.items() if count}


async def over_rest(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        sender = f"proof-{uuid4().hex}"
        for said in (*(line.format(REST_WORDS) for line in SAID), "forget me"):
            body = {"sender": sender, "message": said}
            async with http.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
                assert answer.status == 200
                reply = await answer.json()
        assert reply[-1]["custom"]["topic"] == "privacy"


async def over_the_website(url: str, folder: Path) -> None:
    async with AsyncExitStack() as stack:
        tab = Tab(url)
        stack.push_async_callback(tab.close)
        await tab.open()
        for number, line in enumerate(SAID, 1):
            await tab.send(line.format(WEB_WORDS), id=(last := new_id()))
            await tab.answered(number, seconds=200)
        opinion = {"to": last, "helpful": False, "comment": f"no {OPINION} in it"}
        assert (await tab.call("feedback", opinion))["ok"]
        assert found(folder, WEB_WORDS), "the search must find what is there"
        assert found(folder, OPINION)
        await tab.send("forget me")
        await tab.until(lambda: tab.forgotten, seconds=200)


async def test_no_byte_of_it_is_left(
    url: str, folder: Path, logs: Path, records: Records, capfd: pytest.CaptureFixture[str]
) -> None:
    await over_rest(url)
    await over_the_website(url, folder)

    worker = Worker(records, Outbox(records, []), 90)
    while not worker.round():
        pass

    assert records.pending_erasures() == []
    shown = "".join(capfd.readouterr())
    assert logs.stat().st_size, "nothing was logged, so the search of the log proves nothing"
    for word in (REST_WORDS, WEB_WORDS, OPINION):
        assert found(folder, word) == {}
        assert word not in shown
