"""What goes wrong in the middle of a conversation, and how much time passes in it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from bot.records import database
from tests.plugin.drivers import Driver

# Tables of the migrations and of SQLite itself, which no turn reads.
_KEPT = ("alembic_", "sqlite_")
_LOST = "lost_"


class Faults:
    """The faults of one conversation; `mend` takes them all back.

    Args:
        driver: whose action server goes down.
        url: of the database, which goes down by losing its tables: every query fails.
    """

    def __init__(self, driver: Driver, url: str) -> None:
        self._driver = driver
        self._url = url
        self._actions_down = False
        self._database_down = False

    async def give(self, faults: Iterable[str]) -> None:
        """Let the faults of a turn begin, or end.

        Raises:
            ValueError: there is no such fault.
        """
        for fault in faults:
            part, _, state = fault.rpartition(" ")
            down = {"down": True, "up": False}.get(state)
            if down is None or part not in ("action server", "database"):
                raise ValueError(f"no such fault: {fault}")
            await (self._actions(down) if part == "action server" else self._database(down))

    async def mend(self) -> None:
        """Put everything back."""
        await self._actions(False)
        await self._database(False)

    async def _actions(self, down: bool) -> None:
        if down != self._actions_down:
            await self._driver.action_server(not down)
            self._actions_down = down

    async def _database(self, down: bool) -> None:
        if down != self._database_down:
            rename_tables(self._url, down)
            self._database_down = down


def rename_tables(url: str, lost: bool) -> None:
    """Take the tables of a database away by renaming them, or give them back."""
    engine = database.connect(url)
    try:
        with engine.connect() as connection:
            _keep_references(connection)
            names = inspect(connection).get_table_names()
            for name in names:
                if lost and not name.startswith((_LOST, *_KEPT)):
                    connection.execute(text(f"ALTER TABLE {name} RENAME TO {_LOST}{name}"))
                if not lost and name.startswith(_LOST):
                    new = name.removeprefix(_LOST)
                    connection.execute(text(f"ALTER TABLE {name} RENAME TO {new}"))
            connection.commit()
    finally:
        engine.dispose()


def _keep_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Otherwise the foreign key of one table follows the new name of the other.
        connection.execute(text("PRAGMA legacy_alter_table = ON"))


def pass_time(url: str, sender: str, minutes: int) -> None:
    """Let time pass for one user: what Rasa stored of the conversation becomes so much older."""
    seconds = minutes * 60
    engine = database.connect(url)
    try:
        with engine.begin() as connection:
            rows = connection.execute(
                text("SELECT id, data FROM events WHERE sender_id = :sender"), {"sender": sender}
            ).fetchall()
            for number, data in rows:
                event = json.loads(data)
                event["timestamp"] = (event.get("timestamp") or 0) - seconds
                connection.execute(
                    text("UPDATE events SET timestamp = :at, data = :data WHERE id = :id"),
                    {"at": event["timestamp"], "data": json.dumps(event), "id": number},
                )
    finally:
        engine.dispose()
