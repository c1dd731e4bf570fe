"""A whole bot of the tests' own, as `make run` starts it, and the browser that visits it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.settings import ROOT
from tests.servers import free_port

START_SECONDS = 240.0
STOP_SECONDS = 30.0
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of the browser: CHROMIUM, or the first of the usual names on the PATH."""
    found = map(shutil.which, (os.environ.get("CHROMIUM", ""), *NAMES))
    return next((path for path in found if path), None)


@dataclass(frozen=True)
class Site:
    """A running bot: its address and the folder it writes."""

    url: str
    data: Path

    def rows(self, table: str, **where: str) -> int:
        """How many rows of a table match, read from the bot's own SQLite file."""
        condition = " AND ".join(f"{column} = :{column}" for column in where) or "1"
        with closing(sqlite3.connect(self.data / "guide.sqlite3")) as database:
            found = database.execute(f"SELECT count(*) FROM {table} WHERE {condition}", where)
            return int(found.fetchone()[0])

    def holding(self, words: str) -> list[str]:
        """The tables in which some row holds these words, in any column."""
        with closing(sqlite3.connect(self.data / "guide.sqlite3")) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return [name for (name,) in names.fetchall() if _holds(database, name, words)]


def _holds(database: sqlite3.Connection, table: str, words: str) -> bool:
    return any(
        words in str(value) for row in database.execute(f"SELECT * FROM {table}") for value in row
    )


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[Site]:
    """A bot with all its processes on free ports, ready to answer; stopped at the end.

    Raises:
        RuntimeError: it does not get ready; the text holds what it said.
    """
    port, log = free_port(), folder / "bot.log"
    environment = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "ACTION_PORT": str(free_port()),
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "NOTIFY_URLS": "",
        "SECRET_KEY": "",
        "PYTHONPATH": str(ROOT),
        # All tests come from one address.
        "MESSAGE_BURST": "10000",
        "SESSIONS_PER_MINUTE": "10000",
        # A busy machine is slow; that is no failing turn.
        "ACTION_TIMEOUT": "30",
        "TURN_DEADLINE": "60",
        **settings,
    }
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-m", "bot.launch"),
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    site = Site(f"http://127.0.0.1:{port}", folder)
    try:
        await _ready(site.url, process, log)
        yield site
    finally:
        await _stop(process)


async def _ready(url: str, process: Any, log: Path) -> None:
    async with aiohttp.ClientSession() as client:
        for _ in range(int(START_SECONDS / 0.5)):
            await asyncio.sleep(0.5)
            if process.returncode is not None:
                break
            try:
                async with client.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                continue
    raise RuntimeError(f"The bot did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


async def _stop(process: Any) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
