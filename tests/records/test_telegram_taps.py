"""Buttons, numbers and forgetting on Telegram's side of the records."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.records import PendingReply, Records, StorageError, UnknownSession

from .conftest import Clock, Execute

WHO, CHAT = "tg-1", "42"
BODY = {"messages": [{"text": "An answer."}], "custom": {"outcome": "answer", "topic": "pain"}}
_updates = iter(range(1, 10_000))


def take(records: Records, message: str = "m10", sender: str = WHO, address: str = CHAT) -> bool:
    return records.take_update(next(_updates), sender, address, message, {"text": "hi"})


def answer(records: Records, message: str = "m10", sender: str = WHO, address: str = CHAT) -> None:
    assert take(records, message, sender, address)
    claim = records.claim_turn(sender, 5)
    assert claim is not None
    assert records.answer_turn(claim, BODY) is not None


def claimed(records: Records, seen: int = 0, sender: str = WHO) -> PendingReply:
    reply = records.claim_reply(sender, 4, seen)
    assert reply is not None
    return reply


def sent_after(sql: Execute) -> object:
    return sql("SELECT sent_after FROM deliveries ORDER BY entry_id DESC")[0][0]


def arrive(records: Records, number: int, seen: int = 0) -> None:
    assert records.note_arrival(claimed(records, seen), number, more=False, seen=seen)


def test_a_tapped_button_is_marked(records: Records) -> None:
    answer(records)
    reply = claimed(records)
    tap = records.tap(WHO, reply.key, 2)
    assert tap is not None
    assert (tap.sender, tap.body, tap.tapped) == (WHO, BODY, (2,))
    again = records.tap(WHO, reply.key, 0)
    assert again is not None
    assert again.tapped == (0, 2)
    same = records.tap(WHO, reply.key, 2)
    assert same is not None
    assert same.tapped == (0, 2)


def test_buttons_tapped_at_once_are_all_marked(records: Records) -> None:
    answer(records)
    key = claimed(records).key
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: records.tap(WHO, key, index), range(8)))
    last = records.tap(WHO, key, 0)
    assert last is not None
    assert last.tapped == tuple(range(8))


def test_nobody_taps_anothers_button(records: Records) -> None:
    answer(records)
    take(records, "m11", "tg-2", "43")
    key = claimed(records).key
    assert records.tap("tg-2", key, 0) is None
    assert records.tap(WHO, "unknown", 0) is None


def test_keys_are_not_alike(records: Records) -> None:
    keys = set()
    for number in range(5):
        answer(records, f"m{number}")
        reply = claimed(records)
        keys.add(reply.key)
        records.note_arrival(reply, number, more=False, seen=0)
    assert len(keys) == 5
    assert all(len(key) == 16 for key in keys)


@pytest.mark.parametrize(("outcome", "had"), [("crisis", True), ("emergency", False)])
def test_a_crisis_is_remembered(records: Records, outcome: str, had: bool) -> None:
    take(records)
    claim = records.claim_turn(WHO, 5)
    assert claim is not None
    records.answer_turn(claim, {"messages": [], "custom": {"outcome": outcome}})
    assert records.had_crisis(WHO) is had


def test_a_crisis_is_not_made_up(records: Records) -> None:
    assert records.had_crisis(WHO) is False
    take(records)
    assert records.had_crisis(WHO) is False


def test_the_highest_number(records: Records, clock: Clock) -> None:
    assert records.highest_number() == 0
    take(records, "m10")
    assert records.highest_number() == 10
    take(records, "c99")
    assert records.highest_number() == 10, "a tap's name is no number"
    claim = records.claim_turn(WHO, 5)
    assert claim is not None
    records.answer_turn(claim, BODY)
    claimed(records, seen=14)
    assert records.highest_number() == 14, "known when the reply went"
    clock.forward(seconds=4)
    arrive(records, 17)
    assert records.highest_number() == 17


def test_numbers_of_others_do_not_count(records: Records) -> None:
    answer(records, "m10", "tg-small", "-42")
    answer(records, "m5000", "tg-large", str(-(10**12) - 7))
    reply = claimed(records, sender="tg-large")
    records.note_arrival(reply, 5001, more=False, seen=0)
    records.open_session("web-1", "website")
    records.add_message("web-1", "m9000", {"text": "hi"})
    assert records.highest_number() == 10


def test_forgetting_leaves_no_row(records: Records, sql: Execute) -> None:
    answer(records)
    take(records, "m11")
    reply = claimed(records)
    records.begin_erasure(conversation="c", sender=WHO)

    for table in ("sessions", "entries", "deliveries"):
        assert sql(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert sql("SELECT count(*) FROM telegram_updates") == [(2,)], "numbers of nobody"
    assert not records.note_arrival(reply, 12, more=False, seen=12)
    assert records.tap(WHO, reply.key, 0) is None
    assert records.next_reply(WHO) is None
    assert records.drop_replies(WHO) == 0


def test_the_numbers_of_old_updates_are_deleted(
    records: Records, clock: Clock, sql: Execute
) -> None:
    take(records)
    clock.forward(days=3)
    records.purge(30)
    assert sql("SELECT count(*) FROM telegram_updates") == [(1,)]
    clock.forward(seconds=1)
    records.purge(30)
    assert sql("SELECT count(*) FROM telegram_updates") == [(0,)]


def test_an_old_chat_keeps_what_is_young(records: Records, clock: Clock) -> None:
    answer(records, "m10")
    clock.forward(days=20)
    answer(records, "m11")
    take(records, "m12")
    clock.forward(days=11)

    assert records.purge(30).entries_deleted == 2
    assert [entry.message_id for entry in records.history(WHO)] == ["m11", "m11", "m12"]
    assert claimed(records).message_id == "m11"
    clock.forward(days=20)
    records.purge(30)
    with pytest.raises(UnknownSession):
        records.history(WHO)


def test_a_key_twice_is_refused(records: Records, sql: Execute) -> None:
    answer(records, "m10")
    answer(records, "m11")
    with pytest.raises(Exception, match=r"(?i)unique"):
        sql("UPDATE deliveries SET key = 'same'")


def test_a_number_that_no_database_holds(records: Records) -> None:
    with pytest.raises((StorageError, OverflowError)):
        records.take_update(2**63, WHO, CHAT, "m1", {})


def test_a_lease_is_told_by_its_holder(records: Records) -> None:
    answer(records)
    reply = claimed(records)
    assert not records.renew_reply(replace(reply, holder="somebody else"), 4)
    assert records.renew_reply(reply, 4)
