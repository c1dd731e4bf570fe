"""What a restore refuses, or breaks off, with nothing lost."""

import sqlite3
import subprocess
from pathlib import Path

import pytest

from bot.records import migrate
from bot.records.backup import BackupError, StorageError, backup
from bot.records.errors import InvalidValue

from ..conftest import Clock
from .conftest import NEVER, ONCE, House, clear


def _wrong(kind: str, house: House, file: Path) -> None:
    if kind == "text":
        file.write_text("no back-up", encoding="utf-8")
    elif kind == "cut off":
        backup(house.url, whole := file.with_name("whole"))
        content = whole.read_bytes()
        file.write_bytes(content[: len(content) * 2 // 3])
    elif kind == "newer":
        house.sql("UPDATE records_version SET version_num = '9999'")
        backup(house.url, file)
        house.sql("UPDATE records_version SET version_num = :head", head=migrate.head())
    elif kind == "of something else":
        if house.url.startswith("sqlite"):
            with sqlite3.connect(file) as other:
                other.execute("CREATE TABLE cooking (recipe TEXT)")
        else:
            house.sql("CREATE TABLE cooking (recipe TEXT)")
            _dump(house.url, file, "cooking")
            house.sql("DROP TABLE cooking")
    elif kind == "of the other kind":
        magic = b"PGDMP" if house.url.startswith("sqlite") else b"SQLite format 3\0"
        file.write_bytes(magic + b"\0" * 100)


def _dump(url: str, file: Path, table: str) -> None:
    command = ["pg_dump", "--format=custom", f"--file={file}", f"--table={table}", url]
    subprocess.run(command, check=True)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "cannot be read"),
        ("text", "is no back-up"),
        ("cut off", "is damaged"),
        ("newer", r"newer version of this software \(revision 9999\)"),
        ("of something else", "is no back-up of the bot"),
        ("of the other kind", "another kind of database"),
    ],
)
def test_a_wrong_file_changes_nothing(house: House, file: Path, kind: str, says: str) -> None:
    for number in range(30):
        house.talk(f"ann-{number}")
    _wrong(kind, house, file)
    before = house.said()
    with pytest.raises(BackupError, match=says):
        house.restore(file)
    assert house.said() == before != NEVER
    assert migrate.current(house.url) == migrate.head()


def test_a_database_that_is_not_empty_is_kept(house: House, file: Path) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.talk("bob")
    with pytest.raises(BackupError, match="--replace"):
        house.restore(file, replace=False)
    assert house.said() == dict.fromkeys(ONCE, 2)


@pytest.mark.parametrize(
    ("secret", "says"), [(None, "set SECRET_KEY"), (b"another", "is not the one")]
)
def test_without_the_key_nobody_comes_back(
    house: House, file: Path, clock: Clock, secret: bytes | None, says: str
) -> None:
    house.talk("ann")
    house.talk("bob")
    backup(house.url, file)
    clock.forward(hours=1)
    house.forget("ann")
    with pytest.raises(BackupError, match=says):
        house.restore(file, secret=secret)
    assert house.said() == ONCE
    assert house.sql("SELECT DISTINCT sender_id FROM events") == [("bob",)]
    # Nor where there is only what the back-up itself knows.
    clock.forward(hours=1)
    backup(house.url, second := file.with_name("second"))
    clear(house)
    with pytest.raises(BackupError, match=says):
        house.restore(second, secret=secret)
    house.restore(second)
    assert house.said() == ONCE
    assert len(house.records.erasures()) == 1


def test_retention_is_asked_for_before_anything(house: House, file: Path) -> None:
    backup(house.url, file)
    with pytest.raises(InvalidValue, match="between 1 and"):
        house.restore(file, keep_days=0)


def test_a_restore_that_breaks_off_changes_nothing(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.talk("bob")
    if house.url.startswith("sqlite"):

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk full")

        monkeypatch.setattr("bot.records.backup_sqlite._take", fail)
    else:
        # Tables that were not made room for are in the way: psql stops in the middle.
        monkeypatch.setattr(
            "bot.records.backup_postgres._TABLES", ("events", "records_version", "deliveries")
        )
    with pytest.raises(StorageError):
        house.restore(file)
    assert house.said() == dict.fromkeys(ONCE, 2)


def test_it_gives_up_while_erasures_go_on(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes the receipts in the transaction that replaces")
    backup(house.url, file)
    monkeypatch.setattr("bot.records.backup_sqlite._swap", lambda *_: False)
    with pytest.raises(StorageError, match="stop the bot"):
        house.restore(file)
