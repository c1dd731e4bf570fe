"""What was said on the website: in order, once, and answered by one server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.records import ClaimedTurn, Records, UnknownMessage, UnknownSession

from .conftest import Clock, Execute

WHO = "web-1"
BODY = {"messages": [{"text": "An answer."}], "custom": {"outcome": "answer", "topic": "pain"}}


@pytest.fixture
def web(records: Records) -> Records:
    """Records with an open session."""
    records.open_session(WHO, "website")
    return records


def claimed(records: Records, seconds: float = 5) -> ClaimedTurn:
    claim = records.claim_turn(WHO, seconds)
    assert claim is not None
    return claim


def answered(records: Records, message: str = "m1") -> None:
    records.add_message(WHO, message, {"text": "hi"})
    assert records.answer_turn(claimed(records), BODY) is not None


def rows(sql: Execute) -> tuple[object, ...]:
    tables = ("sessions", "entries", "feedback")
    return tuple(sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables)


def test_entries_are_numbered_and_come_back_in_order(web: Records, clock: Clock) -> None:
    web.add_message(WHO, "m1", {"text": "one"})
    web.add_message(WHO, "m2", {"text": "zwei 🫁"})
    web.answer_turn(claimed(web), BODY)

    entries = web.history(WHO)
    assert [(e.seq, e.author, e.message_id) for e in entries] == [
        (1, "user", "m1"),
        (2, "user", "m2"),
        (3, "bot", "m1"),
    ]
    assert (entries[1].body, entries[2].body) == ({"text": "zwei 🫁"}, BODY)
    assert entries[0].at == clock.now
    assert [e.seq for e in web.history(WHO, after=2)] == [3]


def test_a_message_is_stored_once(web: Records) -> None:
    first, new = web.add_message(WHO, "m1", {"text": "one"})
    again, second = web.add_message(WHO, "m1", {"text": "changed"})

    assert (new, second) == (True, False)
    assert again == first


def test_the_same_id_in_two_sessions_is_two_messages(web: Records) -> None:
    web.open_session("web-2", "website")
    assert web.add_message(WHO, "m1", {"text": "one"})[1]
    assert web.add_message("web-2", "m1", {"text": "two"})[1]


def test_opening_twice_loses_nothing(web: Records) -> None:
    web.add_message(WHO, "m1", {"text": "one"})
    web.open_session(WHO, "website")
    assert len(web.history(WHO)) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda records: records.require_session("web-0"),
        lambda records: records.history("web-0"),
        lambda records: records.add_message("web-0", "m", {}),
        lambda records: records.answer_turn(ClaimedTurn("web-0", "t", "m", {}, 1), BODY),
        lambda records: records.rate_reply("web-0", "m", conversation="c", helpful=True),
    ],
)
def test_a_session_that_is_not_there(web: Records, call: Callable[[Records], object]) -> None:
    with pytest.raises(UnknownSession):
        call(web)
    assert web.claim_turn("web-0", 1) is None


def test_messages_are_claimed_one_by_one_in_order(web: Records) -> None:
    for name in ("m1", "m2"):
        web.add_message(WHO, name, {"text": name})

    first = claimed(web)
    assert (first.message_id, first.body, first.attempt) == ("m1", {"text": "m1"}, 1)
    assert web.claim_turn(WHO, 5) is None
    assert web.turn_runs(WHO)
    assert web.unanswered_sessions("website") == []
    web.answer_turn(first, BODY)
    assert not web.turn_runs(WHO)
    assert web.unanswered_sessions("website") == [WHO]
    assert claimed(web).message_id == "m2"


def test_nothing_is_left_to_claim(web: Records) -> None:
    assert web.claim_turn(WHO, 5) is None
    answered(web)
    assert web.claim_turn(WHO, 5) is None
    assert web.unanswered_sessions("website") == []


def test_a_dead_servers_message_is_claimed_again(web: Records, clock: Clock) -> None:
    web.add_message(WHO, "m1", {"text": "one"})
    dead = claimed(web, 5)
    clock.forward(seconds=4.9)
    assert web.claim_turn(WHO, 5) is None
    clock.forward(seconds=0.1)
    assert web.unanswered_sessions("website") == [WHO]

    second = claimed(web)
    assert (second.message_id, second.attempt) == ("m1", 2)
    assert web.answer_turn(dead, BODY) is None, "it was not dead after all, but too late"
    assert not web.renew_turn(dead, 5)
    entry = web.answer_turn(second, BODY)
    assert entry is not None
    assert [e.seq for e in web.history(WHO)] == [1, entry.seq] == [1, 2]


def test_a_renewed_lease_lasts(web: Records, clock: Clock) -> None:
    web.add_message(WHO, "m1", {"text": "one"})
    claim = claimed(web, 5)
    for _ in range(3):
        clock.forward(seconds=4)
        assert web.renew_turn(claim, 5)
        assert web.claim_turn(WHO, 5) is None
    assert web.answer_turn(claim, BODY) is not None


def test_of_many_servers_one_answers(web: Records) -> None:
    for number in range(5):
        web.add_message(WHO, f"m{number}", {"text": "hi"})

    def serve(_: int) -> int:
        done = 0
        while len(web.history(WHO)) < 10:
            if (claim := web.claim_turn(WHO, 60)) is not None:
                done += web.answer_turn(claim, BODY) is not None
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(serve, range(4))) == 5
    replies = [e.message_id for e in web.history(WHO) if e.author == "bot"]
    assert replies == [f"m{number}" for number in range(5)]


def test_numbers_have_no_gaps_when_tabs_write_at_once(web: Records) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: web.add_message(WHO, f"m{n % 20}", {"text": "hi"}), range(40)))
    assert [e.seq for e in web.history(WHO)] == list(range(1, 21))


def test_an_opinion_is_kept_once_and_may_change(web: Records) -> None:
    answered(web)
    web.rate_reply(WHO, "m1", conversation="c0ffee", helpful=False)
    web.rate_reply(
        WHO, "m1", conversation="c0ffee", helpful=False, comment="Write to ann@example.org"
    )
    (kept,) = web.feedback()
    assert (kept.topic, kept.helpful, kept.conversation) == ("pain", False, "c0ffee")
    assert kept.comment is not None
    assert "ann@" not in kept.comment

    web.rate_reply(WHO, "m1", conversation="c0ffee", helpful=True)
    (kept,) = web.feedback()
    assert (kept.helpful, bool(kept.comment)) == (True, True)


def test_an_opinion_whose_row_is_purged_is_written_anew(web: Records, sql: Execute) -> None:
    answered(web)
    web.rate_reply(WHO, "m1", conversation="c", helpful=False)
    sql("DELETE FROM feedback")
    web.rate_reply(WHO, "m1", conversation="c", helpful=True)
    assert [kept.helpful for kept in web.feedback()] == [True]


@pytest.mark.parametrize("message", ["m2", "nothing"])
def test_an_opinion_needs_a_reply(web: Records, message: str) -> None:
    answered(web)
    web.add_message(WHO, "m2", {"text": "not answered yet"})
    with pytest.raises(UnknownMessage):
        web.rate_reply(WHO, message, conversation="c", helpful=True)


@pytest.mark.parametrize(
    ("custom", "topic"),
    [({"outcome": "dosing", "topic": None}, "dosing"), ({}, "none"), (None, "none")],
)
def test_the_topic_of_an_opinion(web: Records, custom: object, topic: str) -> None:
    web.add_message(WHO, "m1", {"text": "hi"})
    web.answer_turn(claimed(web), {"messages": [], "custom": custom})
    web.rate_reply(WHO, "m1", conversation="c", helpful=True)
    assert [kept.topic for kept in web.feedback()] == [topic]


def test_forgetting_leaves_no_row(web: Records, sql: Execute) -> None:
    answered(web)
    web.rate_reply(WHO, "m1", conversation="c0ffee", helpful=True)
    web.add_message(WHO, "m2", {"text": "in the middle of a turn"})
    claim = claimed(web)

    web.begin_erasure(conversation="c0ffee", sender=WHO)

    assert rows(sql) == (0, 0, 0)
    with pytest.raises(UnknownSession):
        web.answer_turn(claim, BODY)
    web.finish_erasure(WHO)
    assert rows(sql) == (0, 0, 0)


def test_a_session_opened_between_the_steps_of_forgetting_goes_too(
    web: Records, sql: Execute
) -> None:
    web.begin_erasure(conversation="c0ffee", sender=WHO)
    web.open_session(WHO, "website")
    answered(web)
    web.finish_erasure(WHO)
    assert rows(sql) == (0, 0, 0)


def test_forgetting_one_leaves_the_others(web: Records, sql: Execute) -> None:
    web.open_session("web-2", "website")
    web.add_message("web-2", "m1", {"text": "hi"})
    web.begin_erasure(conversation="c0ffee", sender=WHO)
    assert rows(sql) == (1, 1, 0)


def test_what_was_forgotten_is_not_in_the_files(
    web: Records, url: str, sql: Execute, tmp_path: object
) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL cleans up by itself")
    from pathlib import Path

    web.add_message(WHO, "m1", {"text": "a very private sentence"})
    web.begin_erasure(conversation="c0ffee", sender=WHO)
    for file in Path(url.removeprefix("sqlite:///")).parent.iterdir():
        assert b"a very private sentence" not in file.read_bytes()


def test_retention_deletes_old_entries_and_old_sessions(
    web: Records, clock: Clock, sql: Execute
) -> None:
    answered(web, "m1")
    clock.forward(days=6)
    web.open_session("web-2", "website")
    answered(web, "m2")
    web.add_message("web-2", "m3", {"text": "hi"})
    clock.forward(days=4, seconds=1)

    assert web.purge(10).entries_deleted == 2
    with pytest.raises(UnknownSession):
        web.history(WHO)
    assert len(web.history("web-2")) == 1
    assert rows(sql) == (1, 1, 0)


def test_retention_keeps_what_is_young(web: Records, clock: Clock) -> None:
    answered(web)
    clock.forward(days=10)
    assert web.purge(10).entries_deleted == 0
    assert len(web.history(WHO)) == 2


def test_unused_sessions_are_deleted_after_a_day(web: Records, clock: Clock, sql: Execute) -> None:
    web.open_session("web-2", "website")
    web.add_message("web-2", "m1", {"text": "hi"})
    clock.forward(days=1)
    web.purge(30)
    assert rows(sql)[0] == 2
    clock.forward(seconds=1)
    web.purge(30)
    assert rows(sql)[0] == 1
    web.require_session("web-2")
