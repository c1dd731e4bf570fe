"""Events: replayed from the spool in order and once, whatever was killed, lost or forgotten."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.records import EventRow, Outbox, Records, Spool, StorageError, Worker

from .conftest import Clock, Execute


def row(data: str, moment: float = 1.0) -> EventRow:
    return EventRow("user", moment, None, None, data)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def spooling(url: str, spool: Spool, clock: Clock) -> Records:
    return Records(url, notify=True, spool=spool, clock=clock)


@pytest.fixture
def down(spool: Spool, clock: Clock) -> Records:
    """Records whose database does not answer."""
    return Records("postgresql://nobody@127.0.0.1:1/none", notify=True, spool=spool, clock=clock)


def escalate(records: Records, key: str = "m1") -> str:
    return records.open_escalation(
        outcome="dosing", channel="rest", conversation="c", message_key=key, text="zebra"
    )


def test_what_waited_comes_before_what_is_new(spooling: Records, spool: Spool) -> None:
    spooling.add_events("ann", [row("1", 1)])
    spool.keep_events("ann", [row("2", 2), row("3", 3)])
    spool.keep_events("ann", [row("4", 4)])

    spooling.add_events("ann", [row("5", 5)])

    assert spooling.all_events("ann") == ["1", "2", "3", "4", "5"]
    assert not spool.has_events("ann")
    assert spooling.event_senders() == ["ann"]


def test_a_kill_between_commit_and_clearing_up_doubles_nothing(
    spooling: Records, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.keep_events("ann", [row("1", 1), row("2", 2)])
    with monkeypatch.context() as killed:
        killed.setattr(spool, "drop_events", lambda *_: None)
        assert spooling.replay_events("ann") == 2

    assert spooling.replay_events("ann") == 0
    assert spooling.all_events("ann") == ["1", "2"]


def test_replays_at_the_same_time_double_nothing(spooling: Records, spool: Spool) -> None:
    for number in range(10):
        spool.keep_events("ann", [row(str(number), number)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: spooling.replay_events("ann"), range(8)))

    assert spooling.all_events("ann") == [str(number) for number in range(10)]


def test_a_save_that_was_given_up_adds_nothing(spooling: Records) -> None:
    with pytest.raises(StorageError, match="given up"):
        spooling.add_events("ann", [row("1")], given_up=lambda: True)
    assert spooling.all_events("ann") == []


def test_a_save_whose_commit_was_not_heard_of_is_not_doubled(spooling: Records) -> None:
    spooling.add_events("ann", [row("1")])
    spooling.add_events("ann", [row("1"), row("2", 2)], again=True)
    assert spooling.all_events("ann") == ["1", "2"]


def test_an_escalation_waits_under_its_reference_and_is_recorded_once(
    down: Records, spooling: Records, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = escalate(down)
    assert escalate(down) == reference
    other = escalate(down, "m2")

    with monkeypatch.context() as killed:
        killed.setattr(spool, "drop_escalation", lambda _: None)
        spooling.replay()
    spooling.replay()

    found = spooling.escalations()
    assert {row.reference for row in found} == {reference, other}
    assert {row.excerpt for row in found} == {"zebra"}
    assert all(spooling.notification(row.reference) is not None for row in found)
    assert spool.waiting().escalations == 0


def test_a_message_told_again_after_recovery_has_the_reference_that_was_given(
    down: Records, spooling: Records
) -> None:
    reference = escalate(down)
    assert escalate(spooling) == reference
    spooling.replay()
    assert [row.reference for row in spooling.escalations()] == [reference]


def test_a_reference_that_was_taken_meanwhile_is_replaced(
    down: Records, spooling: Records, sql: Execute
) -> None:
    reference = escalate(down)
    taken = escalate(spooling, "other")
    sql("DELETE FROM notifications")
    sql("UPDATE escalations SET reference = :r WHERE reference = :t", r=reference, t=taken)

    spooling.replay()

    assert len({row.reference for row in spooling.escalations()}) == 2


def test_forgetting_reaches_what_waits(down: Records, spooling: Records, spool: Spool) -> None:
    reference = escalate(down)
    spool.keep_events("ann", [row("zebra")])
    spooling.begin_erasure(conversation="c", sender="ann")
    spool.keep_events("ann", [row("zebra again")])
    spooling.finish_erasure("ann")

    spooling.replay()

    assert spooling.all_events("ann") == []
    (left,) = spooling.escalations()
    assert (left.reference, left.excerpt, left.conversation) == (reference, None, None)


def test_forgetting_while_the_database_is_down_clears_what_waits(
    down: Records, spool: Spool
) -> None:
    spool.keep_events("ann", [row("zebra")])
    with pytest.raises(StorageError):
        down.begin_erasure(conversation="c", sender="ann")
    assert not spool.has_events("ann")


def test_without_a_disk_the_failure_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = Spool(tmp_path / "file" / "spool")
    with pytest.raises(StorageError):
        escalate(Records("postgresql://nobody@127.0.0.1:1/none", spool=nowhere))


def test_the_worker_prepares_and_records_what_waits(
    url: str, down: Records, spooling: Records, spool: Spool
) -> None:
    reference = escalate(down)
    spool.keep_events("ann", [row("1")])
    prepared: list[int] = []

    def prepare() -> None:
        prepared.append(1)
        if len(prepared) == 1:
            raise StorageError("not yet")

    worker = Worker(spooling, Outbox(spooling, []), 90, prepare=prepare)
    assert not worker.round()
    assert worker.round()
    assert worker.round()

    assert len(prepared) == 2
    assert spooling.escalation(reference).excerpt == "zebra"
    assert spooling.all_events("ann") == ["1"]
