"""Malformed heads over a bare connection: 400, nothing repeated, and the server goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.headers import MAX_REQUEST, secure_app
from tests.servers import served

WORDS = b"my-name-is-Ann"
FINE = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED += b"2\r\nhi\r\n0\r\n\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that answers with the length of the body."""
    app = Sanic(f"strict_{uuid4().hex}", configure_logging=False)
    secure_app(app)

    @app.post("/")
    async def measure(request: Request) -> HTTPResponse:
        return response.json(len(request.body))

    @app.get("/<name>")
    async def greet(request: Request, name: str) -> HTTPResponse:
        return response.json(len(name))

    async with served(app) as url:
        yield int(url.rsplit(":", 1)[1])


async def answer(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


@pytest.mark.parametrize("data", [FINE, CHUNKED])
async def test_what_is_right_is_taken(port: int, data: bytes) -> None:
    said = await answer(port, data)

    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.endswith(b"\r\n\r\n2")


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: -1",
        b"POST / HTTP/1.1\r\nContent-Length: " + WORDS,
        b"POST / HTTP/1.1\r\nContent-Length: ",
        b"POST / HTTP/1.1\r\nContent-Length: +2",
        b"POST / HTTP/1.1\r\nContent-Length: 1_0",
        b"POST / HTTP/1.1\r\nContent-Length: 9999999999999999",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: " + WORDS,
        b"POST /\x00" + WORDS + b" HTTP/1.1\r\nContent-Length: 2",
        b"GET http://[" + WORDS + b" HTTP/1.1\r\nHost: a",
    ],
)
async def test_what_nobody_can_read_is_refused(
    port: int, head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    said = await answer(port, head + b"\r\n\r\n{}")

    assert said.startswith(b"HTTP/1.1 400 ")
    assert WORDS not in said
    assert WORDS.decode() not in caplog.text
    assert (await answer(port, FINE)).startswith(b"HTTP/1.1 200 ")


async def test_what_sanic_logs_of_a_request_is_not_its_path(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    # Nobody reads the body of a GET, which Sanic logs.
    head = b"GET /" + WORDS + b" HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"

    assert b" 200 " in await answer(port, head)
    assert "body not consumed" in caplog.text
    assert WORDS.decode() not in caplog.text


async def test_a_body_that_is_far_too_long_is_not_read(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_REQUEST + 1)

    assert (await answer(port, head)).startswith(b"HTTP/1.1 413 ")
