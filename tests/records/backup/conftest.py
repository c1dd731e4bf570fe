"""A bot's database in which people talk, and a place for its back-ups."""

import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.records import Records, conversation_reference, database, upgrade
from bot.records.backup import restore

from ..conftest import POSTGRES, Clock, Execute

SECRET = b"a key of the tests"
WORDS = "quuxwombatine"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; of PostgreSQL one of its own, as a host has it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'var' / 'records.db'}"
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set")
    name = f"backup_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    yield str(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    engine = database.connect(POSTGRES)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "guide.backup"


class House:
    """A bot's database, in which people talk, and its back-ups."""

    def __init__(self, url: str, clock: Clock, records: Records, sql: Execute) -> None:
        self.url, self.clock, self.records, self.sql = url, clock, records, sql

    def talk(self, sender: str, said: str = WORDS) -> str:
        """Somebody says what is escalated, and what they think of the answer."""
        known_as = conversation_reference(sender, SECRET)
        self.sql(
            "INSERT INTO events (id, sender_id, type_name, timestamp, data) "
            "SELECT coalesce(max(id), 0) + 1, :sender, 'user', :moment, :data FROM events",
            sender=sender,
            moment=self.clock.now.timestamp(),
            data=said,
        )
        self.sql(
            "INSERT INTO sessions (sender, channel, created_at, last_seq) "
            "VALUES (:sender, 'website', :now, 1) ON CONFLICT DO NOTHING",
            sender=sender,
            now=self.clock.now.isoformat(" "),
        )
        self.sql(
            "INSERT INTO entries (sender, seq, created_at, author, message_id, body, answered, "
            "attempts) SELECT :sender, coalesce(max(seq), 0) + 1, :now, 'user', :id, :body, :yes, "
            "1 FROM entries",
            sender=sender,
            now=self.clock.now.isoformat(" "),
            id=uuid.uuid4().hex,
            body=said,
            yes=True,
        )
        self.records.add_feedback(conversation=known_as, topic="pain", helpful=False, comment=said)
        return self.records.open_escalation(
            outcome="dosing",
            channel="website",
            conversation=known_as,
            text=said,
            message_key=uuid.uuid4().hex,
        )

    def forget(self, sender: str) -> str:
        known_as = conversation_reference(sender, SECRET)
        receipt = self.records.begin_erasure(conversation=known_as, sender=sender)
        self.records.finish_erasure(sender)
        return receipt.reference

    def restore(self, file: Path, **given: object) -> None:
        options: dict[str, object] = {"secret": SECRET, "keep_days": 90, "replace": True}
        restore(self.url, file, clock=self.clock, **{**options, **given})  # type: ignore[arg-type]

    def said(self) -> dict[str, int]:
        """How often the words stand in each table."""
        places = {
            "events": "data",
            "entries": "body",
            "feedback": "comment",
            "escalations": "excerpt",
        }
        counts = {}
        for table, column in places.items():
            query = f"SELECT count(*) FROM {table} WHERE {column} LIKE :words"
            counts[table] = int(str(self.sql(query, words=f"%{WORDS}%")[0][0]))
        return counts


@pytest.fixture
def house(url: str, clock: Clock, records: Records, sql: Execute, rasa_events: object) -> House:
    return House(url, clock, records, sql)


@pytest.fixture
def url(empty_url: str) -> str:
    upgrade(empty_url)
    return empty_url


ONCE = {"events": 1, "entries": 1, "feedback": 1, "escalations": 1}
NEVER = dict.fromkeys(ONCE, 0)


def clear(house: House) -> None:
    """Lose the database, under connections that stay open."""
    if not house.url.startswith("sqlite"):
        house.sql("DROP SCHEMA public CASCADE")
        house.sql("CREATE SCHEMA public")
        return
    house.records.close()
    with sqlite3.connect(str(make_url(house.url).database)) as database:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in database.execute(tables).fetchall():
            database.execute(f"DROP TABLE {name}")
