"""Forgetting: at once what is ours, then the tracker, and nothing left in the files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.records import ErasureIncomplete, InvalidValue, Purged, Records, erasures

from .conftest import Clock, Execute

Escalate = Callable[..., str]
AddEvent = Callable[..., None]


def forget(records: Records, sender: str = "sender-1") -> str:
    return records.begin_erasure(conversation="c0ffee", sender=sender).reference


def test_feedback_and_excerpts_go_at_once_and_safety_counts_stay(
    records: Records, escalate: Escalate, clock: Clock, sql: Execute
) -> None:
    reference = escalate("m1")
    records.resolve(reference, "Ann", "rang her mother")
    escalate("m2", text=None)
    other = escalate("m3", conversation="another")
    records.add_feedback(conversation="c0ffee", topic="pain", helpful=True)
    records.add_feedback(conversation="another", topic="pain", helpful=True)

    receipt = records.begin_erasure(conversation="c0ffee", sender="sender-1")

    assert receipt.reference.startswith("F-")
    assert (receipt.feedback_deleted, receipt.excerpts_cleared) == (1, 1)
    assert (receipt.requested_at, receipt.completed_at) == (clock.now, None)
    found = records.escalation(reference)
    assert (found.excerpt, found.conversation, found.message_key) == (None, None, None)
    assert (found.resolution, found.status, found.taken_by) == (None, "resolved", "Ann")
    assert (found.outcome, found.created_at) == ("dosing", clock.now)
    assert records.escalation(other).excerpt is not None
    assert [left.conversation for left in records.feedback()] == ["another"]


def test_the_tracker_goes_when_the_erasure_is_finished(
    records: Records, rasa_events: AddEvent, clock: Clock, sql: Execute
) -> None:
    for sender in ("sender-1", "sender-1", "sender-2"):
        rasa_events(sender)
    first, second = forget(records), forget(records)
    forget(records, "sender-2")
    clock.forward(minutes=1)

    assert records.finish_erasure("sender-1") == 2

    assert sql("SELECT DISTINCT sender_id FROM events") == [("sender-2",)]
    done = {found.reference: found for found in records.erasures()}
    for reference in (first, second):
        assert done[reference].completed_at == clock.now
        assert done[reference].pending_sender is None
        assert done[reference].events_deleted == 2
    assert [left.pending_sender for left in records.pending_erasures()] == ["sender-2"]


def test_an_erasure_completes_before_rasa_made_its_table(records: Records) -> None:
    forget(records)
    assert records.finish_erasure("sender-1") == 0
    assert records.pending_erasures() == []


def test_events_without_an_erasure_are_deleted_too(records: Records, rasa_events: AddEvent) -> None:
    rasa_events("sender-1")
    assert records.finish_erasure("sender-1") == 1
    assert records.erasures() == []


def test_events_that_stay_keep_the_erasure_pending(
    records: Records, rasa_events: AddEvent, sql: Execute, url: str
) -> None:
    rasa_events("sender-1", data="kept")
    rasa_events("sender-1", data="gone")
    if url.startswith("sqlite"):
        sql(
            "CREATE TRIGGER keep BEFORE DELETE ON events WHEN OLD.data = 'kept' "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
    else:
        sql("CREATE RULE keep AS ON DELETE TO events WHERE OLD.data = 'kept' DO INSTEAD NOTHING")
    forget(records)
    with pytest.raises(ErasureIncomplete, match="1 events"):
        records.finish_erasure("sender-1")
    assert [left.pending_sender for left in records.pending_erasures()] == ["sender-1"]
    assert sql("SELECT data FROM events") == [("kept",)]


def test_young_erasures_can_be_left_out(records: Records, clock: Clock) -> None:
    forget(records)
    clock.forward(seconds=59)
    assert records.pending_erasures(older_than_seconds=60) == []
    clock.forward(seconds=1)
    assert len(records.pending_erasures(older_than_seconds=60)) == 1


def test_a_receipts_reference_is_not_given_again(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_out = iter(["F-222222", "F-222222", "F-333333"])
    monkeypatch.setattr(erasures, "new_reference", lambda prefix: next(given_out))
    assert [forget(records), forget(records)] == ["F-222222", "F-333333"]


def test_nothing_forgotten_is_left_in_the_files(
    sqlite_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from bot.records import database, upgrade

    upgrade(sqlite_url)
    records = Records(sqlite_url)
    with database.connect(sqlite_url).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO events (sender_id, type_name, timestamp, data) "
            "VALUES ('sender-1', 'user', 1, 'zebra event')"
        )
    records.open_escalation(
        outcome="crisis", channel="web", conversation="zebra-c", message_key="1", text="zebra text"
    )
    records.add_feedback(conversation="zebra-c", topic="pain", helpful=False, comment="zebra note")
    assert b"zebra" in stored(tmp_path)
    records.begin_erasure(conversation="zebra-c", sender="sender-1")
    records.finish_erasure("sender-1")
    assert b"zebra" not in stored(tmp_path)
    assert b"sender-1" not in stored(tmp_path)


def stored(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in (folder / "var").iterdir())


def test_retention_forgets_what_is_older(
    records: Records, escalate: Escalate, rasa_events: AddEvent, clock: Clock, sql: Execute
) -> None:
    old = escalate("m1")
    escalate("m2", text=None)
    records.add_feedback(conversation="c1", topic="pain", helpful=True)
    rasa_events("old", days=10)
    clock.forward(days=10)
    new = escalate("m3")
    records.add_feedback(conversation="c2", topic="pain", helpful=True)
    rasa_events("new", days=9)

    assert records.purge(10) == Purged(0, 0, 1)
    clock.forward(seconds=1)
    assert records.purge(10) == Purged(1, 1, 0)

    kept = records.escalation(old)
    assert (kept.excerpt, kept.conversation, kept.outcome) == (None, None, "dosing")
    assert records.escalation(new).excerpt is not None
    assert [left.conversation for left in records.feedback()] == ["c2"]
    assert sql("SELECT sender_id FROM events") == [("new",)]


def test_retention_works_before_rasa_made_its_table(records: Records) -> None:
    assert records.purge(1) == Purged(0, 0, 0)


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_a_senseless_retention_is_refused(records: Records, days: int) -> None:
    with pytest.raises(InvalidValue, match="between 1 and 36500"):
        records.purge(days)
