"""A bot of one's own on free ports, whose Rasa server can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.ports import free_ports
from benchmarks.processes import PYTHON
from bot.records import upgrade
from bot.records.database import connect
from bot.settings import ROOT, Settings
from bot.training import model_path

# The bot's processes, as the process manager starts them (deploy/supervisord.conf).
SERVER, ACTIONS, WORKER = "bot.server", "bot.action_server", "bot.records work"
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
            "WORKER_HEARTBEAT": str(folder / "worker.alive"),
            **settings,
        }
        self.settings = Settings.from_env(self._env)
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str = SERVER) -> None:
        """Start a process, the Rasa server unless another is named; it is not ready yet."""
        self._parts[part] = self._run(part)

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
        lines = self.log(SERVER).splitlines()[-20:]
        raise RuntimeError("the server did not get ready:\n" + "\n".join(lines))

    def set(self, **settings: str) -> None:
        """Change environment variables of what is started from now on."""
        self._env.update(settings)

    def fill(self, *, full: bool) -> None:
        """Let the writes of all processes to files fail, as on a full disk, or succeed again."""
        for process in self._parts.values():
            if process.poll() is None:
                full_disk(process.pid, full=full)

    async def answering(self) -> None:
        """Wait until the Rasa server answers at all, ready or not."""
        async with aiohttp.ClientSession() as session:
            while self.alive:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/health"):
                        return
                await asyncio.sleep(_LOOK_SECONDS)

    def kill(self, part: str = SERVER) -> None:
        """Kill a process as a crash would; the others go on."""
        process = self._parts.pop(part, None)
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def freeze(self, part: str = SERVER) -> None:
        """Stop a process from doing anything, its connections open."""
        self._signal(part, signal.SIGSTOP)

    def thaw(self, part: str = SERVER) -> None:
        """Let it go on."""
        self._signal(part, signal.SIGCONT)

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
        """Run both servers as long as the block lasts, and what else was started meanwhile."""
        upgrade(self.settings.records_url)
        try:
            self.start(ACTIONS)
            self.start()
            await self.ready()
            yield self
        finally:
            for part in list(self._parts):
                self.kill(part)

    def log(self, part: str) -> str:
        """Return all that a process has written."""
        return self._log(part).read_text(encoding="utf-8", errors="replace")

    def _log(self, part: str) -> Path:
        return self._folder / f"{part.split()[0]}.log"

    def _run(self, part: str) -> subprocess.Popen[bytes]:
        with self._log(part).open("ab") as log:
            command = [*PYTHON, *part.split()]
            return subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)

    def _signal(self, part: str, number: signal.Signals) -> None:
        if part in self._parts:
            self._parts[part].send_signal(number)

    @property
    def alive(self) -> bool:
        """Whether the Rasa server runs."""
        return SERVER in self._parts and self._parts[SERVER].poll() is None


def full_disk(pid: int, *, full: bool, user: Sequence[str] = ()) -> None:
    """Let a process's writes fail from its files' second byte on (RLIMIT_FSIZE), or succeed.

    User: what runs a command as the process's user, who alone may do that.
    """
    limit = f"--fsize={1 if full else 'unlimited'}:unlimited"
    # It may have ended meanwhile.
    quiet = subprocess.DEVNULL
    subprocess.run([*user, "prlimit", f"--pid={pid}", limit], check=False, stderr=quiet)


async def _is_up(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            parts = (await answer.json())["components"]
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError):
        return False
    return all(parts[name]["status"] == "up" for name in ("model", "actions", "database"))
