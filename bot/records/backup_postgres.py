"""Back-ups of PostgreSQL, by its own tools: `pg_dump`, `pg_restore` and `psql`."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from sqlalchemy import inspect
from sqlalchemy.engine import URL, Engine

from .errors import BackupError, StorageError
from .restored import KEPT
from .revision import VERSION_TABLE
from .tables import metadata

MAGIC = b"PGDMP"
_TABLES = (*sorted(metadata.tables), VERSION_TABLE)
_OWN = ("--no-owner", "--no-privileges")


def save(_url: str, engine: Engine, file: Path) -> None:
    """Write the database's tables of ours into a file, as they are at one moment.

    Raises:
        StorageError: `pg_dump` is not there, or failed.
    """
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    tables = [f"--table={name}" for name in _TABLES if name in there]
    _run(engine, "pg_dump", "--format=custom", *_OWN, f"--file={file}", *tables)


def revision(file: Path) -> str:
    """Return the revision of the tables in a back-up.

    Raises:
        BackupError: it is damaged, or of another database.
        StorageError: `pg_restore` is not there.
    """
    # All of it is read, so that a file which was cut off is found before anything is touched.
    for options in (["--file=/dev/null"], ["--data-only", f"--table={VERSION_TABLE}", "--file=-"]):
        read = subprocess.run(
            [_tool("pg_restore"), *options, str(file)], capture_output=True, check=False
        )
        if read.returncode:
            raise BackupError(f"{file} is damaged")
    lines = read.stdout.decode("utf-8", "replace").splitlines()
    copied = [number for number, line in enumerate(lines) if line.startswith("COPY ")]
    if not copied:
        raise BackupError(f"{file} is no back-up of the bot")
    return lines[copied[0] + 1]


def load(url: str, engine: Engine, file: Path, settle: Callable[[str], None]) -> None:
    """Replace our tables by those of a back-up, in one transaction, then make them as they should
    be.

    Raises:
        StorageError: PostgreSQL refused it, or a tool is not there; nothing was changed. If only
            what comes after failed, the receipts are kept for the next try.
    """
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    engine.dispose()
    _replace(engine, file, _before(there))
    settle(url)


def _before(there: set[str]) -> str:
    """Return the statements that make room: receipts aside, then our tables away."""
    statements = ["BEGIN"]
    for table, kept in KEPT.items():
        if table in there:
            # One that is there already is of a restore that broke off: it knows better.
            statements += [
                f"CREATE TABLE IF NOT EXISTS {kept} AS TABLE {table} WITH NO DATA",
                f"INSERT INTO {kept} SELECT * FROM {table} "  # noqa: S608
                f"WHERE reference NOT IN (SELECT reference FROM {kept})",
            ]
    statements += [f"DROP TABLE IF EXISTS {name} CASCADE" for name in _TABLES]
    return ";\n".join(statements) + ";\n"


def _replace(engine: Engine, file: Path, before: str) -> None:
    """Let psql run what pg_restore writes, between our own statements."""
    dump = [_tool("pg_restore"), *_OWN, "--file=-", str(file)]
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--file=-"]
    command = [_tool("psql"), *options, f"--dbname={_address(engine)}"]
    with tempfile.TemporaryFile() as errors:
        session = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=_environment(engine),
        )
        whole = _tell(session, before, dump)
        failed = session.wait() or not whole
        errors.seek(0)
        said = errors.read()
    if failed:
        raise StorageError(f"the back-up could not be restored: {_reason(said)}")


def _tell(session: "subprocess.Popen[bytes]", before: str, dump: list[str]) -> bool:
    """Hand psql all that it is to run; return whether that was all of it."""
    whole = False
    with suppress(BrokenPipeError), cast(IO[bytes], session.stdin) as pipe:
        pipe.write(before.encode())
        pipe.flush()
        read = subprocess.run(dump, stdout=pipe, stderr=subprocess.DEVNULL, check=False)
        # Without this last word the connection ends, and PostgreSQL takes all of it back.
        if read.returncode == 0:
            pipe.write(b"COMMIT;\n")
            whole = True
    return whole


def _run(engine: Engine, name: str, *options: str) -> None:
    command = [_tool(name), "--no-password", *options, f"--dbname={_address(engine)}"]
    done = subprocess.run(command, env=_environment(engine), capture_output=True, check=False)
    if done.returncode:
        raise StorageError(f"{name} failed: {_reason(done.stderr)}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StorageError(f"{name} is not installed: it is in Debian's package postgresql-client")
    return found


def _address(engine: Engine) -> str:
    # Without the password, which other users of the machine could read in the list of processes.
    url = engine.url
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return str(bare.render_as_string(hide_password=False))


def _environment(engine: Engine) -> dict[str, str]:
    password = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    return {**os.environ, **password}


def _reason(said: bytes) -> str:
    """Return the first line that names an error; the lines after it may quote what is stored."""
    lines = said.decode("utf-8", "replace").splitlines()
    named = [line for line in lines if "error:" in line.lower()]
    return (named or lines or ["no reason was given"])[0]
