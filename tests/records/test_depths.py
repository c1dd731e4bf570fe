"""How much waits: counted in the database, with the age of the oldest."""

from collections.abc import Callable
from datetime import timedelta

from bot.records import ClaimedTurn, Records
from bot.records.depths import Depth

from .conftest import Clock

Escalate = Callable[..., str]


def test_nothing_waits_in_an_empty_database(records: Records) -> None:
    found = records.depths()

    nothing = Depth(0, 0.0)
    assert found.escalations == found.notifications == found.erasures == found.replies == nothing
    assert found.notifications_failed == 0
    assert found.messages == {}


def test_open_escalations_count_until_they_are_taken(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    first = escalate("m1")
    clock.forward(seconds=30)
    escalate("m2")
    clock.forward(seconds=10)
    assert records.depths().escalations == Depth(2, 40.0)

    records.take(first, "Ana")

    assert records.depths().escalations == Depth(1, 10.0)


def test_notifications_count_until_they_are_sent(
    records: Records, escalate: Escalate, clock: Clock
) -> None:
    escalate("m1")
    escalate("m2")
    clock.forward(minutes=2)
    assert records.depths().notifications == Depth(2, 120.0)

    for ended in (records.note_sent, records.note_failed):
        claim = records.claim_notification(
            now=clock.now, lease=timedelta(minutes=1), max_attempts=9
        )
        assert claim is not None
        assert ended(claim, clock.now if ended == records.note_sent else "no")  # type: ignore[arg-type]

    found = records.depths()
    assert (found.notifications, found.notifications_failed) == (Depth(0, 0.0), 1)


def test_erasures_count_until_they_are_done(
    records: Records, rasa_events: Callable[..., None], clock: Clock
) -> None:
    records.begin_erasure(conversation="c", sender="ann")
    clock.forward(seconds=5)
    assert records.depths().erasures == Depth(1, 5.0)

    records.finish_erasure("ann")

    assert records.depths().erasures == Depth(0, 0.0)


def test_messages_count_by_channel_until_they_are_answered(records: Records, clock: Clock) -> None:
    records.open_session("web-1", "website")
    records.add_message("web-1", "m1", {"text": "hello"})
    records.take_update(1, "tg-1", "77", "m1", {"text": "hello"})
    clock.forward(seconds=9)
    assert records.depths().messages == {"website": Depth(1, 9.0), "telegram": Depth(1, 9.0)}

    claim = records.claim_turn("web-1", 30)
    assert isinstance(claim, ClaimedTurn)
    records.answer_turn(claim, {"messages": [], "custom": {}})

    assert set(records.depths().messages) == {"telegram"}


def test_replies_count_until_they_have_arrived(records: Records, clock: Clock) -> None:
    records.take_update(1, "tg-1", "77", "m1", {"text": "hello"})
    claim = records.claim_turn("tg-1", 30)
    assert isinstance(claim, ClaimedTurn)
    records.answer_turn(claim, {"messages": [{"text": "hi"}], "custom": {}})
    clock.forward(seconds=3)
    assert records.depths().replies == Depth(1, 3.0)

    records.drop_replies("tg-1")

    assert records.depths().replies == Depth(0, 0.0)
