"""The one object: each of its failures is a RecordsError, whatever the database does."""

import inspect
from collections.abc import Callable

import pytest

from bot.records import ClaimedTurn, Records, RecordsError, StorageError, errors

TURN = ClaimedTurn("web-1", "turn", "m", {}, 1)

CALLS: dict[str, Callable[[Records], object]] = {
    "open_escalation": lambda records: records.open_escalation(
        outcome="crisis", channel="web", conversation="c", message_key="1", text="text"
    ),
    "escalations": lambda records: records.escalations(),
    "escalation": lambda records: records.escalation("E-222222"),
    "take": lambda records: records.take("E-222222", "Ann"),
    "resolve": lambda records: records.resolve("E-222222", "Ann", "done"),
    "add_feedback": lambda records: records.add_feedback(
        conversation="c", topic="pain", helpful=True
    ),
    "add_comment": lambda records: records.add_comment("c", "comment"),
    "feedback": lambda records: records.feedback(),
    "begin_erasure": lambda records: records.begin_erasure(conversation="c", sender="s"),
    "finish_erasure": lambda records: records.finish_erasure("s"),
    "pending_erasures": lambda records: records.pending_erasures(),
    "erasures": lambda records: records.erasures(),
    "purge": lambda records: records.purge(30),
    "notification": lambda records: records.notification("E-222222"),
    "ping": lambda records: records.ping(),
    "open_session": lambda records: records.open_session("web-1", "website"),
    "require_session": lambda records: records.require_session("web-1"),
    "entries": lambda records: records.history("web-1"),
    "add_message": lambda records: records.add_message("web-1", "m", {}),
    "claim_turn": lambda records: records.claim_turn("web-1", 1),
    "renew_turn": lambda records: records.renew_turn(TURN, 1),
    "answer_turn": lambda records: records.answer_turn(TURN, {}),
    "unanswered_sessions": lambda records: records.unanswered_sessions("website"),
    "turn_runs": lambda records: records.turn_runs("web-1"),
    "rate_reply": lambda records: records.rate_reply("web-1", "m", conversation="c", helpful=True),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_database_that_is_down_is_a_storage_error(name: str) -> None:
    records = Records("postgresql://user@127.0.0.1:1/db")
    with pytest.raises(StorageError, match="records database failed"):
        CALLS[name](records)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"finish_erasure"}))
def test_missing_tables_are_a_storage_error(name: str, empty_url: str) -> None:
    records = Records(empty_url)
    with pytest.raises(StorageError):
        CALLS[name](records)
    records.close()


def test_every_error_is_a_records_error() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert len(kinds) > 10
    assert all(issubclass(kind, RecordsError) and kind.__doc__ for kind in kinds)


def test_every_public_method_is_documented() -> None:
    for name, method in inspect.getmembers(Records, inspect.isfunction):
        assert name.startswith("_") or method.__doc__, name
