"""People on three channels, who send again what is not answered, as each protocol says."""

from __future__ import annotations

import asyncio
import time
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp
from jsonschema import ValidationError

from bot.channels.website.tokens import Tokens
from bot.content import load_content
from bot.records.references import message_digest, message_key
from bot.reply.contract import ContractError, validate
from tests.channels.telegram.chats import Chat
from tests.channels.website.wire import Refused, Wire

# Seconds until a message is sent again on the same connection, and until it counts as unanswered.
AGAIN_SECONDS, LOST_SECONDS = 20.0, 180.0
_AWAY = (aiohttp.ClientError, asyncio.TimeoutError, OSError, Refused, AssertionError)


def _lost() -> float:
    """Return when a message of this moment counts as unanswered."""
    return time.monotonic() + LOST_SECONDS


async def _pause(lost: float) -> None:
    if time.monotonic() > lost:
        raise asyncio.TimeoutError
    await asyncio.sleep(0.3)


@dataclass
class Tally:
    """What came of the turns."""

    turns: int = 0
    silent: int = 0
    incomplete: int = 0
    doubled: int = 0
    safe: int = 0
    helped_again: int = 0
    resent: int = 0
    seconds: list[float] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def take(self, messages: list[dict[str, Any]], seconds: float) -> None:
        """Count a reply, as Rasa's messages."""
        self.turns += 1
        self.seconds.append(seconds)
        customs = [said["custom"] for said in messages if "custom" in said]
        if len(customs) > 1:
            self.doubled += 1
        try:
            validate(customs[0])
        except (IndexError, ContractError, ValidationError):
            self.incomplete += 1
            return
        self.incomplete += not any(said.get("text") for said in messages)
        self.safe += customs[0]["outcome"] == "unavailable"


def _is_help(text: str) -> bool:
    """Tell whether a text is the crisis reply, in its first words."""
    return text[:40] == load_content().messages["crisis"].text[:40]


class Person(ABC):
    """Somebody who writes one message after another."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    async def say(self, text: str) -> None:
        """Write a message, and wait for the reply; count it."""
        began = time.perf_counter()
        try:
            messages = await self.ask(text)
        except asyncio.TimeoutError:
            self.tally.turns += 1
            self.tally.silent += 1
            return
        self.tally.take(messages, time.perf_counter() - began)

    @abstractmethod
    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Write a message and return the reply.

        Raises:
            asyncio.TimeoutError: none came in LOST_SECONDS.
        """

    async def close(self) -> None:  # noqa: B027 - not everybody has something to close
        """Leave."""


class RestPerson(Person):
    """A client of the REST channel: sends again, with the same id, what got no answer."""

    def __init__(self, url: str, tally: Tally) -> None:
        super().__init__(tally)
        self._url = f"{url}/webhooks/rest/webhook"
        self.sender = f"faults-{uuid.uuid4().hex}"

    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Write a message and return the reply."""
        body = {"sender": self.sender, "message": text, "message_id": uuid.uuid4().hex}
        self.tally.keys.add(message_digest(message_key(self.sender, body["message_id"])))
        timeout, lost = aiohttp.ClientTimeout(total=AGAIN_SECONDS), _lost()
        while True:
            try:
                async with (
                    aiohttp.ClientSession(timeout=timeout) as http,
                    http.post(self._url, json=body) as answer,
                ):
                    answer.raise_for_status()
                    found: list[dict[str, Any]] = await answer.json()
                    return found
            except _AWAY:
                self.tally.resent += 1
                await _pause(lost)


class WebPerson(Person):
    """The widget's way: a socket, a token that lasts, and messages sent again after a break."""

    def __init__(self, url: str, secret: bytes, tally: Tally) -> None:
        super().__init__(tally)
        self._url = url
        self._secret = secret
        self._token: str | None = None
        self._after = 0
        self._wire: Wire | None = None
        self._ready = asyncio.Event()
        self._news = asyncio.Event()
        # Replies by the message that they answer; those that are stored, by their number.
        self._replies: dict[str, dict[Any, dict[str, Any]]] = {}

    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Write a message and return the reply; a second one that is stored is counted."""
        message, lost = {"id": str(uuid.uuid4()), "text": text}, _lost()
        while message["id"] not in self._replies:
            try:
                wire = await self._connected()
                # Help may be there before the message is stored and acknowledged.
                sent = asyncio.ensure_future(wire.call("message", message, timeout=AGAIN_SECONDS))
                sent.add_done_callback(lambda done: done.cancelled() or done.exception())
                await self._until_answered(message["id"])
            except (*_AWAY, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not self._broken():
                    raise
                self.tally.resent += 1
                await self._leave()
                await _pause(lost)
        sender = Tokens(self._secret, 1).read(str(self._token)).sender
        self.tally.keys.add(message_digest(message_key(sender, message["id"])))
        entry = next(iter(self._replies[message["id"]].values()))
        return [*entry["messages"], {"custom": entry["custom"]}]

    def settle(self) -> None:
        """Count stored replies beyond one for a message."""
        for replies in self._replies.values():
            self.tally.doubled += max(0, len({seq for seq in replies if seq is not None}) - 1)

    async def close(self) -> None:
        """Leave."""
        await self._leave()

    async def _until_answered(self, message_id: str) -> None:
        deadline = time.monotonic() + AGAIN_SECONDS
        while message_id not in self._replies:
            self._news.clear()
            if self._broken() or time.monotonic() > deadline:
                raise asyncio.TimeoutError
            try:
                await asyncio.wait_for(self._news.wait(), 0.5)
            except asyncio.TimeoutError:
                continue

    async def _connected(self) -> Wire:
        if self._wire is not None and not self._broken():
            return self._wire
        await self._leave()
        self._ready.clear()
        wire = self._wire = Wire(self._hear)
        auth = {"token": self._token, "after": self._after}
        await asyncio.wait_for(wire.connect(self._url, auth), AGAIN_SECONDS)
        await asyncio.wait_for(self._ready.wait(), AGAIN_SECONDS)
        return wire

    def _broken(self) -> bool:
        return self._wire is None or (self._wire.closed is not None and self._wire.closed.done())

    async def _leave(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            leaving = asyncio.ensure_future(wire.disconnect())
            # One that never got as far as a connection has none to close.
            leaving.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({leaving}, timeout=2)

    async def _hear(self, event: str, body: dict[str, Any]) -> None:
        if event == "session":
            self._token = body["token"]
            for entry in body["entries"]:
                self._take(entry)
            self._ready.set()
        elif event == "entry":
            self._take(body)

    def _take(self, entry: dict[str, Any]) -> None:
        self._after = max(self._after, entry["seq"] or 0)
        if entry["from"] == "bot":
            self._replies.setdefault(entry["to"], {})[entry["seq"]] = entry
            self._news.set()


class TelegramPerson(Person):
    """Somebody in a chat: the emulated Telegram brings again what the bot does not take."""

    def __init__(self, chat: Chat, tally: Tally) -> None:
        super().__init__(tally)
        self.chat = chat
        self._said = 0

    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Write a message and return the reply's text; what it is made of, the database tells."""
        self._said += 1
        await self.chat.send(text)
        await self.chat.until(lambda: len(self.chat.bubbles) >= self._said, LOST_SECONDS)
        return [{"text": self.chat.texts[-1]}]

    def settle(self) -> None:
        """Count bubbles beyond one for a message: each reply of these texts is one bubble.

        Help that was given before its turn is not stored: if the server is killed just then, the
        next one gives it again.
        """
        texts = self.chat.texts
        again = sum(a == b and _is_help(a) for a, b in pairwise(texts))
        more = max(0, len(texts) - self._said)
        self.tally.helped_again += min(more, again)
        self.tally.doubled += max(0, more - again)

    async def say(self, text: str) -> None:
        """Write a message, and wait for the reply; count it."""
        began = time.perf_counter()
        try:
            messages = await self.ask(text)
        except asyncio.TimeoutError:
            self.tally.silent += 1
        else:
            self.tally.incomplete += not messages[0]["text"]
            self.tally.seconds.append(time.perf_counter() - began)
        self.tally.turns += 1
