"""Whether the tables are up to date, asked without Alembic, which is slow to import."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from . import database
from .errors import NewerTables, Unreachable
from .store import translated

# Other software may share the database, with migrations of its own.
VERSION_TABLE = "records_version"
# What PostgreSQL says when the URL is wrong, rather than the server down.
_MISTAKES = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password")
_VERSIONS = Path(__file__).with_name("migrations") / "versions"


def is_current(url: str) -> bool:
    """Tell whether the database is at the newest revision; False too when it has no tables.

    Revisions are named by number, and so are their files (`0001_initial.py`).

    Raises:
        InvalidUrl: see `database.connect`.
        Unreachable: there is no way to the database at the moment.
        NewerTables: they are of a newer version of this software.
        StorageError: the database refuses the request.
    """
    newest = max(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))
    engine = database.connect(url)
    try:
        with translated(), _connected(engine) as connection:
            if not engine.dialect.has_table(connection, VERSION_TABLE):
                return False
            query = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            found = str(connection.execute(query).scalar() or "")
        if found > newest:
            raise NewerTables(
                f"the tables are at revision {found}, this software knows {newest} at most: "
                "start the newer version again, or restore an older database."
            )
        return found == newest
    finally:
        engine.dispose()


def _connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as failure:
        said = str(failure.orig).strip()
        # A file or a password does not mend itself, a server that is down does.
        if engine.dialect.name == "sqlite" or any(word in said for word in _MISTAKES):
            raise
        first = said.splitlines()[0] if said else type(failure.orig).__name__
        raise Unreachable(f"the database does not answer: {first}") from None
