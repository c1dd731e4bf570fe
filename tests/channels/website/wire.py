"""Socket.IO protocol 5 over one WebSocket, spoken by hand.

A test of broken frames needs a hand on the frames. Over polling, the library's client is used.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from bot.channels.website.channel import SOCKET_PATH

QUERY = f"{SOCKET_PATH}/?EIO=4&transport=websocket"


class Refused(Exception):
    """The server refused to connect; `args[0]` is what it said."""


class Wire:
    """One connection. `hear` is called with the name and the body of each event."""

    def __init__(self, hear: Callable[[str, Any], Awaitable[None]]) -> None:
        self._hear = hear
        self._http: aiohttp.ClientSession | None = None
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._reader: asyncio.Task[None] | None = None
        self.closed: asyncio.Future[tuple[int | None, str]] | None = None

    async def connect(self, url: str, auth: object, headers: dict[str, str] | None = None) -> None:
        """Connect to the server and to the namespace.

        Raises:
            Refused: the server does not want to.
        """
        await self.attach(url, headers)
        await self.ws.send_str("40" + json.dumps(auth))
        answer = await self.ws.receive_str()
        if not answer.startswith("40"):
            await self.disconnect()
            raise Refused(json.loads(answer[2:]))
        self._reader = asyncio.create_task(self._read())

    async def attach(self, url: str, headers: dict[str, str] | None = None) -> None:
        """Open the WebSocket alone."""
        self._http = aiohttp.ClientSession()
        try:
            self.ws = await self._http.ws_connect(
                url + QUERY, headers=headers, autoclose=False, max_msg_size=0
            )
        except aiohttp.WSServerHandshakeError as error:
            await self._http.close()
            raise Refused(error.status) from None
        self.closed = asyncio.get_running_loop().create_future()
        assert (await self.ws.receive_str()).startswith("0{")

    async def call(self, event: str, *data: object, timeout: float = 60) -> Any:
        """Send an event and return its acknowledgement."""
        number = next(self._numbers)
        self._acks[number] = asyncio.get_running_loop().create_future()
        await self.ws.send_str(f"42{number}{json.dumps([event, *data])}")
        return await asyncio.wait_for(self._acks[number], timeout)

    async def disconnect(self) -> None:
        """Close the connection."""
        if self._reader is not None:
            self._reader.cancel()
        if self._http is not None:
            await self.ws.close()
            await self._http.close()

    async def end(self) -> tuple[int | None, str]:
        """Return the code and the reason with which the server closes the connection."""
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        assert self.closed is not None
        return await asyncio.wait_for(self.closed, 60)

    async def _read(self) -> None:
        while True:
            message = await self.ws.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                assert self.closed is not None
                reason = message.extra if message.type is aiohttp.WSMsgType.CLOSE else ""
                self.closed.set_result((message.data, str(reason or "")))
                for waiting in self._acks.values():
                    waiting.cancel()
                return
            await self._take(message.data)

    async def _take(self, frame: str) -> None:
        if frame == "2":
            await self.ws.send_str("3")
        elif frame.startswith("42"):
            event, *body = json.loads(frame[2:])
            await self._hear(event, *body)
        elif frame.startswith("43"):
            number, _, body = frame[2:].partition("[")
            self._acks.pop(int(number)).set_result(json.loads("[" + body)[0])
