"""The outbox: at least once to every target, once where it can be, and never for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.records import Delivery, InvalidTarget, Outbox, Records
from bot.records.outbox import LONGEST_WAIT, backoff
from bot.records.targets import Target

from .conftest import Clock, Receiver
from .processes import deliver_at, together

Escalate = Callable[..., str]


@pytest.fixture
def outbox(records: Records, receiver: Receiver, clock: Clock) -> Outbox:
    return Outbox(
        records,
        [receiver.target],
        clock=clock,
        backoff=lambda attempt: 60 * attempt,
        max_attempts=3,
    )


def status(records: Records, reference: str) -> tuple[str, int, str | None]:
    found = records.notification(reference)
    assert found is not None
    return found.status, found.attempts, found.last_error


def test_a_notification_says_what_a_professional_needs(
    outbox: Outbox, records: Records, receiver: Receiver, escalate: Escalate
) -> None:
    reference = escalate(text="how much, asks tom@example.org")
    assert outbox.deliver_due() == Delivery(sent=1)
    (sent,) = receiver.received
    assert sent["title"] == f"Escalation {reference}: dosing"
    assert sent["message"].splitlines() == [
        f"Reference: {reference}",
        "Outcome: dosing",
        "Time: 2026-03-01 12:00 UTC",
        "Channel: website",
        "Excerpt: how much, asks [email]",
    ]
    assert status(records, reference) == ("sent", 1, None)


def test_without_an_excerpt_it_says_so(
    outbox: Outbox, receiver: Receiver, escalate: Escalate
) -> None:
    escalate(text=None)
    outbox.deliver_due()
    assert "Excerpt: (none kept)" in receiver.received[0]["message"]


def test_what_is_sent_is_not_sent_again(
    outbox: Outbox, receiver: Receiver, escalate: Escalate, clock: Clock
) -> None:
    escalate("m1")
    outbox.deliver_due()
    escalate("m1")
    clock.forward(days=1)
    assert not outbox.deliver_due()
    assert len(receiver.received) == 1


def test_a_server_that_was_down_is_told_when_it_is_up(
    outbox: Outbox, records: Records, receiver: Receiver, escalate: Escalate, clock: Clock
) -> None:
    reference = escalate()
    receiver.down()
    assert outbox.deliver_due() == Delivery(retried=1)
    assert status(records, reference) == ("pending", 1, "target 1 (json) did not accept it")
    receiver.up()
    clock.forward(seconds=59)
    assert not outbox.deliver_due()
    clock.forward(seconds=1)
    assert outbox.deliver_due() == Delivery(sent=1)
    assert len(receiver.received) == 1
    assert status(records, reference) == ("sent", 2, None)


def test_it_gives_up_in_the_end(
    outbox: Outbox,
    records: Records,
    receiver: Receiver,
    escalate: Escalate,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reference = escalate(text="my secret")
    receiver.status = 503
    for expected in (Delivery(retried=1), Delivery(retried=1), Delivery(failed=1), Delivery()):
        assert outbox.deliver_due() == expected
        clock.forward(hours=1)
    assert status(records, reference) == ("failed", 3, "target 1 (json) did not accept it")
    assert f"notification of {reference} given up" in caplog.text
    assert "secret" not in caplog.text


def test_a_target_that_has_it_is_not_told_again_while_another_is_down(
    records: Records,
    receiver: Receiver,
    other_receiver: Receiver,
    escalate: Escalate,
    clock: Clock,
) -> None:
    reference = escalate()
    targets = [receiver.target, other_receiver.target]
    outbox = Outbox(records, targets, clock=clock, backoff=lambda attempt: 60)
    other_receiver.status = 500
    assert outbox.deliver_due() == Delivery(retried=1)
    assert status(records, reference)[2] == "target 2 (json) did not accept it"
    other_receiver.status = 200
    clock.forward(minutes=1)
    # Also after a restart with the targets in another order.
    outbox = Outbox(records, targets[::-1], clock=clock)
    assert outbox.deliver_due() == Delivery(sent=1)
    assert (len(receiver.received), len(other_receiver.received)) == (1, 1)


def test_a_crash_between_targets_does_not_repeat_the_first(
    records: Records,
    receiver: Receiver,
    other_receiver: Receiver,
    escalate: Escalate,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    escalate()
    outbox = Outbox(records, [receiver.target, other_receiver.target], clock=clock)
    with monkeypatch.context() as crash:
        send = Target.send

        def crashing(target: Target, title: str, body: str) -> str | None:
            if target.position == 2:
                raise KeyboardInterrupt
            return send(target, title, body)

        crash.setattr(Target, "send", crashing)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver_due()
    clock.forward(minutes=4)
    assert outbox.deliver_due() == Delivery(sent=1)
    assert (len(receiver.received), len(other_receiver.received)) == (1, 1)


def test_a_worker_that_lost_its_lease_leaves_the_rest_to_the_other(
    outbox: Outbox,
    records: Records,
    receiver: Receiver,
    escalate: Escalate,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = escalate()

    def slow(target: Target, title: str, body: str) -> str | None:
        clock.forward(minutes=2)
        monkeypatch.undo()
        assert outbox.deliver_due() == Delivery(sent=1)
        return None

    monkeypatch.setattr(Target, "send", slow)
    assert outbox.deliver_due() == Delivery()
    assert status(records, reference) == ("sent", 2, None)


def test_one_round_sends_no_more_than_its_limit(
    outbox: Outbox, receiver: Receiver, escalate: Escalate
) -> None:
    for number in range(3):
        escalate(f"m{number}")
    assert outbox.deliver_due(limit=2) == Delivery(sent=2)
    assert outbox.deliver_due(limit=2) == Delivery(sent=1)


def test_with_nothing_configured_nothing_is_sent_and_nothing_fails(
    records: Records, escalate: Escalate
) -> None:
    reference = escalate()
    outbox = Outbox(records, [])
    assert "recorded only" in outbox.describe()
    assert outbox.deliver_due() == Delivery()
    assert status(records, reference) == ("pending", 0, None)


def test_it_describes_targets_without_their_secrets(records: Records) -> None:
    outbox = Outbox(records, ["json://user:hunter2@a", "mailto://user:hunter2@example.org"])
    assert outbox.describe() == "sent to target 1 (json), target 2 (mailto)"


def test_a_bad_target_is_refused_at_once(records: Records) -> None:
    with pytest.raises(InvalidTarget, match="target 1 of 1"):
        Outbox(records, ["nonsense"])


def test_waits_double_up_to_an_hour_and_vary() -> None:
    for attempt, around in ((1, 30), (2, 60), (5, 480), (12, 3600), (10**6, 3600)):
        waits = {backoff(attempt) for _ in range(50)}
        assert len(waits) > 1
        assert around * 0.75 <= min(waits) <= max(waits) <= around * 1.25
    assert LONGEST_WAIT == 3600


def test_workers_in_threads_send_each_once(
    records: Records, receiver: Receiver, escalate: Escalate, clock: Clock
) -> None:
    opened = sorted(escalate(f"m{number}") for number in range(12))

    def work(_: int) -> None:
        Outbox(records, [receiver.target], clock=clock).deliver_due()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    work(0)
    assert sorted(sent["title"][11:19] for sent in receiver.received) == opened


def test_workers_in_processes_send_each_once(
    url: str, receiver: Receiver, escalate: Escalate
) -> None:
    opened = sorted(escalate(f"m{number}") for number in range(9))
    together(deliver_at, [url] * 3, [receiver.target] * 3)
    deliver_at(url, receiver.target)
    assert sorted(sent["title"][11:19] for sent in receiver.received) == opened
