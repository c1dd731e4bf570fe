"""What is known of a turn that is over: why it failed, for whom in code, and none of its words."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import LockError
from sqlalchemy.exc import OperationalError

from bot import logs
from bot.channels.guard import GaveUp, Guard
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.records import Records, StorageError, conversation_reference
from bot.settings import Settings
from tests.metrics.counted import Counted

SENDER, TEXT = "ann@example.org", "Something private"
CUSTOM = {
    "schema": "reply/1",
    "outcome": "answer",
    "topic": "pain",
    "parts": [{"outcome": "answer", "topic": "pain"}, {"outcome": "answer", "topic": "fatigue"}],
    "disclaimers": ["education_only"],
}


@pytest.fixture
def guard(settings: Settings, records: Records) -> Guard:
    quick = Settings(
        data_dir=settings.data_dir,
        database_url=settings.database_url,
        secret_key="key",
        action_timeout=0.1,
        turn_deadline=0.3,
    )
    return Guard(SafeReplies(load_content(), records, quick), quick)


def message(channel: str = "rest") -> UserMessage:
    return UserMessage(TEXT, sender_id=SENDER, input_channel=channel)


async def answers(given: UserMessage) -> None:
    assert given.output_channel is not None
    for what in ({"text": f"Reply to {TEXT}"}, {"custom": CUSTOM}):
        await given.output_channel.send_response(given.sender_id, what)


async def log_of(guard: Guard, handler: Any, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The fields of the one line that the turn leaves."""
    with caplog.at_level(logging.INFO, logger="bot.turns"):
        await guard.run(message(), handler)
    (line,) = [found for found in caplog.records if found.name == "bot.turns"]
    read: dict[str, Any] = json.loads(logs.JsonFormatter().format(line))
    return read


async def test_a_turn_leaves_one_line(guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    line = await log_of(guard, answers, caplog)

    assert line["event"] == "turn"
    assert line["conversation"] == conversation_reference(SENDER, b"key")
    assert (line["channel"], line["outcome"], line["topic"]) == ("rest", "answer", "pain")
    assert line["parts"] == 2
    assert 0 <= line["duration_ms"] < 5000
    assert "fault" not in line
    assert SENDER not in json.dumps(line)
    assert TEXT not in json.dumps(line)


async def test_a_turn_is_counted(guard: Guard) -> None:
    turns = Counted("guide_turns_total", channel="telegram", outcome="answer")

    await guard.run(message("telegram"), answers)

    assert turns.grown == 1


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (LockError("x"), "lock_fault"),
        (OperationalError("x", {}, Exception()), "store_fault"),
        (StorageError("x"), "store_fault"),
        (GaveUp("x"), "gave_up"),
        (ValueError(TEXT), "other"),
        (None, "incomplete"),
    ],
)
async def test_why_a_turn_had_no_reply_is_told(
    guard: Guard, failure: Exception | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    guard.protect(SimpleNamespace(action_endpoint=None, processor=object()))  # type: ignore[arg-type]
    replies = Counted("guide_safe_replies_total", reason=reason)

    async def fails(given: UserMessage) -> None:
        if failure is not None:
            raise failure

    line = await log_of(guard, fails, caplog)

    assert (line["fault"], line["outcome"]) == (reason, "unavailable")
    assert replies.grown == 1
    assert TEXT not in caplog.text


async def test_the_deadline_is_told_from_other_failures(
    guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    async def hangs(given: UserMessage) -> None:
        await asyncio.sleep(30)

    assert (await log_of(guard, hangs, caplog))["fault"] == "deadline"


async def test_a_server_without_a_model_says_so(
    guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    down = Counted("guide_degraded", part="model")

    async def nothing(given: UserMessage) -> None:
        return None

    assert (await log_of(guard, nothing, caplog))["fault"] == "no_model"
    assert down.grown == 1
    guard.protect(SimpleNamespace(action_endpoint=None, processor=object()))  # type: ignore[arg-type]
    assert down.grown == 0


async def test_a_turn_that_even_the_safe_reply_fails_is_counted(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    unanswered = Counted("guide_turns_unanswered_total", channel="rest")

    async def broken(given: UserMessage) -> Any:
        raise RuntimeError("no content")

    monkeypatch.setattr(guard, "_safe", broken)
    with pytest.raises(RuntimeError):
        await guard.run(message(), broken)

    assert unanswered.grown == 1


async def test_a_key_that_cannot_be_read_costs_no_reply(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreadable(self: Settings) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Settings, "secret", unreadable)
    line = await log_of(guard, answers, caplog)

    assert line["outcome"] == "answer"
    assert "conversation" not in line
