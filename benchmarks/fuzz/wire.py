"""Sends inputs, byte by byte as they are, and returns what came back."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import struct
from contextlib import suppress
from dataclasses import dataclass, replace

from benchmarks.fuzz.case import ACTION, SECRET, SID, TOKEN, Case, Frame, request

# A turn has its deadline (8 s), and a busy machine its moods; what takes longer hangs.
BOUND = 20.0
# How long a half request may keep the server waiting before its sender goes away.
LINGER = 0.2
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_SID = re.compile(rb'"sid": ?"([^"]+)"')
_OWN_WORDS = (b'42["entry"', b'42["session"')
_PORTS = {"actions": 1}


class Hang(Exception):
    """The server neither answered nor ended the connection in time."""


@dataclass(frozen=True)
class Server:
    """The bot: ports of Rasa's server and of the action server, and what opens its doors."""

    port: int
    action_port: int
    secret: str
    action: str
    token: str = ""

    def filled(self, data: bytes) -> bytes:
        """Put tokens and secrets in."""
        for name, value in ((TOKEN, self.token), (SECRET, self.secret), (ACTION, self.action)):
            data = data.replace(name.encode(), value.encode())
        return data

    def of(self, case: Case) -> int:
        """Return the port that an input goes to."""
        return self.action_port if case.target == "actions" else self.port


@dataclass(frozen=True)
class Answer:
    """What came back: the statuses in it, and the parts that may not hold a person's words."""

    statuses: tuple[int, ...]
    private: bytes


async def send(server: Server, case: Case) -> Answer:
    """Send an input.

    Raises:
        Hang: no end within BOUND.
        OSError: nothing listens.
    """
    ways = {"http": _http, "broken": _broken, "poll": _poll, "socket": _socket, "talk": _socket}
    try:
        return await asyncio.wait_for(ways[case.way](server, case), BOUND)
    except asyncio.TimeoutError:
        raise Hang(f"no end within {BOUND:.0f} s") from None


async def exchange(port: int, data: bytes, linger: float | None = None) -> bytes:
    """Send bytes and return all that comes until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    parts: list[bytes] = []
    try:
        # A server may refuse, and close, before it has read all.
        with suppress(ConnectionError):
            writer.write(data)
            await writer.drain()
            if linger is not None:
                await _until_end(reader, parts, linger)
                writer.write_eof()
        with suppress(ConnectionError):
            await _until_end(reader, parts)
    finally:
        writer.transport.abort()
    return b"".join(parts)


async def _until_end(
    reader: asyncio.StreamReader, parts: list[bytes], seconds: float | None = None
) -> None:
    with suppress(asyncio.TimeoutError):
        while data := await asyncio.wait_for(reader.read(65536), seconds):
            parts.append(data)


async def _http(server: Server, case: Case) -> Answer:
    return _answer(case, await exchange(server.of(case), server.filled(case.data)))


async def _broken(server: Server, case: Case) -> Answer:
    return _answer(case, await exchange(server.port, server.filled(case.data), LINGER))


def _answer(case: Case, said: bytes) -> Answer:
    statuses = tuple(int(found) for found in _STATUS.findall(said))
    if not statuses and case.way == "http":
        # The connection was cut without a word.
        statuses = (0,)
    public = case.echo and statuses and max(statuses) < 400
    return Answer(statuses, b"" if public else said)


async def _poll(server: Server, case: Case) -> Answer:
    """Shake hands over polling, post what the case holds, and end the session."""
    base = b"/webhooks/website/socket.io/?EIO=4&transport=polling"
    hello = await exchange(server.port, request("GET", base))
    sid = match[1] if (match := _SID.search(hello)) else b"none"
    statuses, private = [int(found) for found in _STATUS.findall(hello)], b""
    for frame in (*case.frames, Frame(1, b"1")):
        path = case.data.replace(SID.encode(), sid)
        data = request("POST", path, {}, server.filled(frame.payload))
        answer = _answer(replace(case, way="http"), await exchange(server.port, data))
        statuses += answer.statuses
        private += answer.private
    return Answer(tuple(statuses), private)


async def _socket(server: Server, case: Case) -> Answer:
    """Open a WebSocket, send what the case holds, and end it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**22)
    parts: list[bytes] = []
    try:
        writer.write(_upgrade(case.data))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            return _answer(case, head + await reader.read())
        with suppress(ConnectionError):
            for frame in case.frames:
                filled = replace(frame, payload=server.filled(frame.payload))
                writer.write(wire_frame(filled))
            await writer.drain()
            if case.way == "talk":
                await _until_reply(reader, parts)
            writer.write(wire_frame(Frame(8, b"")))
            await _until_end(reader, parts, LINGER)
            writer.write_eof()
        with suppress(ConnectionError):
            await _until_end(reader, parts)
    finally:
        writer.transport.abort()
    said = server_frames(b"".join(parts))
    # A pong holds what the ping held (RFC 6455, section 5.5.3).
    pinged = {server.filled(one.payload) for one in case.frames if one.opcode == 9}
    private = [one for one in said if not one.startswith(_OWN_WORDS) and one not in pinged]
    return Answer((101,), b"\n".join(private))


async def _until_reply(reader: asyncio.StreamReader, parts: list[bytes]) -> None:
    while b'"from":"bot"' not in b"".join(parts).replace(b": ", b":"):
        data = await reader.read(65536)
        if not data:
            raise Hang("the connection ended before the reply")
        parts.append(data)


def _upgrade(path: bytes) -> bytes:
    headers = {
        "Connection": b"Upgrade",
        "Upgrade": b"websocket",
        "Sec-WebSocket-Version": b"13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)),
    }
    return request("GET", path, headers)


def wire_frame(frame: Frame) -> bytes:
    """Return a frame as a client sends it (RFC 6455, section 5.2)."""
    if frame.opcode < 0:
        return frame.payload
    size, bit = len(frame.payload), 0x80 if frame.masked else 0
    head = bytes([frame.first | frame.opcode])
    if size < 126:
        head += bytes([bit | size])
    elif size < 2**16:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    # A mask of zeros is one, and leaves the payload as it is.
    return head + (b"\0\0\0\0" if frame.masked else b"") + frame.payload


def server_frames(data: bytes) -> list[bytes]:
    """Return the payloads of the frames that a server sent; a cut one is left out."""
    found = []
    while len(data) >= 2:
        size, start = data[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        found.append(data[start : start + size])
        data = data[start + size :]
    return found
