"""Opening databases: what is accepted, and the settings that make sharing one safe."""

import gc
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.records import InvalidUrl, Records, StorageError, database


def pragma(url: str, name: str) -> object:
    with database.connect(url).connect() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


def test_the_sqlite_folder_is_created_for_its_owner_only(tmp_path: Path) -> None:
    database.connect(f"sqlite:///{tmp_path}/a/b/records.db")
    assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 10_000), ("secure_delete", 1)],
)
def test_sqlite_is_set_up_on_every_connection(sqlite_url: str, name: str, value: object) -> None:
    assert pragma(sqlite_url, name) == value


def test_a_sqlite_file_uri_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "records.db").touch()
    uri = f"sqlite:///file:{tmp_path}/records.db?mode=rw&uri=true"
    assert pragma(uri, "journal_mode") == "wal"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "cannot be read"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://user:hunter2@host/db", "SQLite or PostgreSQL, not in mysql"),
        ("postgresql://user:hunter2@host:port/db", "cannot be read"),
        ("postgresql+nodriver://user:hunter2@host/db", "cannot be opened"),
        ("sqlite:////dev/null/records.db", "cannot be opened"),
    ],
)
def test_a_bad_url_is_refused_without_repeating_its_secret(url: str, says: str) -> None:
    with pytest.raises(InvalidUrl, match=says) as refused:
        database.connect(url)
    assert "hunter2" not in str(refused.value)


def test_postgresql_is_checked_before_use_and_its_old_scheme_understood() -> None:
    engine = database.connect("postgres://user@127.0.0.1:1/db")
    assert engine.dialect.name == "postgresql"
    assert engine.pool._pre_ping is True


def test_a_postgresql_that_is_down_is_a_storage_error() -> None:
    records = Records("postgresql://user:hunter2@127.0.0.1:1/db")
    with pytest.raises(StorageError, match=r"127\.0\.0\.1") as failed:
        records.ping()
    assert "hunter2" not in str(failed.value)


def test_writers_take_turns_instead_of_failing(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))

    def add() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                count = connection.execute(text("SELECT count(*) FROM t")).scalar()
                connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": count})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as connection:
        numbers = list(connection.execute(text("SELECT n FROM t ORDER BY n")).scalars())
    assert numbers == list(range(80))


def test_reading_does_not_wait_for_a_writer(url: str) -> None:
    records = Records(url)
    with database.connect(url).begin() as writing:
        writing.execute(text("UPDATE escalations SET outcome = outcome"))
        began = time.monotonic()
        assert records.escalations() == []
    assert time.monotonic() - began < 1


def test_the_switch_to_wal_waits_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Locked(times=2)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    database._use_wal(connection)  # type: ignore[arg-type]
    assert connection.mode == "wal"


def test_the_switch_to_wal_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MS", -1)
    with pytest.raises(sqlite3.OperationalError):
        database._use_wal(Locked(times=9))  # type: ignore[arg-type]


class Locked:
    """A connection to a file that is busy for a while."""

    def __init__(self, times: int) -> None:
        self.times, self.mode = times, "delete"

    def execute(self, statement: str) -> "Locked":
        if statement.endswith("WAL"):
            self.times -= 1
            if self.times >= 0:
                raise sqlite3.OperationalError("database is locked")
            self.mode = "wal"
        return self

    def fetchone(self) -> tuple[str]:
        return (self.mode,)


def test_scrubbing_empties_the_log(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    log = Path(str(engine.url.database) + "-wal")
    assert log.stat().st_size > 0
    database.scrub(engine)
    assert log.stat().st_size == 0


def test_scrubbing_a_busy_file_is_left_for_later(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Busy:
        busy: object = None

        def execute(self, statement: str) -> "Busy":
            if "checkpoint" in statement:
                raise sqlite3.OperationalError("database is locked")
            self.busy = statement
            return self

        def close(self) -> None:
            pass

    class Engine:
        dialect = database.connect(sqlite_url).dialect

        def raw_connection(self) -> Busy:
            return connection

    connection = Busy()
    caplog.set_level("DEBUG")
    database.scrub(Engine())  # type: ignore[arg-type]
    assert "could not be emptied yet" in caplog.text
    assert connection.busy == "PRAGMA busy_timeout = 10000"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_opens_connections_of_its_own(
    records: Records, escalate: Callable[..., str]
) -> None:
    reference = escalate()
    child = os.fork()
    if not child:
        try:
            records.take(reference, "child")
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert records.resolve(reference, "parent", "done").taken_by == "child"


@pytest.fixture
def fork_hooks(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    hooks: list[Callable[[], None]] = []
    monkeypatch.setattr(
        os, "register_at_fork", lambda *, after_in_child: hooks.append(after_in_child)
    )
    return hooks


def test_a_child_gets_a_new_pool(sqlite_url: str, fork_hooks: list[Callable[[], None]]) -> None:
    engine = database.connect(sqlite_url)
    inherited = engine.pool
    fork_hooks[0]()
    assert engine.pool is not inherited


def test_forking_after_the_engine_is_gone_is_harmless(
    sqlite_url: str, fork_hooks: list[Callable[[], None]]
) -> None:
    engine = weakref.ref(database.connect(sqlite_url))
    gc.collect()
    assert engine() is None
    fork_hooks[0]()
