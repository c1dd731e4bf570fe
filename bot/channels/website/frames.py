"""The transport below Socket.IO, made strict: what is no frame of our protocol ends its connection.

The library answers a broken frame with a log entry, a 200 or an endless wait, takes binary data,
and lets a client fire the server's own `connect`. Here a frame is checked before the library sees
it; the close code or the HTTP answer says what was wrong. Other connections do not notice.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import engineio
import socketio
from engineio.async_drivers.sanic import WebSocket
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.website.limits import Buckets
from bot.channels.website.refusals import Refusal

MAX_FRAME = 100_000
# Frames of one connection: far more than a person needs, and cheap to refuse.
FRAME_BURST, FRAMES_PER_SECOND = 200, 100
# How long an event keeps the next one of its connection waiting: that one may be about danger.
EVENT_SECONDS = 0.2
MALFORMED, FORBIDDEN, TOO_BIG = 1002, 1008, 1009

# Engine.IO: close, ping, pong, upgrade, noop; or a message (4) with a packet of Socket.IO: connect
# (0), disconnect (1), event (2, perhaps with the number of its acknowledgement).
_PLAIN = re.compile(r"1|2(?:probe)?|3(?:probe)?|5|6|40|41")
_JSON = re.compile(r"4(?:0(?=\{)|2[0-9]{0,15}(?=\[))")
# What a client may post; at a ping or a noop the library ends the connection, and waits for ever
# for somebody to fetch that.
_POSTED = ("1", "3", "4", "5")
# Names by which the library calls its own handlers.
_RESERVED = frozenset({"connect", "disconnect", "*"})


def frame_fault(frame: object) -> tuple[int, str] | None:
    """Return what is wrong with a frame, as a close code and a sentence; None if nothing is."""
    if not isinstance(frame, str):
        return MALFORMED, "Binary frames are not taken."
    if len(frame) > MAX_FRAME or len(frame.encode("utf-8", "replace")) > MAX_FRAME:
        return TOO_BIG, f"A frame may have at most {MAX_FRAME} bytes."
    if _PLAIN.fullmatch(frame):
        return None
    head = _JSON.match(frame)
    if head is None:
        return MALFORMED, "The frame is not of Socket.IO protocol 5."
    try:
        body = json.loads(frame[head.end() :])
    except (ValueError, RecursionError):
        return MALFORMED, "The frame holds no valid JSON."
    if isinstance(body, list) and not _is_event(body):
        return MALFORMED, "An event must begin with its name."
    return None


def _is_event(body: list[Any]) -> bool:
    return bool(body) and isinstance(body[0], str) and body[0] not in _RESERVED


class StrictWebSocket(WebSocket):
    """Closes the connection, with code and reason, at the first frame that it does not take."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._frames = Buckets(FRAME_BURST, FRAMES_PER_SECOND)

    async def wait(self) -> Any:
        """Return the next frame.

        Raises:
            OSError: there is none any more; the library's word for a connection that ended.
        """
        frame = await super().wait()
        fault = frame_fault(frame)
        if fault is None and self._frames.wait(""):
            fault = FORBIDDEN, "There are too many frames on this connection."
        if fault is not None:
            await self._sock.close(*fault)
            raise OSError(fault[1])
        return frame


class StrictEngine(engineio.AsyncServer):
    """Checks requests before the library sees them."""

    gate: Callable[[Request], None]
    _async: dict[str, Any]

    def __init__(self, *args: Any, gate: Callable[[Request], None], **kwargs: Any) -> None:
        """Take the library's arguments, and `gate`, which raises a `Refusal` or lets pass."""
        super().__init__(*args, **kwargs)
        self.gate = gate
        self._async = {**self._async, "websocket": StrictWebSocket}

    async def handle_request(self, request: Request) -> HTTPResponse:
        """Answer a request: a handshake, a poll, or a WebSocket's beginning."""
        try:
            self.gate(request)
            _check_request(request)
            self._check_connection(request)
        except Refusal as refusal:
            return response.json(refusal.body(), status=refusal.status)
        return await super().handle_request(request)

    def _check_connection(self, request: Request) -> None:
        # Read as the library reads it, whose own refusal repeats the name, also in the log.
        named = parse_qs(request.query_string).get("sid")
        connection = self.sockets.get(named[0]) if named else None
        # One that has ended is kept a while, and is a failure to the library.
        if named and (connection is None or connection.closed):
            raise Refusal("bad_request", "There is no such connection.")


class StrictServer(socketio.AsyncServer):
    """Socket.IO on the strict transport."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slow: set[asyncio.Future[None]] = set()

    def _engineio_server_class(self) -> type[StrictEngine]:
        return StrictEngine

    async def _handle_event_internal(self, *args: Any) -> None:
        """Handle an event; one that takes long ends beside those that follow it."""
        event = asyncio.ensure_future(super()._handle_event_internal(*args))
        _, slow = await asyncio.wait({event}, timeout=EVENT_SECONDS)
        self._slow |= slow
        event.add_done_callback(self._slow.discard)
        if event.done():
            event.result()


def _check_request(request: Request) -> None:
    if "j" in request.args:
        raise Refusal("bad_request", "JSONP is not taken.")
    if request.method != "POST":
        return
    if len(request.body) > MAX_FRAME:
        raise Refusal("too_long", f"A request may have at most {MAX_FRAME} bytes.")
    try:
        frames = request.body.decode("utf-8").split("\x1e")
    except UnicodeDecodeError:
        raise Refusal("bad_request", "The request is not UTF-8.") from None
    faults = (frame_fault(frame) for frame in frames)
    if fault := next(filter(None, faults), None):
        raise Refusal("bad_request", fault[1])
    if not all(frame.startswith(_POSTED) for frame in frames):
        raise Refusal("bad_request", "Pings and noops are the server's.")
