"""A bot of one's own on free ports, whose Rasa server can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.cluster.ports import free_ports
from benchmarks.processes import PYTHON
from bot.records import upgrade
from bot.records.database import connect
from bot.settings import ROOT, Settings
from bot.training import model_path

START_SECONDS = 240.0
_LOOK_SECONDS = 0.05
# What the reader's own environment must not decide.
_OURS = {"NOTIFY_URLS": "", "REDIS_URL": "", "SECRET_KEY": "", "DATABASE_URL": "", "REGION": ""}


class Row(NamedTuple):
    """A row of the website's entries: `author` is `user` or `bot`, `body` is JSON."""

    author: str
    message_id: str
    body: str
    answered: bool


class WebBot:
    """The Rasa server with an action server, a database and a key of its own.

    Args:
        folder: where database, key and logs go; should be empty.
        settings: environment variables of the servers.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port, action_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._env = {
            **os.environ,
            **_OURS,
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ACTION_PORT": str(action_port),
            "DATA_DIR": str(folder),
            "MODEL": str(model_path()),
            **settings,
        }
        self.settings = Settings.from_env(self._env)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the Rasa server; it is not ready yet."""
        self._server = self._run("bot.server")

    async def ready(self) -> float:
        """Wait until model, actions and database are up; return the moment (`perf_counter`).

        Raises:
            RuntimeError: the server ended, or is not ready in START_SECONDS; holds its last lines.
        """
        deadline = time.perf_counter() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.perf_counter() < deadline and self.alive:
                if await _is_up(session, f"{self.url}/health"):
                    return time.perf_counter()
                await asyncio.sleep(_LOOK_SECONDS)
        log = (self._folder / "bot.server.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError("the server did not get ready:\n" + "\n".join(log.splitlines()[-20:]))

    def kill(self) -> None:
        """Kill the Rasa server as a crash would; the action server goes on."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def freeze(self) -> None:
        """Stop the Rasa server from doing anything, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def rows(self) -> list[Row]:
        """Return what the database holds of all the website's sessions, in order."""
        engine = connect(self.settings.records_url)
        query = "SELECT author, message_id, body, answered FROM entries ORDER BY id"
        with engine.connect() as connection:
            found = [Row(*row) for row in connection.exec_driver_sql(query)]
        engine.dispose()
        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WebBot]:
        """Run both servers as long as the block lasts."""
        upgrade(self.settings.records_url)
        actions = self._run("bot.action_server")
        try:
            self.start()
            await self.ready()
            yield self
        finally:
            self.kill()
            actions.kill()
            actions.wait()

    def _run(self, module: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{module}.log").open("ab") as log:
            command = [*PYTHON, module]
            return subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)

    def _signal(self, number: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(number)

    @property
    def alive(self) -> bool:
        """Whether the Rasa server runs."""
        return self._server is not None and self._server.poll() is None


async def _is_up(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            parts = (await answer.json())["components"]
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError):
        return False
    return all(parts[name]["status"] == "up" for name in ("model", "actions", "database"))
