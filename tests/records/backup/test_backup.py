"""Back-ups of real databases: whole, private, of one moment."""

import shutil
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from bot.records import Records, upgrade
from bot.records.backup import BackupError, StorageError, backup

from .conftest import WORDS, House


def test_the_file_is_the_owners_alone_and_one_file(house: House, file: Path) -> None:
    house.talk("ann")
    saved = backup(house.url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert saved.size == file.stat().st_size > 0
    assert [path.name for path in file.parent.iterdir() if path.name != "var"] == [file.name]


def test_what_was_deleted_before_is_in_no_byte_of_it(house: House, file: Path) -> None:
    for number in range(50):
        house.talk(f"ann-{number}")
    for number in range(50):
        house.forget(f"ann-{number}")
    house.talk("bob", "plinthgrabbler")
    backup(house.url, file)
    assert WORDS.encode() not in _plain(file)
    assert b"plinthgrabbler" in _plain(file)


def _plain(file: Path) -> bytes:
    """A back-up's bytes; PostgreSQL's are compressed."""
    content = file.read_bytes()
    if content.startswith(b"SQLite"):
        return content
    return subprocess.run(
        ["pg_restore", "--file=-", str(file)], capture_output=True, check=True
    ).stdout


def test_it_is_one_moment_while_others_write(house: House, file: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        records = Records(house.url, notify=True, clock=house.clock)
        number = 0
        while not stop.is_set():
            number += 1
            records.open_escalation(
                outcome="dosing",
                channel="rest",
                conversation="c",
                text="x",
                message_key=str(number),
            )
        records.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup(house.url, file.with_name(f"{number}.backup"))
    finally:
        stop.set()
        writer.join()
    written = house.sql("SELECT count(*) FROM escalations")[0][0]
    for number in range(3):
        house.restore(file.with_name(f"{number}.backup"), secret=None)
        found = house.sql("SELECT count(*), max(id) FROM escalations")[0]
        # A notification for each of them, and none without: no half of a transaction.
        assert house.sql("SELECT count(*) FROM notifications") == [(found[0],)]
        assert int(str(found[0])) <= int(str(written))


def test_a_backup_is_not_overwritten_and_nothing_is_no_backup(
    empty_url: str, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        backup(empty_url, file)
    upgrade(empty_url)
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="is there already"):
        backup(empty_url, file)
    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(BackupError, match="cannot be written"):
        backup(empty_url, tmp_path / "nowhere" / "file")


def test_a_tool_that_is_missing_is_named(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.url.startswith("sqlite"):
        pytest.skip("SQLite needs no tool")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(StorageError, match="postgresql-client"):
        backup(house.url, file)
    assert not file.exists()


def test_the_password_is_not_in_the_list_of_processes(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.url.startswith("sqlite"):
        pytest.skip("SQLite has no password")
    commands: list[list[str]] = []
    real = subprocess.run

    def run(command: list[str], **given: object) -> object:
        commands.append(command)
        assert given["env"]["PGPASSWORD"] == "hunter2"  # type: ignore[index]
        return real(command, **given)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    backup(house.url.replace("guide@", "guide:hunter2@"), file)
    assert commands
    assert "hunter2" not in str(commands)
