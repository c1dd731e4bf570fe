"""How much one sender and one address may ask for over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from rasa.core.channels.channel import register
from sanic import Sanic

from bot.channels.guard import Guard
from bot.channels.rest import RestInput
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.settings import Settings, SettingsError
from tests.servers import served

VISITOR = {"X-Forwarded-For": "203.0.113.7"}
Post = Callable[..., Awaitable[tuple[int, Any, Any]]]
Start = Callable[..., Awaitable[Post]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a server of some settings; without an agent it answers safely, and quickly."""
    async with AsyncExitStack() as stack:

        async def started(**given: Any) -> Post:
            settings = Settings(**{"trusted_proxies": "127.0.0.0/8", **given})
            app = Sanic(f"rest_limits_{uuid4().hex}")
            app.ctx.agent = None
            guard = Guard(SafeReplies(load_content(), None, settings), settings)
            register([RestInput(guard, settings)], app, route="/webhooks/")
            url = await stack.enter_async_context(served(app))
            http = await stack.enter_async_context(aiohttp.ClientSession(url))

            async def post(
                sender: str = "ann", headers: dict[str, str] | None = None, body: Any = None
            ) -> tuple[int, Any, Any]:
                given = body or {"sender": sender, "message": "hello"}
                path = "/webhooks/rest/webhook"
                async with http.post(path, json=given, headers=headers or VISITOR) as answer:
                    return answer.status, await answer.json(), answer.headers

            return post

        yield started


async def test_a_sender_that_sends_too_much_is_told_when_to_come_back(start: Start) -> None:
    post = await start(rest_burst=3)
    statuses = [(await post())[0] for _ in range(10)]
    status, body, headers = await post()

    assert statuses[:3] == [200] * 3
    assert status == 429
    assert body["error"].endswith("Please wait a moment and try again.")
    assert headers["Retry-After"] == str(body["retry_after"]) == "1"
    assert headers["Cache-Control"] == "no-store"
    assert (await post("ben"))[0] == 200, "nobody else notices"


async def test_an_address_has_a_limit_whatever_senders_it_names(start: Start) -> None:
    post = await start(rest_burst=1)
    statuses = [(await post(f"sender-{number}"))[0] for number in range(30)]

    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert (await post("ann", {"X-Forwarded-For": "203.0.113.8"}))[0] == 200


async def test_an_address_cannot_be_invented(start: Start) -> None:
    post = await start(rest_burst=1, trusted_proxies="")
    visitors = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(30)]
    statuses = [(await post(f"sender-{n}", header))[0] for n, header in enumerate(visitors)]

    assert 429 in statuses


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_only_calls_of_this_machine_are_not_counted(start: Start, header: str) -> None:
    post = await start(rest_burst=1)
    own = [(await post(headers={"X-Other": "1"}))[0] for _ in range(10)]
    handed_on = [(await post(headers={header: "for=127.0.0.1"}))[0] for _ in range(10)]

    assert own == [200] * 10
    assert 429 in handed_on


async def test_the_limit_can_be_switched_off(start: Start) -> None:
    post = await start(rest_burst=0)

    assert [(await post())[0] for _ in range(80)] == [200] * 80


async def test_a_refused_shape_is_not_counted(start: Start) -> None:
    post = await start(rest_burst=1)
    assert (await post(body={"sender": "ann"}))[0] == 400

    assert (await post())[0] == 200


def test_the_setting_has_a_range() -> None:
    with pytest.raises(SettingsError, match="REST_BURST must be between 0 and 1000000"):
        Settings.from_env({"REST_BURST": "-1"})
