"""Analytics over a real RabbitMQ: not a word, not a person, and no turn that waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

from bot import event_broker
from bot.event_broker import EXCHANGE, QUEUE, AnalyticsBroker
from bot.reply.contract import Reply
from bot.reply.outcomes import Part
from bot.settings import ROOT
from bot.tracker_store import ConversationStore
from tests.databases import migrated
from tests.harness import Bot
from tests.metrics.counted import Counted
from tests.rabbitmq import RabbitMq
from tests.servers import free_port

WORDS = "quuxwombatine"
SENDER = "ann-of-leeds"
# Long enough for a machine that is busy; a turn that waits for RabbitMQ never ends.
PATIENT = 60.0
FIELDS = {
    "schema",
    "hour",
    "channel",
    "outcome",
    "outcomes",
    "topics",
    "disclaimers",
    "escalated",
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_broker, "RETRY", 0.1)
    monkeypatch.setattr(event_broker, "PATIENCE", 2.0)
    monkeypatch.setattr(event_broker, "FAREWELL", 0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMq]:
    rabbit = RabbitMq(tmp_path_factory.mktemp("rabbitmq"))
    try:
        rabbit.start()
        yield rabbit
    finally:
        rabbit.close()


@pytest.fixture
async def broker(server: RabbitMq) -> AsyncIterator[AnalyticsBroker]:
    """A broker that is connected, with an empty queue."""
    made = AnalyticsBroker(server.url)
    await made.connect()
    await until(made.is_ready)
    await fetched(server)
    yield made
    await made.close()


@pytest.fixture
def store(
    broker: AnalyticsBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ConversationStore:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    url = migrated(tmp_path / "bot.sqlite3")
    domain = Domain.load(str(ROOT / "bot" / "domain"))
    return ConversationStore(domain, event_broker=broker, url=url)


async def until(true: Any) -> None:
    async def look() -> None:
        while not true():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(look(), PATIENT)


async def fetched(server: RabbitMq, least: int = 0) -> list[bytes]:
    """Take messages out of the queue: so many at least, and all that there are; with all that is
    known of each on a second line."""
    found: list[bytes] = []
    connection = await aio_pika.connect(server.url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(QUEUE, passive=True)

        async def take() -> None:
            while True:
                message = await queue.get(fail=False)
                if message is not None:
                    await message.ack()
                    found.append(message.body + b"\n" + repr(message.info()).encode())
                elif len(ids(found)) >= least:
                    return
                else:
                    await asyncio.sleep(0.02)

        await asyncio.wait_for(take(), PATIENT)
    return found


def told_by(raw: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(raw.split(b"\n")[0])
    return told


def reply(outcome: str = "dosing", **given: Any) -> Reply:
    return Reply((Part(outcome),), (f"A reply on {WORDS}.",), ("general",), **given)


async def turn(store: ConversationStore, escalation: str | None = "E-7F3K2Q") -> None:
    """A turn as Rasa saves it; fails if it waits for anything but the database."""
    tracker = await store.get_or_create_tracker(SENDER)
    tracker.update(UserUttered(f"how much {WORDS}", input_channel="rest"))
    for message in reply(escalation=escalation).messages():
        tracker.update(BotUttered(message.get("text"), {"custom": message.get("custom")}))
    tracker.update(ActionExecuted("action_listen"))
    await asyncio.wait_for(store.save(tracker), PATIENT)


async def test_a_turn_is_told_without_a_word_of_it_or_of_whose_it_is(
    store: ConversationStore, server: RabbitMq
) -> None:
    sent = Counted("guide_analytics_messages_total", result="sent")
    await turn(store)
    await turn(store, escalation=None)

    first, second = await fetched(server, 2)

    told = told_by(first)
    assert set(told) == FIELDS
    assert told["hour"] == datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:00Z")
    assert (told["channel"], told["outcome"], told["escalated"]) == ("rest", "dosing", True)
    assert told["disclaimers"] == ["general"]
    assert told_by(second)["escalated"] is False
    for private in (WORDS, SENDER, "leeds", "E-7F3K2Q", "how much"):
        assert private.encode() not in first + second
    await until(lambda: sent.grown == 2)


async def test_the_real_bots_turns_are_told_so(
    bot: Bot, broker: AnalyticsBroker, server: RabbitMq, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = bot.agent.processor.tracker_store
    monkeypatch.setattr(getattr(inner, "_tracker_store", inner), "event_broker", broker)
    talk = bot.conversation()
    said = ("How many milligrams should Bartholomew take?", "What helps with brain fog?")
    replies = [await talk.say(text) for text in said]
    await talk.say("forget me")

    found = await fetched(server, 2)

    told = [told_by(raw) for raw in found]
    assert [t["outcome"] for t in told] == [r.outcome for r in replies] == ["dosing", "answer"]
    assert [t["topics"] for t in told] == [[], ["brain_fog"]]
    assert [t["disclaimers"] for t in told] == [r.custom["disclaimers"] for r in replies]
    assert [t["escalated"] for t in told] == [True, False]
    assert {t["channel"] for t in told} == {"rest"}
    everything = b"".join(found)
    for private in ("Bartholomew", "milligram", talk.sender, replies[0].custom["escalation"]):
        assert private.encode() not in everything
    for one in replies:
        assert all(text.encode() not in everything for text in one.texts)


async def test_turns_go_on_without_it_and_are_told_when_it_is_back(
    store: ConversationStore, broker: AnalyticsBroker, server: RabbitMq
) -> None:
    await turn(store)
    before = await fetched(server, 1)
    assert len(before) == 1

    server.kill()
    for _ in range(5):
        await turn(store)
    await until(lambda: not broker.is_ready())
    await asyncio.to_thread(server.start)

    # What was fetched just before the end may be there again: RabbitMQ wrote no more.
    found = await fetched_when_back(broker, server, 5)
    assert len(ids(found) - ids(before)) == 5
    await turn(store)
    assert len(await fetched(server, 1)) == 1


def ids(found: list[bytes]) -> set[bytes]:
    return {re.findall(rb"'message_id': '(\w+)'", raw)[0] for raw in found}


async def fetched_when_back(broker: AnalyticsBroker, server: RabbitMq, least: int) -> list[bytes]:
    await until(broker.is_ready)
    return await fetched(server, least)


async def test_one_that_hangs_holds_no_turn(
    store: ConversationStore, broker: AnalyticsBroker, server: RabbitMq
) -> None:
    server.freeze(True)
    try:
        for _ in range(3):
            await turn(store)
        await until(lambda: not broker.is_ready())
    finally:
        server.freeze(False)
    # What it took without saying so is sent again, by the same name.
    assert len(ids(await fetched_when_back(broker, server, 3))) == 3


async def test_what_has_no_room_is_dropped_and_counted(
    broker: AnalyticsBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = AnalyticsBroker(f"amqp://127.0.0.1:{free_port()}", room=2)
    dropped = Counted("guide_analytics_messages_total", result="dropped")
    for _ in range(5):
        small.publish(bot_event())
    assert dropped.grown == 3
    await small.connect()
    await small.connect()
    await until(lambda: small._up is False)
    await small.close()
    assert dropped.grown == 5
    await small.close()


def bot_event(**given: Any) -> dict[str, Any]:
    custom = reply(**given).payload()
    return {"event": "bot", "sender_id": SENDER, "timestamp": 0.0, "data": {"custom": custom}}


async def test_a_password_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as silent, caplog.at_level(logging.DEBUG):
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        made = AnalyticsBroker(f"amqp://guide:hunter2@127.0.0.1:{port}")
        await made.connect()
        await until(lambda: made._up is False)
        await made.close()
    logged = "\n".join(r.getMessage() for r in caplog.records if r.levelno >= logging.INFO)
    assert "Analytics are not taken" in logged
    assert "hunter2" not in logged


async def test_it_is_off_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    monkeypatch.delenv("EVENT_BROKER_URL", raising=False)
    assert await EventBroker.create(endpoints.event_broker) is None
    monkeypatch.setenv("EVENT_BROKER_URL", "amqp://127.0.0.1:1")
    made = await EventBroker.create(endpoints.event_broker)
    assert isinstance(made, AnalyticsBroker)
    assert not made.is_ready()
    await made.close()
    assert await AnalyticsBroker.from_endpoint_config(None) is None


async def test_the_queue_does_not_grow_for_ever(broker: AnalyticsBroker, server: RabbitMq) -> None:
    connection = await aio_pika.connect(server.url)
    async with connection:
        channel = await connection.channel()
        limits = {"x-message-ttl": 604_800_000, "x-max-length": 1_000_000}
        # With other arguments RabbitMQ refuses.
        await channel.declare_queue(QUEUE, durable=True, arguments=limits)
        await channel.declare_exchange(EXCHANGE, passive=True)
