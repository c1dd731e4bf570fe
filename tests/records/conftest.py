"""A migrated database of each supported kind, a clock to move, and conversations to forget."""

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, Engine

from bot.records import Records, Spool, database, upgrade
from tests.databases import migrated

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'var' / 'records.db'}"


@contextmanager
def postgres_schema() -> Iterator[str]:
    """The URL of an empty schema in the PostgreSQL of TEST_POSTGRES_URL, as long as it lasts."""
    schema = f"records_{uuid.uuid4().hex[:12]}"
    engine = database.connect(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in POSTGRES else "?"
    yield f"{POSTGRES}{joint}options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A schema of its own in the PostgreSQL of TEST_POSTGRES_URL."""
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set")
    with postgres_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables, of each kind there is to test on."""
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set")
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def postgres_tables() -> str:
    """What migrating an empty PostgreSQL database says to it: to say it again takes a tenth."""
    said: list[str] = []

    def hear(_connection: Connection, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        said.append(cursor.mogrify(statement, given).decode())

    with postgres_schema() as url:
        event.listen(Engine, "before_cursor_execute", hear)
        upgrade(url)
        event.remove(Engine, "before_cursor_execute", hear)
    return ";\n".join(said)


@pytest.fixture
def url(request: pytest.FixtureRequest, empty_url: str) -> str:
    """The URL of a migrated database."""
    if empty_url.startswith("sqlite"):
        return migrated(Path(empty_url.removeprefix("sqlite:///")))
    engine = database.connect(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(request.getfixturevalue("postgres_tables"))
    engine.dispose()
    return empty_url


@pytest.fixture
def records(url: str, clock: Clock) -> Iterator[Records]:
    """Records with notifications, and with redaction by patterns."""
    opened = Records(url, notify=True, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def escalate(records: Records) -> Callable[..., str]:
    """Open an escalation, naming only what matters to the test."""

    def open_one(key: str = "message", **given: str | None) -> str:
        values: dict[str, str | None] = {
            "outcome": "dosing",
            "channel": "website",
            "conversation": "c0ffee",
            "text": "how much is safe",
        }
        return records.open_escalation(message_key=key, **(values | given))  # type: ignore[arg-type]

    return open_one


Execute = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def sql(empty_url: str) -> Iterator[Execute]:
    """Run a statement on the test's database, beside the records."""
    engine = database.connect(empty_url)

    def execute(statement: str, **values: object) -> list[tuple[object, ...]]:
        with engine.begin() as connection:
            return _rows(connection, statement, values)

    yield execute
    engine.dispose()


def _rows(
    connection: Connection, statement: str, values: dict[str, object]
) -> list[tuple[object, ...]]:
    result = connection.execute(text(statement), values)
    return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture
def rasa_events(sql: Execute, clock: Clock) -> Callable[..., None]:
    """A way to fill the table of conversations."""

    def add(sender: str, data: str = "{}", **ago: float) -> None:
        moment = (clock.now - timedelta(**ago)).timestamp()
        sql(
            "INSERT INTO events (sender_id, type_name, timestamp, data) "
            "VALUES (:sender, 'user', :moment, :data)",
            sender=sender,
            moment=moment,
            data=data,
        )

    return add


class Receiver:
    """A real HTTP server that keeps the notifications it is sent, and can be taken down."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[dict[str, str]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 200:
                    receiver.received.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self._serve()

    @property
    def target(self) -> str:
        return f"json://127.0.0.1:{self.port}/notify"

    def down(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def up(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.down()


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.down()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the spool lies, once something is in it."""
    return tmp_path / "var" / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder)
