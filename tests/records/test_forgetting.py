"""A chat that is forgotten: all of it goes but what was written behind the wish to be."""

from __future__ import annotations

import pytest

from bot.records import ClaimedTurn, Records, UnknownSession

from .conftest import Clock, Execute

WHO, CHAT = "tg-1", "42"
BODY = {"messages": [{"text": "It is done: F-234567."}], "custom": {"outcome": "smalltalk"}}


def say(records: Records, number: int, text: str) -> None:
    assert records.take_update(number, WHO, CHAT, f"m{number}", {"text": text})


def claimed(records: Records) -> ClaimedTurn:
    claim = records.claim_turn(WHO, 5)
    assert claim is not None
    return claim


def said(records: Records) -> list[object]:
    return [entry.body["text"] for entry in records.history(WHO)]


@pytest.fixture
def forgetting(records: Records) -> ClaimedTurn:
    """The turn of "forget me", which somebody has followed with another message at once."""
    say(records, 10, "I live in Elm Street")
    records.answer_turn(claimed(records), {"messages": [], "custom": {}})
    say(records, 11, "forget me")
    claim = claimed(records)
    say(records, 12, "what is long covid")
    records.begin_erasure(conversation="c0ffee", sender=WHO)
    return claim


def test_what_was_written_behind_it_begins_a_new_conversation(
    records: Records, forgetting: ClaimedTurn
) -> None:
    records.finish_erasure(WHO)
    assert said(records) == ["what is long covid"]
    assert records.answer_turn(forgetting, BODY) is None, "its message is gone"

    later = claimed(records)
    assert later.message_id == "m12"
    assert records.answer_turn(later, BODY) is not None


def test_the_new_conversation_is_as_young_as_it_is(
    records: Records, forgetting: ClaimedTurn, clock: Clock, sql: Execute
) -> None:
    clock.forward(days=1)
    say(records, 13, "hello")
    before = sql("SELECT created_at FROM sessions")
    records.begin_erasure(conversation="c0ffee", sender=WHO)
    assert sql("SELECT created_at FROM sessions") != before


def test_it_waits_until_the_old_one_is_gone(
    records: Records, forgetting: ClaimedTurn, clock: Clock
) -> None:
    records.answer_turn(forgetting, BODY)
    assert records.claim_turn(WHO, 5) is None
    records.finish_erasure(WHO)
    assert claimed(records).message_id == "m12"


def test_it_waits_no_longer_than_a_turn_takes(
    records: Records, forgetting: ClaimedTurn, clock: Clock
) -> None:
    clock.forward(seconds=9)
    assert records.claim_turn(WHO, 5) is None
    clock.forward(seconds=2)
    assert claimed(records).message_id == "m12"


def test_a_chat_opened_between_the_steps_of_forgetting_stays(records: Records) -> None:
    say(records, 11, "forget me")
    claim = claimed(records)
    records.begin_erasure(conversation="c0ffee", sender=WHO)
    with pytest.raises(UnknownSession):
        records.history(WHO)
    say(records, 12, "what is long covid")
    assert records.answer_turn(claim, BODY) is None
    records.finish_erasure(WHO)
    assert said(records) == ["what is long covid"]


def test_without_a_turn_nothing_is_let_be(records: Records, sql: Execute) -> None:
    say(records, 10, "hello")
    say(records, 11, "hello?")
    records.begin_erasure(conversation="c0ffee", sender=WHO)
    assert sql("SELECT count(*) FROM entries") == sql("SELECT count(*) FROM sessions") == [(0,)]


def test_a_website_session_keeps_nothing(records: Records, sql: Execute) -> None:
    records.open_session(WHO, "website")
    records.add_message(WHO, "m1", {"text": "forget me"})
    claimed(records)
    records.add_message(WHO, "m2", {"text": "what is long covid"})
    records.begin_erasure(conversation="c0ffee", sender=WHO)
    assert sql("SELECT count(*) FROM entries") == sql("SELECT count(*) FROM sessions") == [(0,)]
