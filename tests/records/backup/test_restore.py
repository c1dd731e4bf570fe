"""Restoring on real databases: all of it, but nothing back that was to be gone."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.records import Outbox, conversation_reference, migrate, upgrade
from bot.records.__main__ import main
from bot.records.backup import backup, restore

from ..conftest import Clock, Execute, Receiver
from .conftest import NEVER, ONCE, SECRET, WORDS, House, clear


def test_all_of_it_comes_back(house: House, file: Path, clock: Clock) -> None:
    reference = house.talk("ann")
    saved = backup(house.url, file)
    house.talk("bob", "later")
    house.restore(file)

    assert house.said() == ONCE
    assert [e.reference for e in house.records.escalations(None)] == [reference]
    assert house.sql("SELECT sender_id FROM events") == [("ann",)]
    assert saved.revision == migrate.head() == migrate.current(house.url)
    # All goes on as before: ids, indexes and constraints are there.
    house.talk("carl")
    assert house.said() == dict.fromkeys(ONCE, 2)
    house.forget("carl")
    assert house.said() == ONCE


def test_it_comes_back_where_nothing_was(house: House, file: Path) -> None:
    house.talk("ann")
    backup(house.url, file)
    clear(house)

    house.restore(file, replace=False)

    assert house.said() == ONCE
    assert migrate.current(house.url) == migrate.head()


def test_who_was_forgotten_since_stays_forgotten(house: House, file: Path, clock: Clock) -> None:
    house.talk("ann")
    other = house.talk("bob", "another said")
    backup(house.url, file)
    clock.forward(hours=1)
    receipt = house.forget("ann")
    clock.forward(hours=1)

    house.restore(file)

    assert house.said() == NEVER
    assert house.sql("SELECT DISTINCT sender_id FROM events") == [("bob",)]
    assert house.sql("SELECT sender FROM sessions") == [("bob",)]
    excerpts = {e.reference: e.excerpt for e in house.records.escalations(None)}
    assert excerpts.pop(other) == "another said"
    assert list(excerpts.values()) == [None]
    assert [r.reference for r in house.records.erasures()] == [receipt]
    if house.url.startswith("sqlite"):
        folder = Path(str(make_url(house.url).database)).parent
        assert not [p for p in folder.iterdir() if WORDS.encode() in p.read_bytes()]
    # And once more, from the receipts that the restored database has.
    house.restore(file)
    assert house.said() == NEVER


def test_who_came_again_after_it_keeps_what_was_said_then(
    house: House, file: Path, clock: Clock
) -> None:
    house.talk("ann", "before")
    clock.forward(hours=1)
    house.forget("ann")
    clock.forward(hours=1)
    house.talk("ann")
    backup(house.url, file)
    house.restore(file)
    assert house.said() == ONCE


def test_an_erasure_that_was_under_way_is_done_again(
    house: House, file: Path, clock: Clock
) -> None:
    house.talk("ann")
    backup(house.url, file)
    clock.forward(hours=1)
    known_as = conversation_reference("ann", SECRET)
    house.records.begin_erasure(conversation=known_as, sender="ann")
    house.restore(file)
    assert house.said() == NEVER
    assert [e.pending_sender for e in house.records.pending_erasures()] == ["ann"]


def test_what_has_expired_since_stays_expired(house: House, file: Path, clock: Clock) -> None:
    house.talk("ann")
    backup(house.url, file)
    clock.forward(days=31)
    house.restore(file, keep_days=30)
    assert house.said() == NEVER
    assert house.sql("SELECT count(*) FROM events") == [(0,)]


def test_a_receipt_forgets_by_what_when_no_backup_may_hold_it(house: House, clock: Clock) -> None:
    house.talk("ann")
    house.forget("ann")
    (receipt,) = house.records.erasures()
    assert receipt.tombstone
    assert conversation_reference("ann", SECRET) not in receipt.tombstone
    clock.forward(days=90)
    house.records.purge(90)
    assert house.records.erasures()[0].tombstone == receipt.tombstone
    clock.forward(seconds=1)
    house.records.purge(90)
    assert house.records.erasures()[0].tombstone is None


def test_a_notification_is_not_sent_again(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    reference = house.talk("ann")
    backup(house.url, file)
    outbox = Outbox(house.records, [receiver.target])
    outbox.deliver_due()
    late = house.talk("bob", "since then")
    assert len(receiver.received) == 1

    house.restore(file)

    clock.forward(days=1)
    outbox.deliver_due()
    assert len(receiver.received) == 1
    assert house.records.notification(reference).status == "sent"
    assert late not in [e.reference for e in house.records.escalations(None)]


def test_one_that_still_waits_is_sent_after_it(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.restore(file)
    Outbox(house.records, [receiver.target]).deliver_due()
    assert len(receiver.received) == 1


def test_without_the_database_of_before_people_are_told_and_nothing_is_sent(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    reference = house.talk("ann")
    backup(house.url, file)
    clear(house)
    house.restore(file)
    Outbox(house.records, [receiver.target]).deliver_due()
    assert receiver.received == []
    found = house.records.notification(reference)
    assert found.status == "failed"
    assert "may have been sent already" in str(found.last_error)


def test_replies_and_turns_under_way_are_not_taken_up(house: House, file: Path) -> None:
    house.talk("ann")
    now = house.clock.now.isoformat(" ")
    house.sql("UPDATE sessions SET turn = 't', turn_until = :now, address = '42'", now=now)
    house.sql("UPDATE entries SET answered = :no", no=False)
    house.sql(
        "INSERT INTO entries (sender, seq, created_at, author, message_id, body, answered, "
        "attempts) VALUES ('ann', 2, :now, 'bot', 'm', '{}', :yes, 0)",
        now=now,
        yes=True,
    )
    house.sql(
        "INSERT INTO deliveries (entry_id, sender, key, arrived, tapped, done, attempts, "
        "next_attempt_at, holder, held_until) SELECT id, sender, 'k', '[]', '[]', :no, 0, :now, "
        "'h', :now FROM entries WHERE author = 'bot'",
        now=now,
        no=False,
    )
    backup(house.url, file)
    house.restore(file)
    assert house.sql("SELECT turn, turn_until FROM sessions") == [(None, None)]
    assert house.sql("SELECT author FROM entries") == [("bot",)]
    assert [tuple(map(bool, row)) for row in house.sql("SELECT done FROM deliveries")] == [(True,)]


def test_an_older_backup_is_brought_up_to_date(
    empty_url: str, file: Path, tmp_path: Path, clock: Clock, sql: Execute
) -> None:
    upgrade(empty_url, "0003")
    backup(empty_url, file)
    upgrade(empty_url)
    restore(empty_url, file, secret=None, keep_days=90, replace=True, clock=clock)
    assert migrate.current(empty_url) == migrate.head()
    assert sql("SELECT tombstone FROM erasures") == []


def test_receipts_that_come_meanwhile_are_not_lost(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes the receipts in the transaction that replaces")
    house.talk("ann")
    backup(house.url, file)
    house.clock.forward(hours=1)
    from bot.records import backup_sqlite

    real, asked = backup_sqlite._swap, []

    def swap(*given: object) -> bool:
        if not asked:
            asked.append(house.forget("ann"))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(backup_sqlite, "_swap", swap)
    house.restore(file)
    assert house.said() == NEVER
    assert [r.reference for r in house.records.erasures()] == asked


def test_the_commands(
    house: House, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATABASE_URL": house.url, "DATA_DIR": str(tmp_path), "RETENTION_DAYS": "36500"}
    house.talk("ann")
    assert main(["backup", str(file)], environ) == 0
    assert "bytes, revision" in capsys.readouterr().out
    house.clock.forward(hours=1)
    house.forget("ann")
    assert main(["restore", str(file)], environ) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(file), "--replace"], environ) == 1
    assert "SECRET_KEY" in capsys.readouterr().err
    (tmp_path / "secret.key").write_bytes(SECRET)
    assert main(["restore", str(file), "--replace"], environ) == 0
    assert "restored from" in capsys.readouterr().out
    assert house.said() == NEVER
    environ["SECRET_KEY"] = SECRET.decode()
    assert main(["restore", str(file), "--replace"], environ) == 0


def test_months_of_receipts_are_read_in_order(house: House, file: Path, clock: Clock) -> None:
    """Who was forgotten twice is forgotten up to the second time."""
    house.forget("ann")
    clock.forward(hours=1)
    house.talk("ann")
    backup(house.url, file)
    clock.forward(hours=1)
    house.forget("ann")
    assert house.records.erasures()[0].requested_at < clock.now - timedelta(minutes=1)
    house.restore(file)
    assert house.said() == NEVER
