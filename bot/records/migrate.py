"""The schema's versions: Alembic, driven from Python, so that no alembic.ini is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import Connection

from . import database
from .errors import StorageError
from .revision import VERSION_TABLE
from .store import translated

_LOCK = 0x5EC02D5
_SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision, by default the newest; harmless when they are there,
    and when several processes do it at once: they take turns.

    Raises:
        InvalidUrl: see `database.connect`.
        StorageError: the database failed; nothing was changed.
    """
    with _turn(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the tables back to a revision; `base` removes them, with all they hold.

    Raises:
        InvalidUrl, StorageError: as for `upgrade`.
    """
    with _turn(url) as config:
        command.downgrade(config, revision)


def current(url: str) -> str | None:
    """Return the revision of the tables, None when there are none.

    Raises:
        InvalidUrl, StorageError: as for `upgrade`.
    """
    engine = database.connect(url)
    reading = engine.execution_options(**{database.READ_ONLY: True})
    try:
        with translated(), reading.connect() as connection:
            options = {"version_table": VERSION_TABLE}
            context = MigrationContext.configure(connection, opts=options)
            revision: str | None = context.get_current_revision()
            return revision
    finally:
        engine.dispose()


def head() -> str:
    """Return the newest revision there is."""
    return cast(str, ScriptDirectory.from_config(_config()).get_current_head())


def revisions() -> frozenset[str]:
    """Return every revision that this software knows."""
    return frozenset(s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions())


def draft(url: str, message: str) -> None:
    """Write a new migration file from the difference between models and database."""
    with _turn(url) as config:
        command.revision(config, message, autogenerate=True)


@contextmanager
def _turn(url: str) -> Iterator[Config]:
    engine = database.connect(url)
    try:
        # On SQLite this transaction holds the write lock from its first moment.
        with translated(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                _wait_for_lock(connection)
            config = _config()
            config.attributes["connection"] = connection
            yield config
    except CommandError as failure:
        raise StorageError(f"the tables cannot be migrated: {failure}") from None
    finally:
        engine.dispose()


def _wait_for_lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _config() -> Config:
    config = Config()
    # Alembic reads options with interpolation, so a per cent sign in a path is doubled.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
