"""Migrated databases of the tests' own, without migrating each: a copy takes a hundredth of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest

from benchmarks.faults.engines import EngineError, Postgres
from bot.records import upgrade


def migrated(file: Path) -> str:
    """Make an SQLite database with all tables at this path; return its URL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


def newer(file: Path, env: pytest.MonkeyPatch) -> None:
    """Make a database of a version that is not there yet, and name it in the environment."""
    url = migrated(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE records_version SET version_num = '9999'")
    env.setenv("DATABASE_URL", url)


@contextmanager
def own_postgres(folder: Path, env: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A PostgreSQL of a test's own, which it may kill; migrated, and named in the environment.

    The bot's folder is `var`, PostgreSQL's `postgres`. Skips the test where there is none.
    """
    place = folder / "postgres"
    place.mkdir()
    for parent in (folder, *folder.parents):
        # PostgreSQL runs as a user of its own, who must get to its folder.
        if (mode := parent.stat().st_mode) & 0o055 != 0o055:
            parent.chmod(mode | 0o055)
    try:
        engine = Postgres(place)
    except EngineError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    engine.start()
    try:
        upgrade(engine.url)
        env.setenv("DATA_DIR", str(folder / "var"))
        env.setenv("DATABASE_URL", engine.url)
        yield engine
    finally:
        engine.kill()


@cache
def _migrated() -> bytes:
    """A database that was migrated as every other is, once in this process."""
    folder = Path(tempfile.mkdtemp())
    try:
        upgrade(f"sqlite:///{folder / 'migrated.sqlite3'}")
        return (folder / "migrated.sqlite3").read_bytes()
    finally:
        shutil.rmtree(folder)
