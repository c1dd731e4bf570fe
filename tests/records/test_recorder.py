"""The recorder: what the database does not take in time is never lost, and never twice."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.records import Draft, EventRow, Recorder, Records, Spool, StorageError
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
def book(tmp_path: Path, spool: Spool) -> Moody:
    return Moody(migrated(tmp_path / "book.sqlite3"), notify=True, spool=spool)


@pytest.fixture
def late(book: Moody, spool: Spool) -> Recorder:
    return Recorder(book, spool, retry=0.01)


def draft(book: Records, key: str = "ann:1") -> Draft:
    return book.draft_escalation("crisis", "rest", "c0ffee", key, TEXT)


def until(check: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_the_database_takes_leaves_no_file(late: Recorder, book: Moody, folder: Path) -> None:
    reference = late.begin(draft(book)).result(60)
    late.defer(draft(book))

    assert [row.reference for row in book.escalations()] == [reference]
    assert not folder.exists()


def test_a_message_is_recorded_once_however_often_it_is_told(late: Recorder, book: Moody) -> None:
    book.down = True
    first, again = late.begin(draft(book)), late.begin(draft(book))
    late.defer(draft(book))
    book.down = False

    assert first.result(60) == again.result(60) == late.begin(draft(book)).result(60)
    assert len(book.escalations()) == 1


def test_what_waits_is_stored_when_the_database_is_back(
    late: Recorder, book: Moody, folder: Path
) -> None:
    book.down = True
    given = draft(book)
    stored = late.begin(given)
    late.defer(given)
    (file,) = kept(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "ann@example.org" not in file.read_text(), "it is redacted like what is stored"
    assert "ann:1" not in file.read_text(), "nobody is named"

    book.down = False
    reference = stored.result(60)
    until(lambda: not kept(folder))

    (row,) = book.escalations()
    assert (row.reference, row.outcome, row.created_at) == (reference, "crisis", given.created_at)
    assert book.notification(reference) is not None
    assert late.waiting == 0


def test_another_process_stores_what_a_killed_one_left(
    book: Moody, spool: Spool, folder: Path
) -> None:
    book.down = True
    killed = Recorder(book, spool, retry=3600)
    killed.begin(draft(book))
    killed.defer(draft(book))
    until(lambda: book.tries)

    other = Records(str(book._engine.url), spool=Spool(folder))
    Recorder(other, Spool(folder), retry=0.01)
    until(lambda: other.escalations())

    until(lambda: not kept(folder))
    assert len(other.escalations()) == 1


def test_events_that_are_kept_later_are_stored_too(
    late: Recorder, book: Moody, spool: Spool, folder: Path
) -> None:
    spool.keep_events("ann", [EventRow("user", 1.0, None, None, "1")])
    until(lambda: book.all_events("ann") == ["1"])
    until(lambda: not kept(folder))
    spool.keep_events("ann", [EventRow("user", 2.0, None, None, "2")])
    until(lambda: book.all_events("ann") == ["1", "2"])


def test_files_that_cannot_be_read_do_not_stop_the_others(
    book: Moody, spool: Spool, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inside = folder / "escalations"
    inside.mkdir(parents=True)
    (inside / "broken.json").write_text(f'{{"excerpt": "{TEXT}')
    (inside / "strange.json").write_text('{"outcome": "crisis"}')
    (inside / "half.draft").write_text("{")

    late = Recorder(book, spool, retry=0.01)

    assert late.begin(draft(book)).result(60)
    until(lambda: len(list(inside.glob("*.damaged"))) == 2)
    assert "is damaged and was set aside: broken" in caplog.text
    assert TEXT not in caplog.text


def test_without_a_place_for_files_it_is_kept_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "spool")
    book = Moody(migrated(tmp_path / "book.sqlite3"), spool=spool)
    late = Recorder(book, spool, retry=0.01)
    book.down = True
    stored = late.begin(draft(book))
    late.defer(draft(book))
    assert "kept in memory only" in caplog.text
    assert spool.waiting().escalations == 1
    book.down = False

    assert stored.result(60) == book.escalations()[0].reference
    until(lambda: not spool.waiting())


def test_a_database_that_hangs_holds_nobody_up(book: Moody, spool: Spool, folder: Path) -> None:
    thaw = threading.Event()

    class Hung(Moody):
        def keep_escalation(self, draft: Draft) -> str:
            assert thaw.wait(60)
            return super().keep_escalation(draft)

    hung = Hung(str(book._engine.url), spool=spool)
    late = Recorder(hung, spool, retry=0.01)
    stored = [late.begin(draft(book, f"ann:{number}")) for number in range(3)]
    for number in range(3):
        late.defer(draft(book, f"ann:{number}"))
    assert len(kept(folder)) == 3
    assert not any(one.done() for one in stored)

    thaw.set()
    assert len({one.result(60) for one in stored}) == 3


def test_what_was_cleared_while_it_waited_is_stored_without_its_text(
    late: Recorder, book: Moody, spool: Spool
) -> None:
    book.down = True
    stored = late.begin(draft(book))
    late.defer(draft(book))
    spool.forget_excerpts("c0ffee")
    book.down = False

    assert book.escalation(stored.result(60)).excerpt is None
