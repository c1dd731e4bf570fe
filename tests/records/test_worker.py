"""The worker: its duties, its patience with failure, and its end."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.records import Outbox, Records, StorageError, Worker

from .conftest import Clock, Receiver

Escalate = Callable[..., str]


class Monotonic:
    """Seconds that pass when told."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def worker(records: Records, receiver: Receiver, clock: Clock, monotonic: Monotonic) -> Worker:
    outbox = Outbox(records, [receiver.target], clock=clock)
    return Worker(records, outbox, 30, monotonic=monotonic)


def failing(times: int, then: Callable[..., object]) -> Callable[..., object]:
    left = iter(range(times))

    def call(*arguments: object, **named: object) -> object:
        if next(left, None) is not None:
            raise StorageError("the disk is full")
        return then(*arguments, **named)

    return call


def test_a_round_delivers_all_that_is_due(
    worker: Worker, receiver: Receiver, escalate: Escalate
) -> None:
    for number in range(3):
        escalate(f"m{number}")
    assert worker.round()
    assert len(receiver.received) == 3


def test_a_round_finishes_erasures_whose_turn_is_over(
    worker: Worker, records: Records, rasa_events: Callable[..., None], clock: Clock
) -> None:
    rasa_events("sender-1")
    records.begin_erasure(conversation="c1", sender="sender-1")
    records.begin_erasure(conversation="c1", sender="sender-1")
    worker.round()
    assert len(records.pending_erasures()) == 2
    clock.forward(minutes=1)
    worker.round()
    assert [done.events_deleted for done in records.erasures()] == [1, 1]
    assert records.pending_erasures() == []


def test_an_erasure_that_fails_does_not_hold_up_the_others(
    worker: Worker,
    records: Records,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for sender in ("sender-1", "sender-2"):
        records.begin_erasure(conversation="c1", sender=sender)
    clock.forward(minutes=1)
    monkeypatch.setattr(records, "finish_erasure", failing(1, records.finish_erasure))
    assert not worker.round()
    assert "erasure failed, will be tried again: the disk is full" in caplog.text
    assert [left.pending_sender for left in records.pending_erasures()] == ["sender-1"]
    assert worker.round()
    assert records.pending_erasures() == []


def test_retention_is_enforced_at_the_start_and_each_hour(
    worker: Worker, records: Records, escalate: Escalate, clock: Clock, monotonic: Monotonic
) -> None:
    worker.round()
    reference = escalate()
    clock.forward(days=31)
    worker.round()
    assert records.escalation(reference).excerpt is not None
    monotonic.seconds += 3600
    worker.round()
    assert records.escalation(reference).excerpt is None


def test_a_failing_duty_is_told_once_tried_again_and_told_when_it_works(
    worker: Worker,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(records, "claim_notification", failing(2, records.claim_notification))
    assert [worker.round() for _ in range(3)] == [False, False, True]
    assert caplog.text.count("delivery failed, will be tried again: the disk is full") == 1
    assert caplog.text.count("delivery works again") == 1


def test_an_unforeseen_failure_is_told_by_its_kind_only(
    worker: Worker,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("my secret")

    monkeypatch.setattr(records, "purge", broken)
    assert not worker.round()
    assert "retention failed, will be tried again: RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_no_message_text_is_logged(
    worker: Worker, escalate: Escalate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    escalate(text="my secret")
    worker.round()
    assert "secret" not in caplog.text


def test_it_works_in_rounds_until_it_is_stopped(
    worker: Worker, receiver: Receiver, escalate: Escalate
) -> None:
    thread = threading.Thread(target=worker.run, kwargs={"seconds": 0.01})
    thread.start()
    reference = escalate()
    while not receiver.received:
        thread.join(0.01)
    worker.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert reference in receiver.received[0]["title"]


def test_it_touches_its_heartbeat_after_every_round(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat = tmp_path / "heartbeat"
    worker = Worker(records, Outbox(records, []), 30, heartbeat=heartbeat)

    def round_and_stop() -> bool:
        assert not heartbeat.exists()
        worker.stop()
        return True

    monkeypatch.setattr(worker, "round", round_and_stop)
    worker.run()
    assert heartbeat.exists()


def test_a_heartbeat_that_cannot_be_touched_does_not_end_the_work(
    records: Records,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    worker = Worker(records, Outbox(records, []), 30, heartbeat=tmp_path / "none" / "heartbeat")
    monkeypatch.setattr(worker, "round", worker.stop)
    worker.run()
    assert "the heartbeat failed: No such file or directory" in caplog.text
    assert "worker stopped" in caplog.text


def test_it_does_not_begin_another_delivery_once_stopped(
    worker: Worker, receiver: Receiver, escalate: Escalate
) -> None:
    escalate()
    worker.stop()
    worker.round()
    assert receiver.received == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it(worker: Worker, number: signal.Signals) -> None:
    before = {kind: signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)}
    try:
        worker.stop_on_signals()
        os.kill(os.getpid(), number)
        worker.run()
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
