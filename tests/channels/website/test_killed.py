"""When the server is killed in the middle of a turn: every message is answered once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from bot.records import Records
from bot.settings import ROOT, Settings
from tests.channels.website.conftest import Tab, new_id
from tests.channels.website.wire import Refused
from tests.servers import free_port

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
