"""What is left in SQLite's files of rows that were deleted, byte by byte."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.records import Outbox, Records, StorageError, Worker, database, upgrade

WORDS = b"zanzibar"


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Records]:
    upgrade(sqlite_url)
    records = Records(sqlite_url)
    yield records
    records.close()


@pytest.fixture
def file(opened: Records, tmp_path: Path) -> Path:
    return tmp_path / "var" / "records.db"


def hits(file: Path) -> int:
    """How often the words stand in the database, its log and whatever lies beside it."""
    return sum(other.read_bytes().count(WORDS) for other in file.parent.iterdir())


def fill_and_clear(connection: Any, seed: int) -> None:
    """Rows that grow, so that SQLite moves their neighbours, and whose words are then cleared: as
    escalations that are taken, and then forgotten."""
    chance = random.Random(seed)
    rows = range(1, 301)
    table = f"said_{seed}"
    connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, words TEXT, taken_by TEXT)")
    steps = (
        (f"INSERT INTO {table} (words, id) VALUES (?, ?)", "zanzibar ", (1, 3, 10, 40), rows),
        (f"UPDATE {table} SET taken_by = ? WHERE id = ?", "Ana ", (1, 40), chance.sample(rows, 99)),
    )
    for statement, words, times, which in steps:
        connection.execute("BEGIN IMMEDIATE")
        given = [(words * chance.choice(times), number) for number in which]
        connection.executemany(statement, given)
        connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    cleared = [(number,) for number in chance.sample(rows, 300)]
    connection.executemany(f"UPDATE {table} SET words = NULL WHERE id = ?", cleared)
    connection.execute("COMMIT")


def test_nothing_of_deleted_rows_is_left(opened: Records, file: Path) -> None:
    with closing(opened._engine.raw_connection()) as connection:
        for seed in range(12):
            fill_and_clear(connection, seed)
    database.scrub(opened._engine)
    assert hits(file), "clearing alone leaves copies: if that changes, compaction is not needed"

    assert opened.compact()
    assert hits(file) == 0


def test_a_reader_of_an_older_state_delays_it(opened: Records, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("PRAGMA busy_timeout = 0")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM escalations").fetchall()
        with closing(opened._engine.raw_connection()) as mine:
            mine.execute("PRAGMA busy_timeout = 100")
        assert not opened.compact()
    assert opened.compact()


def test_a_long_writer_makes_it_fail_in_plain_words(opened: Records, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with closing(opened._engine.raw_connection()) as mine:
            mine.execute("PRAGMA busy_timeout = 100")
        with pytest.raises(StorageError, match="could not be compacted: database is locked"):
            opened.compact()


@pytest.fixture
def compacted(opened: Records, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How each compaction ended."""
    done: list[bool] = []
    really: Callable[[], bool] = opened.compact

    def compact() -> bool:
        done.append(really())
        return done[-1]

    monkeypatch.setattr(opened, "compact", compact)
    return done


def test_the_worker_compacts_after_each_erasure_and_not_otherwise(
    opened: Records, compacted: list[bool]
) -> None:
    worker = Worker(opened, Outbox(opened, []), 30)
    worker.round()
    assert compacted == []

    for number in (1, 2):
        opened.begin_erasure(conversation="c1", sender="sender-1")
        worker.round()
        assert len(compacted) == number - 1, "the conversation is not deleted yet"
        opened.finish_erasure("sender-1")
        worker.round()
        worker.round()
        assert compacted == [True] * number


def test_the_worker_tries_again_after_a_reader(
    opened: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = iter((False, True))
    monkeypatch.setattr(opened, "compact", lambda: next(ends))
    worker = Worker(opened, Outbox(opened, []), 30)
    opened.begin_erasure(conversation="c1", sender="sender-1")
    opened.finish_erasure("sender-1")

    for _ in range(3):
        assert worker.round()
    assert next(ends, None) is None


def test_the_worker_compacts_after_retention(opened: Records, compacted: list[bool]) -> None:
    sent = {"outcome": "dosing", "channel": "rest", "conversation": "c1", "message_key": "m"}
    opened.open_escalation(text="words", **sent)
    opened._clock = _in_a_year(opened._clock)

    Worker(opened, Outbox(opened, []), 30).round()

    assert compacted == [True]


def _in_a_year(clock: Callable[..., object]) -> Callable[..., object]:
    from datetime import timedelta

    return lambda: clock() + timedelta(days=365)  # type: ignore[operator]
