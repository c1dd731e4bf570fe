"""Whether the tables are up to date, asked without Alembic, which is slow to import."""

from pathlib import Path

from sqlalchemy import text

from . import database
from .store import translated

# Rasa's tables share the database, and may one day have migrations of their own.
VERSION_TABLE = "records_version"
_VERSIONS = Path(__file__).with_name("migrations") / "versions"


def is_current(url: str) -> bool:
    """Tell whether the database is at the newest revision; False too when it has no tables.

    Revisions are named by number, and so are their files (`0001_initial.py`).

    Raises:
        InvalidUrl: see `database.connect`.
        StorageError: the database does not answer.
    """
    newest = max(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))
    engine = database.connect(url)
    try:
        with translated(), engine.connect() as connection:
            if not engine.dialect.has_table(connection, VERSION_TABLE):
                return False
            query = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            return bool(connection.execute(query).scalar() == newest)
    finally:
        engine.dispose()
