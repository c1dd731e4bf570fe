"""Escalations: recorded once, taken by one, resolved once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.records import (
    AlreadyResolved,
    AlreadyTaken,
    InvalidValue,
    Records,
    StorageError,
    UnknownReference,
    UnknownStatus,
    escalations,
)

from .conftest import Clock, Execute
from .processes import open_at, together

Escalate = Callable[..., str]


def test_all_that_matters_is_recorded(records: Records, escalate: Escalate, clock: Clock) -> None:
    found = records.escalation(escalate(text="how much, asks tom@example.org"))
    assert (found.status, found.created_at) == ("open", clock.now)
    assert (found.outcome, found.channel, found.conversation) == ("dosing", "website", "c0ffee")
    assert found.excerpt == "how much, asks [email]"
    assert (found.taken_by, found.resolution, found.resolved_at) == (None, None, None)


def test_one_message_is_one_escalation(records: Records, escalate: Escalate) -> None:
    assert escalate("m1") == escalate("m1") != escalate("m2")
    assert len(records.escalations()) == 2


def test_the_message_key_itself_is_not_stored(escalate: Escalate, sql: Execute) -> None:
    escalate("sender-7:12")
    ((key,),) = sql("SELECT message_key FROM escalations")
    assert "sender-7" not in str(key)


def test_the_notification_is_queued_with_the_escalation_once(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    reference = escalate("m1")
    escalate("m1")
    queued = records.notification(reference)
    assert queued is not None
    assert (queued.status, queued.attempts, queued.next_attempt_at) == ("pending", 0, clock.now)


def test_without_notifications_nothing_is_queued(url: str) -> None:
    records = Records(url)
    reference = records.open_escalation(
        outcome="crisis", channel="web", conversation="c", message_key="1", text="text"
    )
    assert records.notification(reference) is None


def test_a_reference_in_use_is_not_given_again(
    records: Records, escalate: Escalate, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_out = iter(["E-222222", "E-222222", "E-333333"])
    monkeypatch.setattr(escalations, "new_reference", lambda prefix: next(given_out))
    assert [escalate("m1"), escalate("m2")] == ["E-222222", "E-333333"]


def test_running_out_of_references_is_reported(
    escalate: Escalate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalations, "new_reference", lambda prefix: "E-222222")
    escalate("m1")
    with pytest.raises(StorageError, match="no free reference"):
        escalate("m2")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=()), max_size=600), key=st.uuids())
def test_any_text_can_be_escalated(escalate: Escalate, text: str, key: object) -> None:
    values = {"channel": text, "conversation": text, "outcome": text}
    assert escalate(f"{key}{text}", text=text, **values)


def test_the_oldest_comes_first_and_the_status_selects(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    first = escalate("m1")
    clock.forward(hours=-1)
    older = escalate("m2")
    records.take(first, "Ann")
    assert [found.reference for found in records.escalations()] == [older]
    assert [found.reference for found in records.escalations("taken")] == [first]
    assert [found.reference for found in records.escalations(None)] == [older, first]
    assert records.escalations("resolved") == []


def test_an_unknown_status_is_refused(records: Records) -> None:
    with pytest.raises(UnknownStatus, match="'closed': it is one of open, taken, resolved"):
        records.escalations("closed")


def test_taking_and_resolving(records: Records, escalate: Escalate, clock: Clock) -> None:
    reference = escalate()
    assert records.take(f" {reference.lower()} ", "Ann").status == "taken"
    clock.forward(hours=1)
    resolved = records.resolve(reference, "Bob", "rang tom@example.org, all well")
    assert (resolved.status, resolved.resolved_at) == ("resolved", clock.now)
    assert resolved.taken_by == "Ann"
    assert records.escalation(reference).resolution == "rang [email], all well"


def test_taking_twice_is_taking_once(records: Records, escalate: Escalate) -> None:
    reference = escalate()
    records.take(reference, "Ann")
    assert records.take(reference, " Ann ").taken_by == "Ann"


def test_nobody_takes_what_somebody_has(records: Records, escalate: Escalate) -> None:
    reference = escalate()
    records.take(reference, "Ann")
    with pytest.raises(AlreadyTaken, match=f"{reference} is taken by Ann"):
        records.take(reference, "Bob")


def test_an_open_escalation_can_be_resolved_at_once(records: Records, escalate: Escalate) -> None:
    assert records.resolve(escalate(), "Ann", "nothing to do").taken_by == "Ann"


def test_a_resolved_escalation_is_closed(records: Records, escalate: Escalate) -> None:
    reference = escalate()
    records.resolve(reference, "Ann", "done")
    with pytest.raises(AlreadyResolved, match="already resolved, by Ann"):
        records.resolve(reference, "Bob", "done again")
    with pytest.raises(AlreadyResolved):
        records.take(reference, "Bob")


@pytest.mark.parametrize("reference", ["E-999999", "", "nonsense\x00"])
def test_an_unknown_reference_is_refused(records: Records, reference: str) -> None:
    with pytest.raises(UnknownReference, match="no escalation"):
        records.escalation(reference)
    with pytest.raises(UnknownReference):
        records.take(reference, "Ann")
    with pytest.raises(UnknownReference):
        records.resolve(reference, "Ann", "done")


def test_a_name_and_a_note_are_required(records: Records, escalate: Escalate) -> None:
    reference = escalate()
    with pytest.raises(InvalidValue, match="the name of who takes it"):
        records.take(reference, " ")
    with pytest.raises(InvalidValue, match="the note"):
        records.resolve(reference, "Ann", "")
    assert records.escalation(reference).status == "open"


def test_threads_that_tell_of_one_message_get_one_reference(
    records: Records, escalate: Escalate
) -> None:
    barrier = threading.Barrier(8)

    def tell(_: int) -> str:
        barrier.wait()
        return escalate()

    with ThreadPoolExecutor(8) as pool:
        references = set(pool.map(tell, range(8)))
    assert len(references) == 1
    assert records.notification(references.pop()) is not None


def test_processes_that_tell_of_one_message_get_one_reference(url: str) -> None:
    assert len(set(together(open_at, [url] * 16))) == 1


def test_of_many_who_take_one_gets_it(records: Records, escalate: Escalate) -> None:
    reference = escalate()
    barrier = threading.Barrier(6)

    def take(name: str) -> bool:
        barrier.wait()
        try:
            records.take(reference, name)
        except AlreadyTaken:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, "ABCDEF")) == 1
