"""Calls of the Bot API over real connections: results, and every way to fail told apart."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from bot.channels.telegram.api import (
    ApiError,
    Blocked,
    BotApi,
    Conflict,
    Refused,
    TooMany,
    Unauthorized,
    Unreached,
    Unsure,
)
from tests.servers import answering, bound_socket, free_port

TOKEN = "123456:AAsecret-token_of-the-bot"
SECRET_TEXT = "my private words"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def api_of(handler: Answer, timeout: float = 10.0) -> AsyncIterator[BotApi]:
    """A client of a server that hands every request to the handler."""
    async with answering(handler) as url:
        api = BotApi(TOKEN, f"{url}/", timeout)
        try:
            yield api
        finally:
            await api.close()


def saying(body: Any, status: int = 200) -> Answer:
    """A handler that says the same to everybody: JSON, or the bytes as they are."""

    async def handler(_request: web.Request) -> web.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status)

    return handler


async def failure_of(handler: Answer, **params: Any) -> ApiError:
    async with api_of(handler) as api:
        with pytest.raises(ApiError) as caught:
            await api.call("sendMessage", **{"text": SECRET_TEXT, **params})
    assert_silent(caught.value)
    return caught.value


def assert_silent(error: BaseException) -> None:
    """Neither the error, nor what it came from, tells the token or the message."""
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    chain = [error, error.__context__, error.__cause__]
    for text in (told, *(f"{one} {one!r}" for one in chain)):
        assert TOKEN not in text
        assert SECRET_TEXT not in text


async def test_it_knows_when_it_last_got_through() -> None:
    answers = [
        (200, {"ok": True, "result": 1}),
        (400, {"ok": False, "error_code": 400, "description": "Bad Request"}),
        (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
        (502, {}),
    ]

    async def handler(_request: web.Request) -> web.Response:
        status, body = answers.pop(0)
        return web.json_response(body, status=status)

    async with api_of(handler) as api:
        seen = [(api.reached, api.succeeded_at is not None)]
        while answers:
            with suppress(ApiError):
                await api.call("getMe")
            seen.append((api.reached, api.succeeded_at is not None))

    assert seen == [(False, False), (True, True), (True, True), (False, True), (False, True)]


async def test_a_call_posts_json_and_returns_the_result() -> None:
    seen: list[tuple[str, str, Any]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, await request.json()))
        return web.json_response({"ok": True, "result": {"message_id": 7}})

    async with api_of(handler) as api:
        result = await api.call("sendMessage", chat_id=5, text="é 🙂", entities=[], silent=None)

    assert result == {"message_id": 7}
    sent = {"chat_id": 5, "text": "é 🙂", "entities": []}
    assert seen == [("POST", f"/bot{TOKEN}/sendMessage", sent)]


async def test_a_result_may_be_anything_false() -> None:
    async with api_of(saying({"ok": True, "result": False})) as api:
        assert await api.call("deleteWebhook") is False


async def test_connections_are_kept_and_can_be_opened_again() -> None:
    peers: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport
        peers.append(request.transport.get_extra_info("peername"))
        return web.json_response({"ok": True, "result": True})

    async with api_of(handler) as api:
        await api.close()
        await api.call("getMe")
        await api.call("getMe")
        await api.close()
        await api.call("getMe")

    assert peers[0] == peers[1] != peers[2]


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (400, "Bad Request: message text is empty", Refused),
        (400, "Bad Request: message is not modified: same", Refused),
        (413, "Request Entity Too Large", Refused),
        (400, "Bad Request: chat not found", Blocked),
        (400, "Bad Request: USER IS DEACTIVATED", Blocked),
        (403, "Forbidden: bot was blocked by the user", Blocked),
        (403, "Forbidden: user is deactivated", Blocked),
        (403, "Forbidden: bot was kicked from the group chat", Blocked),
        (403, "Forbidden: bot can't initiate conversation with a user", Blocked),
        (401, "Unauthorized", Unauthorized),
        (404, "Not Found", Unauthorized),
        (409, "Conflict: can't use getUpdates method while webhook is active", Conflict),
        (500, "Internal Server Error", Unsure),
        (502, "Bad Gateway", Unsure),
        (200, "no error at all", Unsure),
    ],
)
async def test_failures_are_told_apart(code: int, description: str, kind: type[ApiError]) -> None:
    answer = {"ok": False, "error_code": code, "description": description}

    error = await failure_of(saying(answer, code))

    assert type(error) is kind
    assert str(error) == f"sendMessage: {code}: {description}"


async def test_a_refusal_says_what_was_wrong() -> None:
    answer = {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}

    error = await failure_of(saying(answer, 400))

    assert isinstance(error, Refused)
    assert (error.code, error.description) == (400, "Bad Request: message is too long")


async def test_the_http_status_stands_in_for_a_missing_code() -> None:
    error = await failure_of(saying({"ok": False}, 403))

    assert isinstance(error, Blocked)


async def test_too_many_says_how_long_to_wait() -> None:
    parameters = {"retry_after": 7}
    answer = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": parameters}

    error = await failure_of(saying(answer, 429))

    assert isinstance(error, TooMany)
    assert error.retry_after == 7.0


@pytest.mark.parametrize("status", [200, 302, 404, 429, 502])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Bad Gateway</html>", b"[]", b"null", b'{"ok": 1}', b"\xff", b"[" * 99_999],
    ids=["nothing", "HTML", "list", "null", "no bool", "no UTF-8", "deep"],
)
async def test_an_answer_that_is_not_of_the_bot_api_leaves_it_open(
    body: bytes, status: int
) -> None:
    error = await failure_of(saying(body, status))

    assert isinstance(error, Unsure)


async def test_what_telegram_quotes_is_not_repeated() -> None:
    description = f"Bad Request: bot {TOKEN} can't parse {SECRET_TEXT}"
    answer = {"ok": False, "error_code": 400, "description": description}

    error = await failure_of(saying(answer, 400))

    assert isinstance(error, Refused)
    assert error.description == "Bad Request: bot … can't parse …"


@pytest.mark.parametrize(
    "base",
    [f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid", "no address"],
    # Test workers must agree on the names; each has found another free port.
    ids=["free port", "no host", "no address"],
)
async def test_what_cannot_be_connected_to_was_not_reached(base: str) -> None:
    api = BotApi(TOKEN, base)
    try:
        with pytest.raises(Unreached) as caught:
            await api.call("sendMessage", text=SECRET_TEXT)
    finally:
        await api.close()

    assert_silent(caught.value)


async def test_a_connection_that_never_comes_about_was_not_reached() -> None:
    # A queue for connections that is full: further ones are neither taken nor refused.
    with bound_socket() as listener:
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        tasks = [asyncio.create_task(one) for one in waiting]
        await asyncio.sleep(0.1)
        api = BotApi(TOKEN, f"http://127.0.0.1:{port}", timeout=0.3)
        try:
            with pytest.raises(Unreached) as caught:
                await api.call("sendMessage", text=SECRET_TEXT)
        finally:
            await api.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    assert_silent(caught.value)


async def test_no_answer_in_time_leaves_it_open() -> None:
    taken = asyncio.Event()

    async def handler(_request: web.Request) -> web.Response:
        taken.set()
        await asyncio.sleep(30)
        return web.Response()

    async with api_of(handler, timeout=0.2) as api:
        with pytest.raises(Unsure) as caught:
            await api.call("sendMessage", text=SECRET_TEXT)

    assert taken.is_set()
    assert_silent(caught.value)


async def test_a_call_may_wait_longer_or_shorter_than_others() -> None:
    async def handler(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.json_response({"ok": True, "result": []})

    async with api_of(handler, timeout=0.1) as api:
        assert await api.call("getUpdates", wait=20) == []
    async with api_of(handler, timeout=20) as api:
        with pytest.raises(Unsure):
            await api.call("getUpdates", wait=0.1)


@pytest.mark.parametrize("half", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
async def test_a_connection_cut_after_the_request_leaves_it_open(half: bytes) -> None:
    async def handler(request: web.Request) -> web.Response:
        await request.read()
        assert request.transport
        request.transport.write(half)  # type: ignore[attr-defined]
        request.transport.close()
        return web.Response()

    error = await failure_of(handler)

    assert isinstance(error, Unsure)
