"""Back-up and restore: the whole database in one file, and nothing back that was to be gone.

A back-up is in its engine's own format: an SQLite database, or what `pg_dump` writes. Restoring
one takes the receipts of erasures, and what is known of notifications, from the database that it
replaces; all that was erased since is erased again (`bot.records.restored`).
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from . import backup_postgres, backup_sqlite, database, migrate
from .erasures import retention_days
from .errors import BackupError, StorageError
from .restored import Keeping
from .revision import VERSION_TABLE
from .store import translated, utcnow


class _Kind(Protocol):
    """What each of the two engines can do."""

    MAGIC: bytes

    def save(self, url: str, engine: Engine, file: Path) -> None:
        """Write the database into an empty file."""

    def revision(self, file: Path) -> str:
        """Return the revision of the tables in a back-up, all of which was read."""

    def load(self, url: str, engine: Engine, file: Path, settle: Callable[[str], None]) -> None:
        """Replace the database by a back-up, for which `settle` is called with its URL."""


@dataclass(frozen=True)
class Saved:
    """A back-up that was made or restored: the revision of its tables, and its size in bytes."""

    revision: str
    size: int


def backup(url: str, file: Path) -> Saved:
    """Write the database into a new file that its owner alone may read, while others use it.

    Raises:
        BackupError: the file is there already or cannot be written, or there is nothing to save.
        InvalidUrl, StorageError: see `migrate.current`.
    """
    with _connected(url) as (engine, kind):
        revision = migrate.current(url)
        if revision is None:
            raise BackupError("there is nothing to back up: the database has no tables of the bot")
        with _new_file(file) as draft:
            kind.save(url, engine, draft)
    return Saved(revision, file.stat().st_size)


def restore(
    url: str,
    file: Path,
    *,
    secret: bytes | None,
    keep_days: int,
    replace: bool = False,
    clock: Callable[[], datetime] = utcnow,
) -> Saved:
    """Put a back-up in the place of the database, without what was erased or has expired since.

    Whatever fails before its last step leaves the database as it is.

    Args:
        url: the database; nobody else should use it meanwhile.
        file: of `backup`, from a database of the same kind.
        secret: the key of conversation references; needed if anything was erased.
        keep_days: days that texts are kept.
        replace: whether a database that is not empty may be replaced.
        clock: for the present moment.

    Raises:
        BackupError: the file is no back-up, damaged, of another kind, or newer than this software;
            or the database is not empty; or the secret is missing or not the one it was made with.
        InvalidUrl, InvalidValue, StorageError: as elsewhere.
    """
    retention_days(keep_days)
    keeping = Keeping(secret, keep_days, clock)
    with _connected(url) as (engine, kind):
        revision = _checked(file, kind)
        if _is_used(engine):
            if not replace:
                raise BackupError("the database is not empty: --replace puts the back-up there")
            # Its erasures must be readable, and are so by the newest revision.
            migrate.upgrade(url)
            keeping.check(url)
        kind.load(url, engine, file, keeping.settle)
    return Saved(revision, file.stat().st_size)


@contextmanager
def _connected(url: str) -> Iterator[tuple[Engine, _Kind]]:
    engine = database.connect(url)
    try:
        with translated():
            yield engine, _KINDS[engine.dialect.name]
    finally:
        engine.dispose()


_KINDS: dict[str, _Kind] = {"sqlite": backup_sqlite, "postgresql": backup_postgres}


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """Give a private file beside, which becomes the one that is asked for when it is whole."""
    try:
        if file.exists():
            raise BackupError(f"{file} is there already: it is not overwritten")
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            _sync(draft)
            # Unlike a renaming, this fails if somebody else has made the file meanwhile.
            os.link(draft, file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as failure:
        raise BackupError(f"{file} cannot be written: {failure.strerror}") from None


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _checked(file: Path, kind: _Kind) -> str:
    """Return a back-up's revision.

    Raises:
        BackupError: it cannot be restored here.
    """
    try:
        with file.open("rb") as opened:
            beginning = opened.read(16)
    except OSError as failure:
        raise BackupError(f"{file} cannot be read: {failure.strerror}") from None
    if not beginning.startswith(kind.MAGIC):
        others = [name for name, other in _KINDS.items() if beginning.startswith(other.MAGIC)]
        what = f"a back-up of another kind of database ({others[0]})" if others else "no back-up"
        raise BackupError(f"{file} is {what}")
    revision = kind.revision(file)
    if revision not in migrate.revisions():
        raise BackupError(
            f"{file} was made by a newer version of this software (revision {revision})"
        )
    return revision


def _is_used(engine: Engine) -> bool:
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    return bool(there & {VERSION_TABLE, "events"})


__all__ = ["BackupError", "Saved", "StorageError", "backup", "restore"]
