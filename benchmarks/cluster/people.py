"""People who talk while servers come and go, over REST and on the website's socket."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any, Protocol
from uuid import uuid4

import aiohttp

from benchmarks.cluster.load import TURNS, ask
from benchmarks.cluster.socket import Closed, Socket

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
        reconnects: how often the connection was made again.
    """

    def __init__(self, url: str) -> None:
        self.sent: dict[str, str] = {}
        self.heard: dict[str, list[str]] = {}
        self.reconnects = -1
        self._url = url
        self._token: str | None = None
        self._seen: set[int] = set()
        self._names: list[str] = []
        self._acknowledged: set[str] = set()
        self._socket: Socket | None = None

    async def talk(self, stop: asyncio.Event) -> None:
        """Write, wait for the reply, pause a little, and so on."""
        connecting = asyncio.create_task(self._stay_connected())
        while not stop.is_set():
            name = str(uuid4())
            self._names.append(name)
            self.sent[name] = TURNS[len(self.sent) % len(TURNS)]
            if self._socket is not None:
                await self._send(self._socket, name)
            await self._until_heard(name)
            await asyncio.sleep(random.uniform(0, MOST_PAUSE))
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)

    async def _until_heard(self, name: str) -> None:
        for _ in range(int(LAST_REPLY_SECONDS * 20)):
            if name in self.heard:
                return
            await asyncio.sleep(0.05)

    async def _stay_connected(self) -> None:
        while True:
            socket = Socket()
            try:
                auth = {"token": self._token, "after": max(self._seen, default=0)}
                await socket.connect(self._url, auth)
                self.reconnects += 1
                await self._listen(socket)
            except (Closed, asyncio.TimeoutError):
                pass
            finally:
                self._socket = None
                await socket.close()
            await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _listen(self, socket: Socket) -> None:
        async for number, body in socket.frames():
            if number is not None:
                if body[0].get("ok"):
                    self._acknowledged.add(self._names[number])
            elif body[0] == "entry":
                self._entry(body[1])
            elif body[0] == "session":
                self._token, self._socket = body[1]["token"], socket
                for entry in body[1]["entries"]:
                    self._entry(entry)
                for name in [one for one in self._names if one not in self._acknowledged]:
                    await self._send(socket, name)

    def _entry(self, entry: dict[str, Any]) -> None:
        if entry["seq"] is not None:
            if entry["seq"] in self._seen:
                return
            self._seen.add(entry["seq"])
        if entry["from"] == "bot":
            self.heard.setdefault(entry["to"], []).append(entry["custom"]["outcome"])

    async def _send(self, socket: Socket, name: str) -> None:
        """Send; what fails here is sent again after the next connect."""
        with contextlib.suppress(Closed):
            body = {"id": name, "text": self.sent[name]}
            await socket.send(self._names.index(name), "message", body)
