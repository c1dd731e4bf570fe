"""What is told of a turn, and of what: values that are known, of no other conversation."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from bot.event_broker import AnalyticsBroker, turn_message
from bot.settings import Settings
from tests.metrics.counted import Counted
from tests.test_event_broker import WORDS, bot_event


async def test_an_event_of_no_known_shape_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    made = AnalyticsBroker("amqp://127.0.0.1:1")
    dropped = Counted("guide_analytics_messages_total", result="dropped")
    with caplog.at_level(logging.ERROR):
        made.publish({**bot_event(), "timestamp": WORDS})
    made.publish({"event": "slot", "name": "erasure", "value": WORDS})
    made.publish({"event": "bot", "data": None, "text": WORDS})
    assert dropped.grown == 1
    assert "ValueError" in caplog.text
    assert WORDS not in caplog.text
    assert made._waiting.empty()


@pytest.mark.parametrize("custom", [{}, {"parts": [{"outcome": WORDS, "topic": WORDS}]}])
def test_only_values_that_are_known_are_told(custom: dict[str, Any]) -> None:
    given = {"outcome": WORDS, "disclaimers": [f"{WORDS} takes {WORDS}"], **custom}
    told = turn_message(given, WORDS, 3599.0)
    assert WORDS not in str(told)
    assert told["hour"] == "1970-01-01T00:00Z"
    assert (told["outcome"], told["channel"], told["disclaimers"]) == ("other", "other", [])


async def test_the_channel_of_one_conversation_is_not_told_of_another() -> None:
    made = AnalyticsBroker("amqp://127.0.0.1:1")
    made.publish({"event": "user", "sender_id": "bob", "input_channel": "telegram"})
    made.publish(bot_event())
    made.publish({**bot_event(), "sender_id": "bob"})
    told = [json.loads(made._waiting.get_nowait().body) for _ in range(2)]
    assert [one["channel"] for one in told] == ["other", "telegram"]


def test_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="EVENT_BROKER_URL must begin"):
        Settings.from_env({"EVENT_BROKER_URL": "kafka://host"})
