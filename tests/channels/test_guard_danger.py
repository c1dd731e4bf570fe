"""Danger does not wait for its turn, and the model is asked where a turn cannot be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.guard import Guard
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.records import Records
from bot.settings import Settings
from tests.channels.test_guard import (
    CUSTOM,
    TEXT,
    agent,
    assert_complete,
    guard,
    hangs,
    message,
    quick,
    raises,
    say,
)

__all__ = ["guard", "quick"]


class Reader:
    """A processor that reads every message as one intent, and counts."""

    def __init__(self, intent: str) -> None:
        self.intent, self.asked = intent, 0
        self.action_endpoint = None

    async def parse_message(self, given: UserMessage) -> dict[str, Any]:
        self.asked += 1
        if self.intent == "breaks":
            raise RuntimeError(TEXT)
        return {"intent": {"name": self.intent}}


@pytest.fixture
def slow(quick: Settings) -> Settings:
    return replace(quick, turn_deadline=1.6)


async def test_danger_does_not_wait_for_a_turn_that_hangs(slow: Settings, records: Records) -> None:
    patient = Guard(SafeReplies(load_content(), records, slow), slow)
    ended = asyncio.Event()

    async def waits(given: UserMessage) -> None:
        try:
            await say(given, text="Late.")
            await asyncio.sleep(30)
        finally:
            ended.set()

    messages = await patient.run(message("I want to kill myself"), waits)

    assert not ended.is_set(), "the turn goes on behind the reply"
    assert_complete(messages, "crisis")
    assert records.escalation(messages[-1]["custom"]["escalation"]).outcome == "crisis"
    await asyncio.wait_for(ended.wait(), 60)


@pytest.mark.parametrize("intent", ["crisis", "emergency"])
async def test_danger_that_no_pattern_finds_is_found_by_the_model_when_a_turn_hangs(
    slow: Settings, records: Records, intent: str
) -> None:
    patient = Guard(SafeReplies(load_content(), records, slow), slow)
    patient.protect(agent(None, Reader(intent)))

    assert_complete(await patient.run(message("in other words"), hangs), intent)


async def test_a_turn_that_fails_is_read_by_the_model(guard: Guard, records: Records) -> None:
    reader = Reader("dosing")
    guard.protect(agent(None, reader))
    given = message("in other words")

    assert_complete(await guard.run(given, raises), "unavailable")
    assert reader.asked == 1
    assert "in other words" in {row.excerpt for row in records.escalations() if row.excerpt}


async def test_a_model_that_must_not_be_asked_or_cannot_read_is_no_end(
    guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    reader = Reader("crisis")
    guard.protect(agent(None, reader))
    assert_complete(await guard.run(message(), raises, usable=False), "unavailable")
    assert reader.asked == 0

    guard.protect(agent(None, Reader("breaks")))
    assert_complete(await guard.run(message("I want to kill myself"), raises), "crisis")
    assert "could not be read by itself (RuntimeError)" in caplog.text
    assert TEXT not in caplog.text


async def test_a_slow_turn_without_danger_is_waited_for(slow: Settings) -> None:
    patient = Guard(SafeReplies(load_content(), None, slow), slow)

    async def takes_its_time(given: UserMessage) -> None:
        await asyncio.sleep(3 * slow.urgent_seconds)
        await say(given, text="Whole.")
        await say(given, custom=CUSTOM)

    found = await patient.run(message(), takes_its_time)

    assert [one.get("text") for one in found] == ["Whole.", None]
