"""Migrated databases of the tests' own, without migrating each: a copy takes a hundredth of it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

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


@cache
def _migrated() -> bytes:
    """A database that was migrated as every other is, once in this process."""
    folder = Path(tempfile.mkdtemp())
    try:
        upgrade(f"sqlite:///{folder / 'migrated.sqlite3'}")
        return (folder / "migrated.sqlite3").read_bytes()
    finally:
        shutil.rmtree(folder)
