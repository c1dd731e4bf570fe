"""Claims: one worker at a time, for as long as its lease."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.records import Notification, Records
from bot.records.notifications import Claim

from .conftest import Clock
from .processes import claim_at, together

LEASE = timedelta(minutes=2)
Escalate = Callable[..., str]


def claim(records: Records, clock: Clock, most: int = 5) -> Claim | None:
    return records.claim_notification(now=clock.now, lease=LEASE, max_attempts=most)


def certain(records: Records, clock: Clock, most: int = 5) -> Claim:
    claimed = claim(records, clock, most)
    assert claimed is not None
    return claimed


def state(records: Records, reference: str) -> Notification:
    found = records.notification(reference)
    assert found is not None
    return found


def test_a_claim_holds_what_is_told(records: Records, escalate: Escalate, clock: Clock) -> None:
    reference = escalate(text="how much")
    claimed = certain(records, clock)
    assert claimed == Claim(reference, 1, frozenset(), "dosing", "website", clock.now, "how much")


def test_what_is_claimed_is_not_claimed_again_until_its_lease_ends(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    escalate()
    certain(records, clock)
    clock.forward(seconds=119)
    assert claim(records, clock) is None
    clock.forward(seconds=1)
    assert certain(records, clock).attempt == 2


def test_the_longest_due_comes_first(records: Records, escalate: Escalate, clock: Clock) -> None:
    later = escalate("m1")
    clock.forward(minutes=-5)
    earlier = escalate("m2")
    assert certain(records, clock).reference == earlier
    assert claim(records, clock) is None
    clock.forward(minutes=5)
    assert {certain(records, clock).reference for _ in range(2)} == {earlier, later}


def test_sent_is_sent(records: Records, escalate: Escalate, clock: Clock) -> None:
    reference = escalate()
    claimed = certain(records, clock)
    assert records.note_delivered(claimed, {"b", "a"})
    assert records.note_sent(claimed, clock.now)
    found = state(records, reference)
    assert (found.status, found.sent_at, found.delivered) == ("sent", clock.now, "a b")
    clock.forward(days=1)
    assert claim(records, clock) is None


def test_a_retry_waits_and_remembers(records: Records, escalate: Escalate, clock: Clock) -> None:
    reference = escalate()
    claimed = certain(records, clock)
    records.note_delivered(claimed, {"a"})
    assert records.note_retry(claimed, clock.now + timedelta(minutes=1), "target 2 is down")
    assert state(records, reference).last_error == "target 2 is down"
    assert claim(records, clock) is None
    clock.forward(minutes=1)
    again = certain(records, clock)
    assert (again.attempt, again.delivered) == (2, {"a"})


def test_failed_is_failed(records: Records, escalate: Escalate, clock: Clock) -> None:
    reference = escalate()
    assert records.note_failed(certain(records, clock), "target 1 is gone")
    assert state(records, reference).status == "failed"
    clock.forward(days=1)
    assert claim(records, clock) is None


def test_a_worker_that_overslept_its_lease_changes_nothing(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    reference = escalate()
    first = certain(records, clock)
    clock.forward(minutes=2)
    second = certain(records, clock)
    assert not records.note_failed(first, "late")
    assert not records.note_sent(first, clock.now)
    assert not records.note_delivered(first, {"a"})
    assert not records.note_retry(first, clock.now, "late")
    assert records.note_sent(second, clock.now)
    assert state(records, reference).status == "sent"


def test_a_last_attempt_without_a_word_is_a_failure(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    reference = escalate()
    certain(records, clock, most=1)
    clock.forward(minutes=2)
    assert claim(records, clock, most=1) is None
    found = state(records, reference)
    assert (found.status, found.last_error) == (
        "failed",
        "the worker stopped during the last attempt",
    )


def test_threads_never_claim_the_same(records: Records, escalate: Escalate, clock: Clock) -> None:
    opened = {escalate(f"m{number}") for number in range(12)}
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim(records, clock), range(18)))
    references = [claimed.reference for claimed in claims if claimed is not None]
    assert len(references) == len(set(references))
    # On PostgreSQL a row locked at that moment is skipped, and left for the next round.
    while (late := claim(records, clock)) is not None:
        references.append(late.reference)
    assert sorted(references) == sorted(opened)


@pytest.mark.usefixtures("records")
def test_processes_never_claim_the_same(url: str, escalate: Escalate) -> None:
    opened = [escalate(f"m{number}") for number in range(8)]
    claimed = [found for found in together(claim_at, [url] * 24) if found]
    assert sorted(claimed) == sorted(opened)
