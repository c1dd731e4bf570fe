"""Back-ups of SQLite, by its online back-up and, back again, in one transaction."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy.engine import Engine

from .errors import BackupError, StorageError
from .restored import KEPT
from .revision import VERSION_TABLE

MAGIC = b"SQLite format 3\0"
# How often the receipts of a database that is in use may change while its back-up is prepared.
_TRIES = 5
_TABLES = "SELECT name FROM {}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def save(_url: str, engine: Engine, file: Path) -> None:
    """Write the database into an empty file; others read and write it meanwhile.

    Raises:
        StorageError: SQLite could not do it, such as for want of space.
    """
    with _raw(engine) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        # One file without companions, and without what lies deleted in free pages.
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("VACUUM")


def revision(file: Path) -> str:
    """Return the revision of the tables in a back-up.

    Raises:
        BackupError: it is damaged, or an SQLite database of something else.
    """
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            sound = opened.execute("PRAGMA integrity_check").fetchone()
            found = opened.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608
    except sqlite3.OperationalError:
        raise BackupError(f"{file} is no back-up of the bot") from None
    except sqlite3.DatabaseError:
        raise BackupError(f"{file} is damaged") from None
    if sound != ("ok",):
        raise BackupError(f"{file} is damaged")
    if not found:
        raise BackupError(f"{file} is no back-up of the bot")
    return str(found[0])


def load(_url: str, engine: Engine, file: Path, settle: Callable[[str], None]) -> None:
    """Replace what the database holds by a back-up, once that is as it should be.

    Raises:
        StorageError: SQLite could not do it; nothing was changed.
    """
    with tempfile.TemporaryDirectory(dir=_folder(engine)) as folder:
        copy = Path(folder) / "restored.sqlite3"
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        for _ in range(_TRIES):
            seen = _keep(engine, copy)
            settle(f"sqlite:///{copy}")
            if _swap(engine, copy, seen):
                return
    raise StorageError("erasures go on meanwhile: stop the bot, then restore")


def _keep(engine: Engine, copy: Path) -> list[Any]:
    """Put what must outlive the restore beside the back-up's tables."""
    with _raw(engine) as live, _attached(live, copy):
        there = _names(live, "main")
        for table, kept in KEPT.items():
            live.execute(f"DROP TABLE IF EXISTS restored.{kept}")
            if table in there:
                live.execute(f"CREATE TABLE restored.{kept} AS SELECT * FROM main.{table}")  # noqa: S608
        return _receipts(live)


def _swap(engine: Engine, copy: Path, seen: list[Any]) -> bool:
    """Take over the copy's tables; False if there are receipts that were not seen before."""
    with _raw(engine) as live, _attached(live, copy):
        live.execute("PRAGMA foreign_keys = OFF")
        live.execute("BEGIN IMMEDIATE")
        try:
            if _receipts(live) != seen:
                return False
            for name in _names(live, "main"):
                live.execute(f'DROP TABLE main."{name}"')
            _take(live)
            live.execute("COMMIT")
        finally:
            if live.in_transaction:
                live.execute("ROLLBACK")
            live.execute("PRAGMA foreign_keys = ON")
    return True


def _take(live: sqlite3.Connection) -> None:
    schema = "SELECT sql FROM restored.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE {}"
    for (statement,) in live.execute(schema.format("'sqlite_%' AND type = 'table'")).fetchall():
        live.execute(statement)
    for name in _names(live, "main"):
        live.execute(f'INSERT INTO main."{name}" SELECT * FROM restored."{name}"')  # noqa: S608
    for (statement,) in live.execute(schema.format("'sqlite_%' AND type != 'table'")).fetchall():
        live.execute(statement)


def _receipts(live: sqlite3.Connection) -> list[Any]:
    if "erasures" not in _names(live, "main"):
        return []
    query = "SELECT reference, completed_at FROM main.erasures ORDER BY reference"
    return live.execute(query).fetchall()


def _names(live: sqlite3.Connection, schema: str) -> list[str]:
    return [name for (name,) in live.execute(_TABLES.format(schema)).fetchall()]


def _folder(engine: Engine) -> str | None:
    name = str(engine.url.database)
    return None if name.startswith("file:") else str(Path(name).resolve().parent)


@contextmanager
def _raw(engine: Engine) -> Iterator[sqlite3.Connection]:
    """A connection below SQLAlchemy, which would begin transactions by itself."""
    try:
        with closing(engine.raw_connection()) as pooled:
            yield cast(sqlite3.Connection, pooled)
    except sqlite3.Error as failure:
        raise StorageError(f"the database could not do it: {failure}") from None


@contextmanager
def _attached(live: sqlite3.Connection, copy: Path) -> Iterator[None]:
    live.execute("ATTACH ? AS restored", (str(copy),))
    try:
        yield
    finally:
        live.execute("DETACH restored")
