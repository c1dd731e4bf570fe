"""Events: replayed from the spool in order and once, whatever was killed, lost or forgotten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.records import EventRow, Outbox, Records, Spool, StorageError, Worker, new_erasure

from .conftest import Clock


def row(data: str, moment: float = 1.0) -> EventRow:
    return EventRow("user", moment, None, None, data)


@pytest.fixture
def spooling(url: str, spool: Spool, clock: Clock) -> Records:
    return Records(url, notify=True, spool=spool, clock=clock)


def escalate(records: Records, spool: Spool, key: str = "m1") -> None:
    spool.keep_escalation(records.draft_escalation("dosing", "rest", "c", key, "zebra"))


def test_what_waited_comes_before_what_is_new(spooling: Records, spool: Spool) -> None:
    spooling.add_events("ann", [row("1", 1)])
    spool.keep_events("ann", [row("2", 2), row("3", 3)])
    spool.keep_events("ann", [row("4", 4)])

    spooling.catch_up("ann")
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


def test_an_escalation_that_waited_is_recorded_once(
    spooling: Records, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalate(spooling, spool)
    escalate(spooling, spool)
    escalate(spooling, spool, "m2")

    with monkeypatch.context() as killed:
        killed.setattr(spool, "drop_escalation", lambda _: None)
        spooling.replay()
    spooling.replay()

    found = spooling.escalations()
    assert [row.excerpt for row in found] == ["zebra", "zebra"]
    assert all(spooling.notification(row.reference) is not None for row in found)
    assert not spool.waiting()


def test_forgetting_reaches_what_waits(spooling: Records, spool: Spool) -> None:
    escalate(spooling, spool)
    spool.keep_events("ann", [row("zebra")])
    spooling.begin_erasure(conversation="c", sender="ann")
    spool.keep_events("ann", [row("zebra again")])
    spooling.finish_erasure("ann")

    spooling.replay()

    assert spooling.all_events("ann") == []
    (left,) = spooling.escalations()
    assert left.excerpt is None


def test_a_wish_that_waited_is_fulfilled_and_what_was_said_since_stays(
    spooling: Records, spool: Spool
) -> None:
    spooling.add_events("ann", [row("zebra")])
    spooling.add_events("bob", [row("lion")])
    escalate(spooling, spool)
    wish = spooling.wish(conversation="c", sender="ann", reference=new_erasure())
    spool.keep_wish(wish)
    spool.keep_events("ann", [row("hello again", 2)])

    spooling.replay()
    spooling.replay()

    assert spooling.all_events("ann") == ["hello again"]
    assert spooling.all_events("bob") == ["lion"]
    (left,) = spooling.escalations()
    assert (left.excerpt, left.conversation, left.message_key) == (None, None, None)
    (receipt,) = spooling.erasures()
    assert (receipt.reference, receipt.requested_at) == (wish.reference, wish.at)
    assert (receipt.pending_sender, receipt.events_deleted) == (None, 1)
    assert not spool.waiting()


def test_a_wish_that_is_begun_already_has_one_receipt(spooling: Records) -> None:
    begun = spooling.begin_erasure(conversation="c", sender="ann")
    spooling.fulfil(spooling.wish(conversation="c", sender="ann", reference=new_erasure()))
    assert [receipt.reference for receipt in spooling.erasures()] == [begun.reference]


def test_a_reference_that_was_taken_meanwhile_is_replaced(spooling: Records) -> None:
    wish = spooling.wish(conversation="c", sender="ann", reference=new_erasure())
    spooling.fulfil(wish)
    spooling._begin("d", "bob", wish.reference, wish.at)
    assert len({receipt.reference for receipt in spooling.erasures()}) == 2


def test_one_that_is_refused_does_not_hold_up_the_others(
    spooling: Records, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.keep_events("ann", [row("1")])
    spool.keep_events("bob", [row("2")])
    real = spooling.replay_events

    def refuse(sender: str) -> int:
        if sender == "ann":
            raise StorageError("refused")
        return real(sender)

    monkeypatch.setattr(spooling, "replay_events", refuse)
    with pytest.raises(StorageError, match="refused"):
        spooling.replay()

    assert spooling.all_events("bob") == ["2"]
    assert spool.has_events("ann")


def test_without_a_spool_there_is_nothing_to_replay(url: str) -> None:
    records = Records(url)
    records.replay()
    records.catch_up("ann")
    assert records.replay_events("ann") == 0


def test_the_worker_prepares_until_it_has_succeeded(spooling: Records) -> None:
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
