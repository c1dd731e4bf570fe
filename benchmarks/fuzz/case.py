"""One input: what is sent where, and how it is written down so that it can be sent again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# Stands in every input; the n-th has its own of the same length, by which a leak is traced to it.
MARKER = "zqxvk00000000000"
PREFIX = MARKER[:5]
# Filled in when the input is sent, since they differ from server to server.
TOKEN, SECRET, ACTION, SID = "@TOKEN@", "@SECRET@", "@ACTION@", "@SID@"


@dataclass(frozen=True)
class Frame:
    """A WebSocket frame, or bytes that are sent as they are (`opcode` is -1).

    `first` is the frame's whole first byte but for the opcode: FIN and the reserved bits.
    """

    opcode: int
    payload: bytes
    first: int = 0x80
    masked: bool = True


@dataclass(frozen=True)
class Case:
    """An input.

    `target` names the entry, `way` is `http` (`data` is a whole request), `broken` (bytes that are
    perhaps none), `poll` or `socket` (`frames` over an Engine.IO connection at `data`, its path),
    or `talk` (a socket that is held until the reply is there).
    `echo`: a 200 may hold the person's own words, by the protocol.
    """

    target: str
    way: str
    data: bytes
    frames: tuple[Frame, ...] = field(default=())
    echo: bool = False

    def numbered(self, number: int) -> Case:
        """Return the same input with the marker of its number."""
        own = marker(number).encode()

        def marked(data: bytes) -> bytes:
            return data.replace(MARKER.encode(), own)

        frames = tuple(
            Frame(one.opcode, marked(one.payload), one.first, one.masked) for one in self.frames
        )
        return Case(self.target, self.way, marked(self.data), frames, self.echo)

    def written(self) -> str:
        """Return the input as base64, for `--replay`."""
        values = asdict(self)
        values["data"] = _encoded(self.data)
        values["frames"] = [
            {**asdict(one), "payload": _encoded(one.payload)} for one in self.frames
        ]
        return _encoded(json.dumps(values).encode())

    @classmethod
    def read(cls, text: str) -> Case:
        """Return the input that was written down.

        Raises:
            ValueError: it is none.
        """
        values: dict[str, Any] = json.loads(base64.b64decode(text))
        frames = [
            Frame(**{**one, "payload": base64.b64decode(one["payload"])})
            for one in values.pop("frames")
        ]
        return cls(**{**values, "data": base64.b64decode(values["data"]), "frames": tuple(frames)})


def marker(number: int) -> str:
    """Return the marker of the n-th input."""
    return f"{PREFIX}{number:011d}"


def request(
    method: str, path: bytes, headers: Mapping[str, bytes] | None = None, body: bytes = b""
) -> bytes:
    """Return an HTTP/1.1 request after which the connection ends."""
    lines = [method.encode() + b" " + path + b" HTTP/1.1"]
    given = {
        "Host": b"localhost",
        "Connection": b"close",
        "Content-Length": str(len(body)).encode(),
        **(headers or {}),
    }
    lines += [name.encode() + b": " + value for name, value in given.items()]
    return b"\r\n".join([*lines, b"", body])


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
