"""Migrated databases of the tests' own, without migrating each: a copy takes a hundredth of it."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from bot.records import upgrade


def migrated(file: Path) -> str:
    """Make an SQLite database with all tables at this path; return its URL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    """A database that was migrated as every other is, once in this process."""
    folder = Path(tempfile.mkdtemp())
    try:
        upgrade(f"sqlite:///{folder / 'migrated.sqlite3'}")
        return (folder / "migrated.sqlite3").read_bytes()
    finally:
        shutil.rmtree(folder)
