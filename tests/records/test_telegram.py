"""Telegram's rows: updates taken once, replies sent by one server, one message after another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import text

from bot.records import PendingReply, Records, database, upgrade

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


def test_an_update_is_taken_once(records: Records) -> None:
    assert records.take_update(5, WHO, CHAT, "m10", {"text": "hi"})
    assert not records.take_update(5, WHO, CHAT, "m11", {"text": "other words"})
    assert [entry.message_id for entry in records.history(WHO)] == ["m10"]


def test_a_message_is_taken_once_though_it_was_edited(records: Records) -> None:
    assert records.take_update(5, WHO, CHAT, "m10", {"text": "hi"})
    assert not records.take_update(6, WHO, CHAT, "m10", {"text": "changed"})
    assert [entry.body for entry in records.history(WHO)] == [{"text": "hi"}]


def test_an_update_is_taken_and_claimed_in_one(records: Records) -> None:
    new, claim = records.take_and_claim(5, WHO, CHAT, "m10", {"text": "hi"}, 5)
    assert new
    assert claim is not None
    assert (claim.message_id, claim.body, claim.attempt) == ("m10", {"text": "hi"}, 1)
    assert records.take_and_claim(5, WHO, CHAT, "m10", {"text": "hi"}, 5) == (False, None)
    assert records.take_and_claim(6, WHO, CHAT, "m11", {"text": "ho"}, 5) == (True, None), "held"


def test_the_oldest_message_is_claimed_whichever_was_taken(records: Records) -> None:
    assert take(records, "m10")
    new, claim = records.take_and_claim(9_999, WHO, CHAT, "m11", {"text": "hi"}, 5)
    assert new
    assert claim is not None
    assert claim.message_id == "m10"


def test_messages_of_two_chats_are_two(records: Records) -> None:
    assert take(records, "m10")
    assert take(records, "m10", "tg-2", "43")
    assert records.unanswered_sessions("telegram") in ([WHO, "tg-2"], ["tg-2", WHO])
    assert records.unanswered_sessions("website") == []


def test_of_many_servers_one_takes_an_update(records: Records) -> None:
    def serve(number: int) -> bool:
        return records.take_update(number % 5, WHO, CHAT, f"m{number % 5}", {"text": "hi"})

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(serve, range(20))) == 5
    assert [entry.seq for entry in records.history(WHO)] == [1, 2, 3, 4, 5]


def test_a_chat_that_is_just_being_forgotten_is_opened_again(postgres_url: str) -> None:
    """SQLite lets one writer in at a time."""
    upgrade(postgres_url)
    records, engine = Records(postgres_url), database.connect(postgres_url)
    take(records)
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as forgetting:
            forgetting.execute(text("SELECT 1 FROM sessions WHERE sender = 'tg-1' FOR UPDATE"))
            taking = pool.submit(take, records, "m11")
            assert not wait({taking}, timeout=0.5).done
            forgetting.execute(text("DELETE FROM entries"))
            forgetting.execute(text("DELETE FROM sessions"))
        assert taking.result(10)
    assert [entry.message_id for entry in records.history(WHO)] == ["m11"]
    engine.dispose()
    records.close()


def test_a_reply_is_sent_to_its_chat(records: Records) -> None:
    answer(records)
    assert records.next_reply(WHO) == (CHAT, BODY)
    assert records.unsent_replies("telegram") == [WHO]
    assert records.unsent_replies("website") == []

    reply = claimed(records)
    assert (reply.sender, reply.message_id, reply.address) == (WHO, "m10", CHAT)
    assert (reply.body, reply.arrived, reply.sent_after, reply.attempts) == (BODY, (), None, 0)
    assert records.note_arrival(reply, 11, more=False, seen=11)
    assert records.next_reply(WHO) is None
    assert records.claim_reply(WHO, 4, 0) is None
    assert records.unsent_replies("telegram") == []


def test_a_reply_is_stored_and_claimed_in_one(records: Records, sql: Execute) -> None:
    _, claim = records.take_and_claim(1, WHO, CHAT, "m10", {"text": "hi"}, 5)
    assert claim is not None
    entry, reply = records.answer_and_claim(claim, BODY, 4, 20)
    assert entry is not None
    assert reply is not None
    assert (entry.body, reply.message_id, reply.body) == (BODY, "m10", BODY)
    assert (reply.address, reply.arrived, reply.sent_after) == (CHAT, (), None)
    assert sent_after(sql) == 20
    assert records.unsent_replies("telegram") == []
    assert records.note_arrival(reply, 21, more=False, seen=21)
    assert records.answer_and_claim(claim, BODY, 4, 20) == (None, None)


def test_behind_a_reply_that_is_being_sent_none_is_claimed(records: Records) -> None:
    answer(records, "m10")
    claimed(records)
    take(records, "m11")
    claim = records.claim_turn(WHO, 5)
    assert claim is not None
    entry, reply = records.answer_and_claim(claim, BODY, 4, 20)
    assert entry is not None
    assert reply is None


def test_the_website_sends_nothing_by_itself(records: Records, sql: Execute) -> None:
    records.open_session("web-1", "website")
    records.add_message("web-1", "m1", {"text": "hi"})
    claim = records.claim_turn("web-1", 5)
    assert claim is not None
    records.answer_turn(claim, BODY)
    assert sql("SELECT count(*) FROM deliveries") == [(0,)]


def test_replies_go_in_order(records: Records) -> None:
    for message in ("m10", "m11"):
        answer(records, message)
    first = claimed(records)
    assert first.message_id == "m10"
    assert records.claim_reply(WHO, 4, 0) is None, "the second one waits for the first"
    assert records.next_reply(WHO) is None
    records.note_arrival(first, 12, more=False, seen=12)
    assert claimed(records).message_id == "m11"


def test_a_postponed_reply_holds_up_those_behind_it(records: Records, clock: Clock) -> None:
    for message in ("m10", "m11"):
        answer(records, message)
    assert records.postpone_reply(claimed(records), 10, unsure=False)
    clock.forward(seconds=9)
    assert records.claim_reply(WHO, 4, 0) is None
    assert records.next_reply(WHO) is None
    clock.forward(seconds=1)
    again = claimed(records)
    assert (again.message_id, again.attempts, again.sent_after) == ("m10", 1, None)


def test_a_dead_servers_reply_is_unsure(records: Records, clock: Clock) -> None:
    answer(records)
    dead = claimed(records, seen=20)
    assert records.unsent_replies("telegram") == []
    clock.forward(seconds=4)
    assert records.unsent_replies("telegram") == [WHO]

    second = claimed(records, seen=30)
    assert second.sent_after == 20, "it may have arrived since then"
    for late in (
        records.renew_reply(dead, 4),
        records.note_sending(dead, 99),
        records.note_arrival(dead, 21, more=False, seen=21),
        records.postpone_reply(dead, 4, unsure=False),
    ):
        assert not late
    assert records.note_arrival(second, 21, more=False, seen=30)


def test_a_renewed_lease_lasts(records: Records, clock: Clock) -> None:
    answer(records)
    reply = claimed(records)
    for _ in range(3):
        clock.forward(seconds=3)
        assert records.renew_reply(reply, 4)
        assert records.claim_reply(WHO, 4, 0) is None


@pytest.mark.parametrize(("unsure", "then"), [(True, 20), (False, None)])
def test_whether_a_postponed_message_may_have_arrived(
    records: Records, clock: Clock, unsure: bool, then: int | None
) -> None:
    answer(records)
    records.postpone_reply(claimed(records, seen=20), 1, unsure=unsure)
    clock.forward(seconds=1)
    assert claimed(records, seen=50).sent_after == then


def test_a_reply_of_two_messages(records: Records, clock: Clock, sql: Execute) -> None:
    answer(records)
    records.postpone_reply(claimed(records), 1, unsure=True)
    clock.forward(seconds=1)
    first = claimed(records)
    assert records.note_arrival(first, 11, more=True, seen=5)
    assert sent_after(sql) == 11, "the second one comes after the first"
    clock.forward(seconds=4)

    rest = claimed(records)
    assert (rest.arrived, rest.sent_after, rest.attempts) == ((11,), 11, 0)
    assert records.note_arrival(rest, 12, more=False, seen=12)
    assert sql("SELECT arrived, sent_after, done FROM deliveries") == [("[11, 12]", None, True)]


def test_what_did_not_arrive_is_looked_for_from_its_next_sending(
    records: Records, clock: Clock
) -> None:
    answer(records)
    records.postpone_reply(claimed(records, seen=20), 1, unsure=True)
    clock.forward(seconds=1)
    assert records.note_sending(claimed(records, seen=70), 70)
    clock.forward(seconds=4)
    assert claimed(records, seen=80).sent_after == 70


def test_a_server_that_knows_no_number_asks_the_session(records: Records, sql: Execute) -> None:
    answer(records, "m10")
    claimed(records, seen=0)
    assert sent_after(sql) == 10


def test_or_the_reply_before(records: Records, sql: Execute) -> None:
    answer(records, "m10")
    arrive(records, 17)
    answer(records, "cTapped")
    claimed(records, seen=0)
    assert sent_after(sql) == 17


def test_replies_of_a_closed_chat_are_dropped(records: Records) -> None:
    for message in ("m10", "m11"):
        answer(records, message)
    answer(records, "m12", "tg-2", "43")
    reply = claimed(records)
    assert records.drop_replies(WHO) == 2
    assert not records.note_arrival(reply, 13, more=False, seen=13)
    assert records.unsent_replies("telegram") == ["tg-2"]
    assert records.drop_replies(WHO) == 0
    assert len(records.history(WHO)) == 4


def test_one_reply_is_dropped(records: Records) -> None:
    for message in ("m10", "m11"):
        answer(records, message)
    assert records.drop_replies(WHO, claimed(records).entry_id) == 1
    assert claimed(records).message_id == "m11"


def test_what_was_escalated_stays(records: Records, escalate: Callable[..., str]) -> None:
    answer(records)
    reference = escalate(channel="telegram")
    records.drop_replies(WHO)
    assert [found.reference for found in records.escalations()] == [reference]
