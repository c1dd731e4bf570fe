"""People who talk while servers come and go, over REST and on the website's socket."""

from __future__ import annotations

import asyncio
import random
from typing import Any, Protocol
from uuid import uuid4

import aiohttp
import socketio

from benchmarks.cluster.load import TURNS, ask

MOST_PAUSE = 1.0
# An unanswered message of the website is waited for so long before it counts as lost.
LAST_REPLY_SECONDS = 60.0


class Person(Protocol):
    """Somebody who writes until told to stop; what was sent and heard is counted in the end."""

    sent: dict[str, str]
    heard: dict[str, list[str]]

    async def talk(self, stop: asyncio.Event) -> None:
        """Write until told to stop, and wait for the last reply."""


class RestPerson:
    """One conversation over REST: a message is sent once, and not again if its reply is lost.

    Attributes:
        sender: the conversation.
        sent: texts by the message's name.
        heard: the outcomes of the replies to it.
    """

    def __init__(self, url: str, number: int) -> None:
        self.sender = f"person-{number}-{uuid4().hex[:8]}"
        self.sent: dict[str, str] = {}
        self.heard: dict[str, list[str]] = {}
        self._url = url

    async def talk(self, stop: asyncio.Event) -> None:
        """Write, wait for the reply, pause a little, and so on."""
        async with aiohttp.ClientSession() as http:
            while not stop.is_set():
                name = f"{self.sender}-{len(self.sent)}"
                self.sent[name] = TURNS[len(self.sent) % len(TURNS)]
                outcome = await ask(http, self._url, self.sender, self.sent[name])
                self.heard[name] = [] if outcome is None else [outcome]
                await asyncio.sleep(random.uniform(0, MOST_PAUSE))


class WebPerson:
    """One visitor of the website, by a WebSocket: a client as the protocol asks for
    (docs/website.md), which connects again and sends again what was not acknowledged.

    Attributes:
        sent: texts by the message's id.
        heard: the outcomes of the replies to it, each entry once.
    """

    def __init__(self, url: str) -> None:
        self.sent: dict[str, str] = {}
        self.heard: dict[str, list[str]] = {}
        self.reconnects = -1
        self._url = url
        self._token: str | None = None
        self._seen: set[int] = set()
        self._acknowledged: set[str] = set()
        self._client = socketio.AsyncClient(reconnection_delay=0.2, reconnection_delay_max=1)
        self._client.on("session", self._session)
        self._client.on("entry", self._entry)
        self._ready = asyncio.Event()

    async def talk(self, stop: asyncio.Event) -> None:
        """Write, pause a little, and so on; then wait for the replies that are due."""
        await self._client.connect(
            self._url,
            auth=self._auth,
            transports=["websocket"],
            socketio_path="/webhooks/website/socket.io",
            wait_timeout=20,
        )
        while not stop.is_set():
            name = str(uuid4())
            self.sent[name] = TURNS[len(self.sent) % len(TURNS)]
            await self._send(name)
            await asyncio.sleep(random.uniform(0, MOST_PAUSE))
        for _ in range(int(LAST_REPLY_SECONDS * 10)):
            if all(name in self.heard for name in self.sent):
                break
            await asyncio.sleep(0.1)
        await self._client.disconnect()

    def _auth(self) -> dict[str, Any]:
        return {"token": self._token, "after": max(self._seen, default=0)}

    async def _session(self, body: dict[str, Any]) -> None:
        self._token = body["token"]
        self.reconnects += 1
        for entry in body["entries"]:
            self._entry(entry)
        self._ready.set()
        for name in [name for name in self.sent if name not in self._acknowledged]:
            await self._send(name)

    def _entry(self, entry: dict[str, Any]) -> None:
        if entry["seq"] is not None:
            if entry["seq"] in self._seen:
                return
            self._seen.add(entry["seq"])
        if entry["from"] == "bot":
            self.heard.setdefault(entry["to"], []).append(entry["custom"]["outcome"])

    async def _send(self, name: str) -> None:
        """Send; what fails here is sent again by the next `session`."""
        await self._ready.wait()
        body = {"id": name, "text": self.sent[name]}

        def acknowledged(answer: dict[str, Any]) -> None:
            if answer.get("ok"):
                self._acknowledged.add(name)

        try:
            await self._client.emit("message", body, callback=acknowledged)
        except socketio.exceptions.SocketIOError:
            return
