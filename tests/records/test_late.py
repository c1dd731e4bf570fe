"""Escalations that the database does not take in time: never lost, never twice."""

from __future__ import annotations

import json
import stat
import threading
import time
from pathlib import Path

import pytest

from bot.records import Draft, LateEscalations, Records, StorageError
from tests.databases import migrated

TEXT = "I want to die. Write to ann@example.org"


class Moody(Records):
    """Records whose database is down as long as they are told so."""

    down = False
    tries = 0

    def keep_escalation(self, draft: Draft) -> str:
        self.tries += 1
        if self.down:
            raise StorageError("down")
        return super().keep_escalation(draft)


@pytest.fixture
def book(tmp_path: Path) -> Moody:
    return Moody(migrated(tmp_path / "book.sqlite3"), notify=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "unrecorded"


@pytest.fixture
def late(book: Moody, folder: Path) -> LateEscalations:
    return LateEscalations(book, folder, retry=0.01)


def draft(book: Records, key: str = "ann:1") -> Draft:
    return book.draft_escalation("crisis", "rest", "c0ffee", key, TEXT)


def until(check: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_the_database_takes_leaves_no_file(
    late: LateEscalations, book: Moody, folder: Path
) -> None:
    reference = late.begin(draft(book)).result(60)
    late.defer(draft(book))

    assert [row.reference for row in book.escalations()] == [reference]
    assert not folder.exists()


def test_a_message_is_recorded_once_however_often_it_is_told(
    late: LateEscalations, book: Moody
) -> None:
    book.down = True
    first, again = late.begin(draft(book)), late.begin(draft(book))
    book.down = False

    assert first.result(60) == again.result(60) == late.begin(draft(book)).result(60)
    assert len(book.escalations()) == 1


def test_what_waits_is_stored_when_the_database_is_back(
    late: LateEscalations, book: Moody, folder: Path
) -> None:
    book.down = True
    given = draft(book)
    stored = late.begin(given)
    late.defer(given)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "ann@example.org" not in file.read_text(), "it is redacted like what is stored"
    assert "ann:1" not in file.read_text(), "nobody is named"

    book.down = False
    reference = stored.result(60)
    until(lambda: not list(folder.iterdir()))

    (row,) = book.escalations()
    assert (row.reference, row.outcome, row.created_at) == (reference, "crisis", given.created_at)
    assert book.notification(reference) is not None
    assert late.waiting == 0


def test_another_process_stores_what_a_killed_one_left(book: Moody, folder: Path) -> None:
    book.down = True
    killed = LateEscalations(book, folder, retry=3600)
    killed.begin(draft(book))
    killed.defer(draft(book))
    until(lambda: book.tries)

    other = Records(str(book._engine.url))
    LateEscalations(other, folder, retry=0.01)
    until(lambda: other.escalations())

    until(lambda: not list(folder.iterdir()))
    assert len(other.escalations()) == 1


def test_a_file_that_cannot_be_read_does_not_stop_the_others(book: Moody, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text("{")
    (folder / "strange.json").write_text(json.dumps({"outcome": "crisis"}))
    (folder / "half.part").write_text("{")

    late = LateEscalations(book, folder, retry=0.01)

    assert late.waiting == 0
    assert late.begin(draft(book)).result(60)


def test_without_a_place_for_files_it_is_kept_in_memory(
    book: Moody, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    late = LateEscalations(book, tmp_path / "file" / "unrecorded", retry=0.01)
    book.down = True
    stored = late.begin(draft(book))
    late.defer(draft(book))
    assert "kept in memory only" in caplog.text
    book.down = False

    assert stored.result(60) == book.escalations()[0].reference


def test_a_database_that_hangs_holds_nobody_up(book: Moody, folder: Path) -> None:
    thaw = threading.Event()

    class Hung(Moody):
        def keep_escalation(self, draft: Draft) -> str:
            assert thaw.wait(60)
            return super().keep_escalation(draft)

    hung = Hung(str(book._engine.url))
    late = LateEscalations(hung, folder, retry=0.01)
    stored = [late.begin(draft(book, f"ann:{number}")) for number in range(3)]
    for number in range(3):
        late.defer(draft(book, f"ann:{number}"))
    assert len(list(folder.iterdir())) == 3
    assert not any(one.done() for one in stored)

    thaw.set()
    assert len({one.result(60) for one in stored}) == 3
