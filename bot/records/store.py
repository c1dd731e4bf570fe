"""What every part of the records room stands on: transactions, time, and text made safe."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import cast

from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult, Engine, Result
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import Table

from . import database, tables
from .errors import InvalidValue, StorageError
from .redaction import redact_patterns
from .references import utf8
from .spool import Spool

logger = logging.getLogger(__name__)

# References are random: a clash is unlikely, and two in a row hardly ever.
REFERENCE_TRIES = 5
_WAIT = sql("SELECT pg_advisory_xact_lock(:key)")


def utcnow() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(timezone.utc)


class Store:
    """One database: its engine, its transactions, and how text gets in."""

    def __init__(
        self,
        url: str,
        redact: Callable[[str], str] | None = None,
        notify: bool = False,
        *,
        spool: Spool | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        """Open the database; without `redact`, patterns alone are redacted, never nothing.

        With a spool, `replay` records what it keeps.

        Raises:
            InvalidUrl: see `database.connect`.
        """
        self._engine = database.connect(url)
        self._reading = self._engine.execution_options(**{database.READ_ONLY: True})
        self._redact = redact or redact_patterns
        self._notify = notify
        self._spool = spool
        self._clock = clock

    def attach(self, spool: Spool) -> None:
        """Know a spool from now on."""
        self._spool = spool

    def ping(self) -> None:
        """Prove that the database answers and has our tables.

        Raises:
            StorageError: it does not.
        """
        with self._read() as session:
            session.execute(tables.escalations.select().limit(1))

    @property
    def single_writer(self) -> bool:
        """Whether the database takes one writer at a time; the others wait, some for long."""
        return bool(self._engine.dialect.name == "sqlite")

    def close(self) -> None:
        """Close the connections; the object can be used again all the same."""
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with translated(), self._session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with translated(), self._session(self._reading) as session, session.begin():
            yield session

    def _alone(self, session: Session, name: str) -> None:
        """Let no other transaction be alone with the same name until this one ends."""
        # To connect is to begin, and SQLite has one writer at a time.
        session.connection()
        if not self.single_writer:
            key = int.from_bytes(hashlib.sha256(utf8(name)).digest()[:8], "big", signed=True)
            session.execute(_WAIT, {"key": key})

    def _session(self, engine: Engine) -> Session:
        return Session(engine, future=True, expire_on_commit=False)

    def _insert_unless_there(self, table: Table, values: dict[str, object]) -> Executable:
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(**values)
        return cast(Executable, statement.on_conflict_do_nothing())

    def _safe_text(self, text: str | None) -> str | None:
        """Return text redacted, on one line and short enough, or None if nothing is left."""
        if not text:
            return None
        try:
            redacted = self._redact(text)
        except Exception as failure:
            # An escalation must be recorded even so; only its excerpt is lost. No traceback:
            # an exception may quote the text.
            logger.warning("redaction failed (%s): text left out", type(failure).__name__)
            return None
        return _shortened(plain(redacted)) or None


def plain(text: str) -> str:
    """Return text on one line, without what a database refuses or a terminal obeys."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def required(value: str, what: str) -> str:
    """Return a name or the like, cleaned.

    Raises:
        InvalidValue: nothing is left of it.
    """
    cleaned = plain(value)
    if not cleaned:
        raise InvalidValue(f"{what} must not be empty")
    return cleaned


def affected(result: Result) -> int:
    """Return how many rows a statement changed."""
    return cast(CursorResult, result).rowcount


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLAlchemy's errors into ours, leaving out whatever could quote stored text.

    Raises:
        StorageError: in place of any error of SQLAlchemy or a driver.
    """
    try:
        yield
    except (SQLAlchemyError, ValueError) as failure:
        # Drivers raise ValueError for characters that their database cannot hold.
        raise StorageError(f"the records database failed: {_reason(failure)}") from None


def _reason(failure: Exception) -> str:
    # These two speak of connections, locks and missing tables; others may quote a row.
    if isinstance(failure, (OperationalError, ProgrammingError)):
        lines = str(failure.orig).strip().splitlines()
        if lines:
            return lines[0]
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    return type(cause).__name__


def _shortened(text: str) -> str:
    if len(text) <= tables.EXCERPT_LENGTH:
        return text
    return text[: tables.EXCERPT_LENGTH - 1].rstrip() + "…"
