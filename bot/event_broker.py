"""Analytics: of each turn what it came to, for RabbitMQ, without a word of it or of whose it is.

Rasa's own broker publishes whole events: texts, slots and senders. This one makes one small message
of each reply, from values that are known beforehand. A turn never waits for it: messages stand in a
bounded queue from which a task publishes, and what has no room there is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aio_pika
from rasa.core.brokers.pika import PikaEventBroker
from rasa.utils.endpoints import EndpointConfig

from bot import metrics
from bot.metrics.labels import CHANNELS, OUTCOMES, bounded
from bot.reply.contract import SCHEMA_NAME
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS
from bot.settings import Settings

logger = logging.getLogger(__name__)

SCHEMA = "guide.turn/1"
EXCHANGE = QUEUE = "guide.turns"
# Messages that wait in memory for a RabbitMQ that is away: some 250 bytes each.
ROOM = 2_000
# Seconds until a RabbitMQ that does not take a message counts as down, and until the next try.
PATIENCE, RETRY = 5.0, 2.0
# Seconds that the end of the server waits for what is still in the queue.
FAREWELL = 1.0
# A week in milliseconds: nobody has fetched what is older. At most as many in the queue.
KEPT_MS, KEPT_MOST = 7 * 24 * 3_600_000, 1_000_000
_TOPICS = frozenset((*ANSWER_TOPICS, *SMALLTALK_TOPICS))
# Identifiers of the content's files; nothing that somebody writes looks for long like one.
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")


class AnalyticsBroker(PikaEventBroker):
    """Publishes what turns come to.

    Args:
        url: of RabbitMQ (`amqp://` or `amqps://`).
        room: messages that may wait in memory.
    """

    def __init__(self, url: str, room: int = ROOM) -> None:
        # The host alone: Rasa logs it, and the URL has a password.
        host = urlsplit(url).hostname or ""
        super().__init__(host, "", "", queues=[QUEUE], exchange_name=EXCHANGE)
        self._url = url
        self._connection: Any = None
        self._exchange: Any = None
        self._waiting: asyncio.Queue[aio_pika.Message] = asyncio.Queue(room)
        # Of the turn whose events come at the moment: they come one after another.
        self._channel: tuple[str, str] = ("", "")
        self._task: asyncio.Task[None] | None = None
        self._up: bool | None = None

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig | None, event_loop: Any = None
    ) -> AnalyticsBroker | None:
        """Return a broker for `EVENT_BROKER_URL`, which connects by and by; None if it is empty."""
        url = Settings.from_env().event_broker_url
        if broker_config is None or not url:
            return None
        broker = cls(url)
        await broker.connect()
        return broker

    async def connect(self) -> None:
        """Begin to connect and to publish, beside whoever calls."""
        if self._task is None:
            self._task = asyncio.create_task(self._deliver())

    def is_ready(self) -> bool:
        """Return whether RabbitMQ took the last message, or let us in."""
        return bool(self._up)

    def publish(self, event: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        """Take one of Rasa's events; of a reply, put what it came to into the queue. Never waits,
        never fails."""
        try:
            told = self._told_of(event)
            if told is not None:
                message = self._message(told, None)
                # Random; by it a reader knows one that had to be sent twice.
                message.message_id = secrets.token_hex(16)
                self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            metrics.analytics("dropped")
        except Exception as error:
            # Whatever an event may look like: the turn that it belongs to goes on.
            metrics.analytics("dropped")
            logger.error("A turn could not be told to analytics (%s)", type(error).__name__)

    def _told_of(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        sender = str(event.get("sender_id"))
        if event.get("event") == "user":
            self._channel = (sender, str(event.get("input_channel")))
        custom = (event.get("data") or {}).get("custom") or {}
        if event.get("event") != "bot" or custom.get("schema") != SCHEMA_NAME:
            return None
        channel = self._channel[1] if self._channel[0] == sender else None
        return turn_message(custom, channel, float(event["timestamp"]))

    async def _deliver(self) -> None:
        """Publish what waits, the oldest first, for as long as it takes."""
        # Connected from the start on, so that health can tell.
        await self._succeed(self._open)
        while True:
            message = await self._waiting.get()
            await self._succeed(partial(self._send, message))
            metrics.analytics("sent")
            self._waiting.task_done()

    async def _succeed(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step that talks to RabbitMQ until it is done."""
        while True:
            try:
                await asyncio.wait_for(step(), PATIENCE)
            except Exception as error:
                # Whatever it was, it is tried again; the library's own words may hold the URL.
                self._tell(False, type(error).__name__)
                await self._leave()
                await asyncio.sleep(RETRY)
            else:
                self._tell(True)
                return

    async def _send(self, message: aio_pika.Message) -> None:
        if self._exchange is None or self._connection is None or self._connection.is_closed:
            await self._open()
        # RabbitMQ confirms each; only then is it gone from here.
        await self._exchange.publish(message, "")

    async def _open(self) -> None:
        await self._leave()
        # Not the robust kind, which would log the URL, and try again beside us.
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        self._exchange = await self._set_up_exchange(channel)

    @staticmethod
    async def _bind_queue(queue_name: str, channel: Any, exchange: Any) -> None:
        limits = {"x-message-ttl": KEPT_MS, "x-max-length": KEPT_MOST}
        queue = await channel.declare_queue(queue_name, durable=True, arguments=limits)
        await queue.bind(exchange, "")

    async def _leave(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            with suppress(Exception):
                await asyncio.wait_for(connection.close(), FAREWELL)

    def _tell(self, up: bool, reason: str = "") -> None:
        if up and self._up is False:
            logger.info("Analytics are taken again")
        elif not up and self._up is not False:
            logger.warning("Analytics are not taken (%s); turns go on", reason)
        self._up = up

    async def close(self) -> None:
        """End; what is not sent within a second is dropped and counted."""
        if self._task is None:
            return
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._waiting.join(), FAREWELL)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        while not self._waiting.empty():
            self._waiting.get_nowait()
            metrics.analytics("dropped")
        self._task = None
        await self._leave()


def turn_message(custom: Mapping[str, Any], channel: str | None, moment: float) -> dict[str, Any]:
    """Return what is published of a turn.

    Args:
        custom: the machine-readable message of its reply (`reply/1`).
        channel: where it was.
        moment: when, in Unix time; only the hour of it is told.
    """
    hour = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:00Z")
    parts = custom.get("parts") or ()
    return {
        "schema": SCHEMA,
        "hour": hour,
        "channel": bounded(channel, CHANNELS),
        "outcome": bounded(custom.get("outcome"), OUTCOMES),
        "outcomes": _distinct(bounded(part.get("outcome"), OUTCOMES) for part in parts),
        "topics": _distinct(bounded(p["topic"], _TOPICS) for p in parts if p.get("topic")),
        "disclaimers": _distinct(
            name for name in custom.get("disclaimers") or () if _IDENTIFIER.fullmatch(str(name))
        ),
        "escalated": bool(custom.get("escalation")),
    }


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
