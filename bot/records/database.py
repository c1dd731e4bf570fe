"""Opening the database: SQLite embedded by default, PostgreSQL by URL."""

import logging
import os
import sqlite3
import time
import weakref
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import Pool, QueuePool

from .errors import InvalidUrl, StorageError

logger = logging.getLogger(__name__)

BUSY_MS = 10_000
SCRUB_BUSY_MS = 500
CONNECT_SECONDS = 5
# A connection whose other end is gone without a word is given up after some twenty seconds.
_ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
READ_ONLY = "records_read_only"


def connect(url: str) -> Engine:
    """Return the engine for a database URL, with the settings that make it safe to share.

    Raises:
        InvalidUrl: it cannot be read, is a database other than SQLite and PostgreSQL, or is
            an SQLite database in memory, which two connections cannot share.
    """
    parsed = _parse(url)
    # Hidden parameters: SQLAlchemy's errors would otherwise quote what people wrote.
    shared: dict[str, Any] = {"future": True, "hide_parameters": True}
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(parsed, shared)
        else:
            arguments = {"connect_timeout": CONNECT_SECONDS, **_ALIVE}
            engine = create_engine(parsed, pool_pre_ping=True, connect_args=arguments, **shared)
    except (SQLAlchemyError, ImportError, OSError) as failure:
        raise InvalidUrl(f"the database cannot be opened ({type(failure).__name__})") from None
    _forget_in_children(engine)
    return engine


def scrub(engine: Engine) -> None:
    """Make deleted text leave SQLite's files at once: fold the write-ahead log in and empty it.

    Best effort: a busy reader only delays it to the next automatic checkpoint. PostgreSQL
    does the like by itself (autovacuum).
    """
    if engine.dialect.name != "sqlite":
        return
    # Below SQLAlchemy, which would begin a transaction: inside one this is not possible.
    with closing(engine.raw_connection()) as pooled:
        connection = cast(sqlite3.Connection, pooled)
        connection.execute(f"PRAGMA busy_timeout = {SCRUB_BUSY_MS}")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError as failure:
            logger.debug("the write-ahead log could not be emptied yet (%s)", failure)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def compact(engine: Engine) -> bool:
    """Rewrite SQLite's file from what is alive, so that deleted text is nowhere in it; return
    False if a reader was in the way, and it is to be tried again.

    `secure_delete` overwrites rows that are deleted, but not the copies that stay in the free part
    of a page after SQLite moved rows to another one. Writers wait meanwhile. PostgreSQL is left to
    its autovacuum.

    Raises:
        StorageError: SQLite could not do it: the disk is full, or somebody else writes for long.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as pooled:
        connection = cast(sqlite3.Connection, pooled)
        try:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as failure:
            raise StorageError(f"the database could not be compacted: {failure}") from None
        return not busy


def _parse(url: str) -> URL:
    # Several hosting services still hand out the old scheme, which SQLAlchemy dropped.
    if url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise InvalidUrl("the database URL cannot be read") from None
    if backend not in ("sqlite", "postgresql"):
        raise InvalidUrl(f"records are kept in SQLite or PostgreSQL, not in {backend}")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise InvalidUrl("an SQLite database in memory cannot be shared: name a file")
    return parsed


def _sqlite(url: URL, shared: dict[str, Any]) -> Engine:
    if not str(url.database).startswith("file:"):
        Path(str(url.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = {"check_same_thread": False, "timeout": BUSY_MS / 1000}
    engine: Engine = create_engine(url, poolclass=QueuePool, connect_args=arguments, **shared)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's driver would start transactions late and commit before DDL: we say BEGIN.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    # What somebody asked us to forget is overwritten, not only unlinked.
    connection.execute("PRAGMA secure_delete = ON")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    # The switch wants the file to itself and does not wait for it as other statements do.
    deadline = time.monotonic() + BUSY_MS / 1000
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin(connection: Connection) -> None:
    # A writer takes its turn at the start: upgrading later fails instead of waiting.
    read_only = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _forget_in_children(engine: Engine) -> None:
    # A forked server worker must neither talk over its parent's connections nor close them.
    known = weakref.ref(engine)
    kept_open: list[Pool] = []

    def forget() -> None:
        inherited = known()
        if inherited is not None:
            kept_open.append(inherited.pool)
            inherited.pool = inherited.pool.recreate()

    os.register_at_fork(after_in_child=forget)
