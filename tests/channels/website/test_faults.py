"""When the database is down, and when the server is killed: never silent, never twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from bot.channels.archive import BUSY_PATIENCE, PATIENCE, Archive
from bot.channels.website.tokens import Tokens
from bot.records import Records, StorageError
from bot.records.database import BUSY_MS
from bot.settings import ROOT, Settings
from tests.channels.website.conftest import Site, Tab, begun, new_id
from tests.channels.website.test_rest_fallback import ask
from tests.channels.website.wire import Refused
from tests.servers import free_port


@contextmanager
def database_down(site: Site) -> Iterator[None]:
    """Take the website's tables away, as if the database were gone, and give them back."""
    import sqlite3

    file = Path(site.settings.data_dir) / "guide.sqlite3"
    names = ("sessions", "entries")

    def rename(old: str, new: str) -> None:
        with sqlite3.connect(file, timeout=10) as database:
            # Otherwise the foreign key of the one follows the name of the other.
            database.execute("PRAGMA legacy_alter_table = ON")
            for name in names:
                database.execute(f"ALTER TABLE {old}{name} RENAME TO {new}{name}")

    rename("", "lost_")
    try:
        yield
    finally:
        rename("lost_", "")


async def test_a_message_is_answered_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    message = new_id()

    with database_down(site):
        ack = await tab.send("hello", id=message)
        await tab.answered()

    assert ack == {"ok": True, "seq": None, "stored": False}
    asked, reply = tab.entries
    assert (asked["from"], asked["seq"], asked["stored"]) == ("user", None, False)
    assert (reply["to"], reply["seq"], reply["stored"]) == (message, None, False)


async def test_a_crisis_is_answered_with_help_while_all_is_down(site: Site) -> None:
    tab = await site.tab()

    async def failing(message: Any) -> None:
        raise RuntimeError

    site.agent.handle_message = failing  # type: ignore[method-assign]
    with database_down(site):
        await tab.send("I want to die")
        await tab.answered()

    assert tab.replies[0]["custom"]["outcome"] == "crisis"


async def test_a_message_sent_again_while_the_database_is_down_is_one(site: Site) -> None:
    tab = await site.tab()
    message = new_id()

    with database_down(site):
        for _ in range(3):
            assert (await tab.send("hello", id=message))["ok"]
        await tab.answered(2)

    assert site.agent.texts == ["hello"]
    assert len({str(reply["messages"]) for reply in tab.replies}) == 1


async def test_a_message_sent_again_when_it_is_back_is_stored_as_answered(site: Site) -> None:
    tab = await site.tab()
    message = new_id()
    with database_down(site):
        await tab.send("hello", id=message)
        await tab.answered()

    assert await tab.send("hello", id=message) == {"ok": True, "seq": 1}
    await tab.answered(2)

    assert site.agent.texts == ["hello"], "the turn was not run again"
    assert tab.replies[1]["seq"] == 2
    assert tab.replies[1]["messages"] == tab.replies[0]["messages"]


async def test_a_reply_that_could_not_be_stored_is_stored_later(site: Site) -> None:
    tab = await site.tab()
    site.agent.gate.clear()
    await tab.send("hello")
    await begun(site.agent)

    with database_down(site):
        site.agent.gate.set()
        await tab.answered(1)
        assert tab.replies[0]["stored"] is False
    # The lease of the turn must end first.
    await tab.answered(2)

    assert (tab.replies[1]["seq"], tab.replies[1]["messages"]) == (2, tab.replies[0]["messages"])
    assert site.agent.texts == ["hello"]


async def test_a_session_begun_while_the_database_is_down(site: Site) -> None:
    tab = site.closed_tab()
    with database_down(site):
        session = await tab.open()
        assert (session["new"], session["entries"]) == (True, [])
        await tab.send("hello")
        await tab.answered()
    sender = Tokens(b"key", 1).read(tab.token).sender

    assert (await tab.send("again"))["seq"] == 1
    await tab.answered(2)
    back = site.closed_tab()
    session = await back.open(token=tab.token)

    assert session["token"] != tab.token, "the token is exchanged for one that lasts"
    assert Tokens(b"key", 1).read(back.token).sender == sender
    assert not Tokens(b"key", 1).read(back.token).loose
    assert [entry["seq"] for entry in session["entries"]] == [1, 2]
    await tab.close()
    await back.close()


async def test_an_open_session_goes_on_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    await tab.send("hello")
    await tab.answered()

    with database_down(site):
        again = await site.tab(token=tab.token)
        assert again.entries == []
        await again.send("still there?")
        await again.answered()
        assert (await again.call("forget", {}))["error"]["code"] == "unavailable"
        rated = await again.call("feedback", {"to": new_id(), "helpful": True})
        assert rated["error"]["code"] == "unavailable"

    assert again.said == ["You said: still there?"]


async def test_rest_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    with database_down(site):
        body = {"id": new_id(), "text": "hello"}
        status, answer, _ = await ask(site, "POST", "/messages", tab.token, body)
        history = await ask(site, "GET", "/messages", tab.token)

    assert (status, answer["seq"], answer["stored"]) == (200, None, False)
    assert [entry["messages"][0]["text"] for entry in answer["entries"]] == ["You said: hello"]
    assert (history[0], history[1]["error"]["code"]) == (503, "unavailable")


async def test_a_database_that_hangs_counts_as_down(web_records: Records) -> None:
    archive = Archive("website", web_records, patience=0.1)

    with pytest.raises(StorageError, match="in time"):
        await archive.ask(time.sleep, 0.5)
    archive.close()


@pytest.mark.parametrize(("one_writer", "seconds"), [(True, BUSY_PATIENCE), (False, PATIENCE)])
async def test_a_busy_database_is_waited_for(one_writer: bool, seconds: float) -> None:
    records: Any = SimpleNamespace(single_writer=one_writer, close=lambda: None)
    archive = Archive("website", records)

    assert archive._until(asked=10.0, begun=[]) == 10.0 + seconds
    assert BUSY_PATIENCE > BUSY_MS / 1000, "it tells by itself when it cannot be had"
    archive.close()


PROGRAM = '''
"""A server with the channel and a slow agent, to be killed."""
import asyncio, sys
from bot.lean import keep_tensorflow_out
keep_tensorflow_out()
from rasa.core.channels.channel import register
from rasa.core.run import _create_app_without_api
from bot.channels.website import WebsiteInput

CUSTOM = {"schema": "reply/1", "outcome": "off_topic", "topic": None,
          "parts": [{"outcome": "off_topic"}], "disclaimers": []}

class Agent:
    action_endpoint = processor = None
    async def handle_message(self, message):
        with open(sys.argv[2], "a") as log:
            print(message.message_id, file=log, flush=True)
        await asyncio.sleep(float(sys.argv[3]))
        for part in ({"text": "You said: " + message.text}, {"custom": CUSTOM}):
            await message.output_channel.send_response(message.sender_id, dict(part))

app = _create_app_without_api()
register([WebsiteInput()], app, route="/webhooks/")
app.ctx.agent = Agent()
app.run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False)
'''


class Server:
    """The program, in a process that can be killed."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "heard"
        self.log.touch()
        self._environment = {
            **os.environ,
            "DATA_DIR": settings.data_dir,
            "DATABASE_URL": settings.records_url,
            "SECRET_KEY": settings.secret_key,
            "PYTHONPATH": str(ROOT),
            "MESSAGE_BURST": "100",
        }

    async def start(self, seconds: float) -> None:
        """Start it with turns of so many seconds, and wait until it answers."""
        program = [sys.executable, "-W", "ignore", "-c", PROGRAM]
        self.process = subprocess.Popen(
            [*program, str(self.port), str(self.log), str(seconds)],
            env=self._environment,
            stderr=subprocess.DEVNULL,
        )
        async with aiohttp.ClientSession() as http:
            for _ in range(600):
                try:
                    async with http.get(self.url):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
        raise TimeoutError

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def begun(self) -> None:
        """Wait until a turn runs."""
        while not self.heard:
            await asyncio.sleep(0.05)

    @property
    def heard(self) -> Counter[str]:
        return Counter(self.log.read_text().split())


async def test_killed_in_the_middle_of_a_turn(
    web_settings: Settings, web_records: Records, tmp_path: Path
) -> None:
    server = Server(web_settings, tmp_path)
    await server.start(seconds=60)
    tab = Tab(server.url)
    ids = [new_id() for _ in range(3)]
    try:
        await tab.open()
        for number, message in enumerate(ids):
            assert (await tab.send(f"message {number}", id=message))["ok"]
        await asyncio.wait_for(server.begun(), 60)
        server.kill()
        await tab.close()
        with pytest.raises((Refused, aiohttp.ClientError)):
            await Tab(server.url).open(token=tab.token)

        await server.start(seconds=0)
        back = Tab(server.url)
        await back.open(token=tab.token)
        # The widget cannot know what arrived, so it sends all of it again.
        for number, message in enumerate(ids):
            assert (await back.send(f"message {number}", id=message))["ok"]
        await back.until(lambda: len({e["seq"] for e in back.entries}) == 6)
        again = Tab(server.url)
        stored = (await again.open(token=tab.token))["entries"]
        await back.close()
        await again.close()
    finally:
        server.kill()

    assert [entry["seq"] for entry in stored] == [1, 2, 3, 4, 5, 6]
    assert [entry["id"] for entry in stored[:3]] == ids
    assert [entry["to"] for entry in stored[3:]] == ids
    assert server.heard == Counter({ids[0]: 2, ids[1]: 1, ids[2]: 1})
