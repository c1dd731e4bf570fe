"""The spool: whole files, private, in order; what is forgotten is gone from it."""

import stat
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.records import Draft, EventRow, Spool, Waiting, Wish, spool, spool_at

NOW = datetime.now(timezone.utc)
KEPT = Draft(NOW, "dosing", "rest", "c", "d", "zebra")
WISH = Wish("ann", "c", "F-222222", NOW)


def row(data: str) -> EventRow:
    return EventRow("user", 1.0, None, None, data)


@pytest.fixture
def kept(folder: Path) -> Spool:
    return Spool(folder)


@pytest.fixture
def held(tmp_path: Path) -> Spool:
    """A spool without a disk."""
    (tmp_path / "file").touch()
    return Spool(tmp_path / "file" / "spool")


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
    assert kept.waiting() == Waiting(2, 0, 0)


def test_only_the_owner_can_read_it(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("x")])
    kept.keep_escalation(KEPT)
    kept.keep_wish(WISH)

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
    assert not kept.waiting()


def test_a_message_is_one_escalation(kept: Spool, folder: Path) -> None:
    kept.keep_escalation(KEPT)
    Spool(folder).keep_escalation(Draft(NOW, "crisis", "rest", "c", "d", "lion"))

    assert kept.escalations() == [KEPT] == [kept.escalation("d")]
    kept.drop_escalation("d")
    assert kept.escalation("d") is None


def test_every_wish_is_kept_under_its_reference(kept: Spool, folder: Path) -> None:
    other = Wish("ann", "c", "F-333333", NOW)
    for wish in (WISH, WISH, other):
        kept.keep_wish(wish)

    assert set(Spool(folder).wishes("ann")) == {WISH, other}
    assert kept.wishes("bob") == []
    assert kept.senders() == ["ann"]
    kept.drop_wish(WISH)
    assert kept.wishes() == [other]
    assert kept.waiting() == Waiting(0, 0, 1)


def test_forgetting(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("zebra")])
    kept.keep_escalation(KEPT)
    kept.keep_escalation(Draft(NOW, "dosing", "rest", "other", "e", "lion"))

    kept.forget_events("ann")
    kept.forget_excerpts("c")

    assert b"zebra" not in everything(folder)
    assert b"lion" in everything(folder)
    left = kept.escalation("d")
    assert left is not None
    assert (left.excerpt, left.conversation) == (None, "c")


def test_what_a_kill_left_half_written_is_not_read(kept: Spool, folder: Path) -> None:
    kept.keep_events("ann", [row("whole")])
    inside = next((folder / "events").iterdir())
    (inside / "x.draft").write_text('{"sender": "ann", "ro')
    assert data(kept, "ann") == ["whole"]

    kept.forget_events("ann")

    assert not inside.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"sender": "ann"}', '{"sender": "ann", "rows": 1}']
)
def test_a_damaged_file_is_set_aside_and_the_others_are_read(
    text: str, kept: Spool, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        kept.keep_events("ann", [row(str(number))])
    inside = next((folder / "events").iterdir())
    (inside / "00000002.json").write_text(text)

    assert data(kept, "ann") == ["0", "2"]
    assert "is damaged and was set aside: 00000002" in caplog.text
    kept.keep_events("ann", [row("3")])
    assert data(kept, "ann") == ["0", "2", "3"]
    kept.drop_events("ann", kept.events("ann"))
    assert not kept.waiting()
    kept.forget_events("ann")
    assert not inside.exists()


def test_a_disk_that_fails_costs_nothing_while_the_process_lives(
    held: Spool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    held.forget_events("ann")
    assert not held.has_events("ann")


def test_without_a_disk_wishes_and_escalations_are_held_too(held: Spool) -> None:
    held.keep_wish(WISH)
    held.keep_escalation(KEPT)
    assert held.waiting() == Waiting(0, 1, 1)
    assert held.wishes("ann") == [WISH]
    held.forget_excerpts("c")
    (left,) = held.escalations()
    assert left.excerpt is None
    held.drop_wish(WISH)
    held.drop_escalation("d")
    assert not held.waiting()


def test_whoever_listens_is_told(kept: Spool) -> None:
    told: list[int] = []
    kept.on_kept = lambda: told.append(1)
    kept.keep_events("ann", [row("1")])
    kept.keep_escalation(KEPT)
    kept.keep_wish(WISH)
    assert len(told) == 3


def test_a_process_has_one_spool_of_a_folder(folder: Path) -> None:
    assert spool_at(folder) is spool_at(folder)
