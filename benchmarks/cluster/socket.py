"""The website's Socket.IO over one WebSocket; python-socketio's own client needs a newer aiohttp
than Rasa allows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

PATH = "/webhooks/website/socket.io/?EIO=4&transport=websocket"
# The server pings every 25 seconds; one that is silent for longer is gone.
SILENCE_SECONDS = 60.0


class Closed(Exception):
    """The connection is gone, or was refused."""


class Socket:
    """One connection."""

    def __init__(self) -> None:
        self._http = aiohttp.ClientSession()
        self._ws: Any = None

    async def connect(self, url: str, auth: dict[str, Any]) -> None:
        """Connect, to the server and to the namespace.

        Raises:
            Closed: nobody answers, or the server refuses.
        """
        try:
            self._ws = await self._http.ws_connect(url + PATH)
            await self._ws.receive_str()
            await self._ws.send_str("40" + json.dumps(auth))
            if not (await self._ws.receive_str()).startswith("40"):
                raise Closed
        except (aiohttp.ClientError, OSError, TypeError):
            raise Closed from None

    async def send(self, number: int, event: str, body: dict[str, Any]) -> None:
        """Send an event whose acknowledgement bears this number.

        Raises:
            Closed: the connection is gone.
        """
        try:
            await self._ws.send_str(f"42{number}{json.dumps([event, body])}")
        except (aiohttp.ClientError, OSError):
            raise Closed from None

    async def frames(self) -> AsyncIterator[tuple[int | None, list[Any]]]:
        """Yield what comes until the connection ends: an acknowledgement with its number, or an
        event, its name first, without one."""
        while True:
            message = await self._ws.receive(SILENCE_SECONDS)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = message.data
            if frame == "2":
                await self._ws.send_str("3")
            elif frame.startswith("42"):
                yield None, json.loads(frame[2:])
            elif frame.startswith("43"):
                number, _, body = frame[2:].partition("[")
                yield int(number), json.loads("[" + body)

    async def close(self) -> None:
        """Close it."""
        await self._http.close()
