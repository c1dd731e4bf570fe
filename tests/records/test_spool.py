"""The spool: whole files, private, in order; what is forgotten or too old is gone from it."""

import os
import stat
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.records import Spool, Waiting, spool
from bot.records.spool import EventRow

NOW = datetime.now(timezone.utc)
OLD = datetime(2020, 1, 1, tzinfo=timezone.utc)
KEPT = {
    "reference": "E-222222",
    "created_at": NOW.isoformat(),
    "conversation": "c",
    "message_key": "k",
    "excerpt": "zebra",
}


def row(data: str) -> EventRow:
    return EventRow("user", 1.0, None, None, data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "spool"


@pytest.fixture
def kept(folder: Path) -> Spool:
    return Spool(folder)


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def data(spool: Spool, sender: str) -> list[str]:
    return [row.data for batch in spool.events(sender) for row in batch.rows]


def test_turns_are_kept_in_order_also_over_processes(kept: Spool, folder: Path) -> None:
    for number in range(12):
        (kept if number % 2 else Spool(folder)).keep_events("ann", [row(str(number))])
    kept.keep_events("bob", [row("x")])

    assert data(Spool(folder), "ann") == [str(number) for number in range(12)]
    assert set(kept.senders()) == {"ann", "bob"}
    assert len(kept.senders(1)) == 1
    assert kept.waiting() == Waiting(2, 0)


def test_only_the_owner_can_read_it(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("x")])
    kept.keep_escalation("d", KEPT)

    modes = {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if p.is_file()}
    assert modes == {0o600}
    folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    assert {stat.S_IMODE(p.stat().st_mode) for p in folders} == {0o700}
    assert not any("ann" in p.name for p in folder.rglob("*"))


def test_what_is_dropped_is_gone_and_what_came_since_is_not(kept: Spool) -> None:
    kept.keep_events("ann", [row("1")])
    seen = kept.events("ann")
    kept.keep_events("ann", [row("2")])

    kept.drop_events("ann", seen)
    assert data(kept, "ann") == ["2"]
    kept.drop_events("ann", kept.events("ann"))
    assert not kept.has_events("ann")
    assert kept.waiting() == Waiting(0, 0)


def test_a_message_is_one_escalation(kept: Spool, folder: Path) -> None:
    kept.keep_escalation("d", KEPT)
    again = Spool(folder).keep_escalation("d", KEPT | {"reference": "E-333333"})

    assert again["reference"] == "E-222222"
    assert kept.escalations() == ["d"]
    kept.drop_escalation("d")
    assert kept.escalation("d") is None


def test_forgetting(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("zebra")])
    kept.keep_escalation("d", KEPT)
    kept.keep_escalation("other", KEPT | {"conversation": "o", "excerpt": "lion"})

    kept.forget_events("ann")
    kept.forget_escalations("c")

    assert b"zebra" not in everything(folder)
    assert b"lion" in everything(folder)
    left = kept.escalation("d")
    assert left is not None
    assert left["reference"] == "E-222222"
    assert (left["excerpt"], left["conversation"], left["message_key"]) == (None, None, None)


def test_retention(kept: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.keep_events("ann", [row("lion")])
    monkeypatch.setattr(spool, "_now", OLD.timestamp)
    kept.keep_events("ann", [row("zebra")])
    kept.keep_events("bob", [row("zebra")])
    kept.keep_escalation("d", KEPT | {"created_at": OLD.isoformat()})
    monkeypatch.undo()

    kept.purge(NOW.replace(year=2021))

    assert b"zebra" not in everything(folder)
    assert data(kept, "ann") == ["lion"]
    assert not kept.has_events("bob")
    assert kept.escalation("d") is not None


def test_what_a_kill_left_half_written_is_not_read_and_goes(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("whole")])
    inside = next((folder / "events").iterdir())
    (inside / "x.draft").write_text('{"sender": "ann", "ro')
    assert data(kept, "ann") == ["whole"]
    long_ago = time.time() - 3600
    os.utime(inside / "x.draft", (long_ago, long_ago))

    kept.forget_escalations("whose ever")

    assert not (inside / "x.draft").exists()


def test_a_disk_that_fails_costs_nothing_while_the_process_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    held = Spool(tmp_path / "file" / "spool")
    monkeypatch.setattr(spool, "MOST_HELD", 3)

    held.keep_events("bob", [row("0")])
    for number in range(3):
        held.keep_events("ann", [row(str(number))])

    assert data(held, "ann") == ["0", "1", "2"]
    assert not held.has_events("bob"), "the oldest goes first"
    assert held.senders() == ["ann"]
    assert held.waiting().conversations == 1
    assert "in memory only" in caplog.text
    assert "is lost" in caplog.text
    held.drop_events("ann", held.events("ann")[:1])
    assert data(held, "ann") == ["1", "2"]
    held.purge(NOW.replace(year=NOW.year + 1))
    assert not held.has_events("ann")
    with pytest.raises(OSError, match="Not a directory"):
        held.keep_escalation("d", KEPT)
