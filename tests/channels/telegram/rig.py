"""A channel with an agent that only repeats: for what goes wrong around a turn, not in it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.pace import Pace
from bot.records import Records
from bot.settings import Settings
from tests.channels.telegram.emulator import Chat, Telegram
from tests.channels.telegram.service import guide
from tests.channels.website.conftest import FakeAgent

BUTTON = "Is it safe?"
PAYLOAD = "/ask_safe_administration"
# Tables whose loss makes the channel's database calls fail.
TABLES = ("sessions", "entries", "deliveries", "telegram_updates")


@dataclass
class Rig:
    """The emulated Telegram, an agent, and a database of their own; no server yet."""

    telegram: Telegram
    agent: FakeAgent
    settings: Settings
    records: Records

    def running(
        self, mode: str = "webhook", pace: Pace | None = None
    ) -> AbstractAsyncContextManager[str]:
        """A server; its address."""
        agent: Any = self.agent
        return guide(self.telegram, agent, self.settings, mode, pace)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self._database() as database:
            return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]

    def mentions(self, words: str) -> list[str]:
        """Tables that hold the words anywhere."""
        with self._database() as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return [
                name["name"]
                for name in names.fetchall()
                if any(
                    words in str(tuple(row))
                    for row in database.execute(f"SELECT * FROM {name['name']}")
                )
            ]

    @contextmanager
    def database_down(self) -> Iterator[None]:
        """Take the channel's tables away, as if the database were gone, and give them back."""
        self._rename("", "lost_")
        try:
            yield
        finally:
            self._rename("lost_", "")

    def _rename(self, old: str, new: str) -> None:
        with self._database() as database:
            # Otherwise the foreign key of the one follows the name of the other.
            database.execute("PRAGMA legacy_alter_table = ON")
            for name in TABLES:
                database.execute(f"ALTER TABLE {old}{name} RENAME TO {new}{name}")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.settings.records_url.partition(":///")[2], timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def echo(text: str) -> str:
    """What the agent says to a text."""
    return f"You said: {text}"


@asynccontextmanager
async def talking(rig: Rig, mode: str = "webhook") -> AsyncIterator[Chat]:
    """A person's chat with a running server."""
    async with rig.running(mode):
        yield rig.telegram.chat()
