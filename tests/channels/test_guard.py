"""The guard: whatever a turn does, it ends in time with one complete reply."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.utils.endpoints import EndpointConfig

from bot.action_endpoint import GuardedEndpoint
from bot.channels.guard import Guard, WholeTextCollector, send
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.quick_actions import QuickProcessor
from bot.records import Records
from bot.reply.contract import validate
from bot.settings import Settings

TEXT = "Something private"
CUSTOM = {
    "schema": "reply/1",
    "outcome": "off_topic",
    "topic": None,
    "parts": [{"outcome": "off_topic"}],
    "disclaimers": [],
}


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return Settings(
        data_dir=settings.data_dir,
        database_url=settings.database_url,
        secret_key="key",
        action_timeout=0.1,
        turn_deadline=0.3,
    )


@pytest.fixture
def guard(quick: Settings, records: Records) -> Guard:
    return Guard(SafeReplies(load_content(), records, quick), quick)


def message(text: str | None = TEXT, channel: str | None = "rest") -> UserMessage:
    return UserMessage(text, sender_id="ann", input_channel=channel)


async def say(given: UserMessage, **what: Any) -> None:
    assert given.output_channel is not None
    await given.output_channel.send_response(given.sender_id, what)


async def raises(given: UserMessage) -> None:
    raise RuntimeError(TEXT)


async def raises_halfway(given: UserMessage) -> None:
    await say(given, text="Half")
    raise RuntimeError


async def hangs(given: UserMessage) -> None:
    await asyncio.sleep(30)


async def hangs_halfway(given: UserMessage) -> None:
    await say(given, text="Half")
    await asyncio.sleep(30)


async def sends_nothing(given: UserMessage) -> None:
    return None


async def sends_a_text(given: UserMessage) -> None:
    await say(given, text="Half")


async def sends_an_empty_text(given: UserMessage) -> None:
    await say(given, text=" ")
    await say(given, custom=CUSTOM)


async def sends_data(given: UserMessage) -> None:
    await say(given, custom=CUSTOM)


@pytest.mark.parametrize(
    "handler",
    [
        raises,
        raises_halfway,
        hangs,
        hangs_halfway,
        sends_nothing,
        sends_a_text,
        sends_an_empty_text,
        sends_data,
    ],
)
async def test_a_turn_without_a_complete_reply_gets_the_safe_one(
    guard: Guard, handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()

    messages = await guard.run(message(), handler)

    assert time.monotonic() - started < 2
    assert not any(found.get("text") == "Half" for found in messages)
    assert_complete(messages, "unavailable")
    assert TEXT not in caplog.text


def assert_complete(messages: list[dict[str, Any]], outcome: str) -> None:
    customs = [found["custom"] for found in messages if "custom" in found]
    assert len(customs) == 1
    validate(customs[0])
    assert customs[0]["outcome"] == outcome
    assert any(found.get("text") for found in messages)
    assert {found["recipient_id"] for found in messages} == {"ann"}


async def test_a_complete_reply_is_passed_on_as_it_is(guard: Guard) -> None:
    buttons = [{"title": "A", "payload": "/a"}]

    async def answers(given: UserMessage) -> None:
        await say(given, text="One.\n\nStill one.\n")
        await say(given, text="Two.", buttons=buttons)
        await say(given, custom=CUSTOM)

    assert await guard.run(message(), answers) == [
        {"recipient_id": "ann", "text": "One.\n\nStill one."},
        {"recipient_id": "ann", "text": "Two.", "buttons": buttons},
        {"recipient_id": "ann", "custom": CUSTOM},
    ]


@pytest.mark.parametrize("how", ["raises", "hangs"])
async def test_a_reply_that_was_complete_before_the_failure_is_kept(guard: Guard, how: str) -> None:
    async def answers(given: UserMessage) -> None:
        await say(given, text="Whole.")
        await say(given, custom=CUSTOM)
        await (raises if how == "raises" else hangs)(given)

    assert [found.get("text") for found in await guard.run(message(), answers)] == ["Whole.", None]


async def test_a_turn_never_sends_two_machine_readable_messages(guard: Guard) -> None:
    async def answers_twice(given: UserMessage) -> None:
        for _ in range(2):
            await say(given, text="Whole.")
            await say(given, custom=CUSTOM)

    messages = await guard.run(message(), answers_twice)

    assert sum("custom" in found for found in messages) == 1


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("I want to kill myself", "crisis"), ("she is unresponsive", "emergency")],
)
async def test_danger_is_seen_and_recorded_when_the_turn_fails(
    guard: Guard, records: Records, text: str, outcome: str
) -> None:
    messages = await guard.run(message(text), raises)

    assert_complete(messages, outcome)
    row = records.escalation(messages[-1]["custom"]["escalation"])
    assert (row.outcome, row.channel, row.excerpt) == (outcome, "rest", text)


async def test_a_message_without_text_or_channel_gets_a_reply(guard: Guard) -> None:
    given = message(None, None)

    assert_complete(await guard.run(given, sends_nothing), "unavailable")


async def test_who_goes_away_cancels_the_turn(guard: Guard) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def waits(given: UserMessage) -> None:
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    turn = asyncio.ensure_future(guard.run(message(), waits))
    await begun.wait()
    turn.cancel()

    with pytest.raises(asyncio.CancelledError):
        await turn
    assert cancelled.is_set()


def agent(endpoint: Any, processor: Any) -> Any:
    return SimpleNamespace(action_endpoint=endpoint, processor=processor)


def test_the_agent_is_protected_once(guard: Guard, quick: Settings) -> None:
    processor = SimpleNamespace(action_endpoint=None)
    protected = agent(EndpointConfig("http://elsewhere", selective_domain=True), processor)

    guard.protect(protected)
    first = protected.action_endpoint
    guard.protect(protected)

    assert isinstance(first, GuardedEndpoint)
    assert protected.action_endpoint is first is processor.action_endpoint
    assert first.url == quick.action_url
    assert first.kwargs == {"selective_domain": True}


def test_an_agent_without_processor_or_endpoint_is_taken(guard: Guard) -> None:
    bare = agent(None, None)
    guard.protect(bare)
    assert bare.action_endpoint is None

    loading = agent(EndpointConfig("http://elsewhere"), None)
    guard.protect(loading)
    assert isinstance(loading.action_endpoint, GuardedEndpoint)


async def test_send_keeps_the_order_and_the_messages() -> None:
    channel = WholeTextCollector()
    messages: list[dict[str, Any]] = [{"text": "a"}, {"custom": {"b": 1}}, {"text": "c"}]

    await send(channel, "ann", messages)

    assert [found.get("text") for found in channel.messages] == ["a", None, "c"]
    assert messages[1] == {"custom": {"b": 1}}


async def test_paragraphs_stay_together_unlike_in_rasa() -> None:
    ours, rasas = WholeTextCollector(), CollectingOutputChannel()

    for channel in (ours, rasas):
        await channel.send_response("ann", {"text": "One.\n\nTwo."})

    assert (len(ours.messages), len(rasas.messages)) == (1, 2)


async def test_logs_name_the_kind_of_failure(
    guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        await guard.run(message(), hangs)

    assert "A turn failed (TimeoutError)" in caplog.text


def test_the_agents_actions_are_quick_from_then_on(guard: Guard) -> None:
    endpoint = EndpointConfig("http://elsewhere")
    processor = MessageProcessor.__new__(MessageProcessor)
    processor.model_path, processor.action_endpoint = "here", endpoint
    protected = agent(endpoint, processor)

    guard.protect(protected)
    first = protected.processor
    guard.protect(protected)

    assert isinstance(first, QuickProcessor)
    assert protected.processor is first
    assert (first.model_path, first.action_endpoint) == ("here", protected.action_endpoint)
