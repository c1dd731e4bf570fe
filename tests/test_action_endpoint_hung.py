"""An action server that hangs is waited for once, not by every call of a turn."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest
from aiohttp import web

from bot import action_endpoint
from bot.action_endpoint import HUNG_SECONDS, GuardedEndpoint
from bot.settings import Settings
from tests.servers import answering, free_port
from tests.test_action_endpoint import TIMEOUT, assert_safe, call, guarded

GOOD = {"events": [], "responses": [{"text": "Hi"}]}


@dataclass
class Server:
    """Answers as it is told to, and counts."""

    mode: str = "hangs"
    calls: int = 0

    async def __call__(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.mode == "hangs":
            await asyncio.sleep(30)
        return web.json_response(GOOD, status=500 if self.mode == "fails" else 200)


@dataclass
class Clock:
    """The time that the endpoint sees."""

    ahead: float = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(action_endpoint, "time", made)
    return made


async def timed(endpoint: GuardedEndpoint, outcome: str, text: str = "Does it help?") -> float:
    """Return how long a call took that ends in a safe reply."""
    started = time.monotonic()
    assert_safe(await endpoint.request("post", json=call(text)), outcome)
    return time.monotonic() - started


async def test_after_a_timeout_the_next_call_does_not_wait(settings: Settings) -> None:
    server = Server()
    async with answering(server) as url:
        endpoint = guarded(url, settings)
        assert await timed(endpoint, "unavailable") >= TIMEOUT
        assert await timed(endpoint, "unavailable") < TIMEOUT
        assert await timed(endpoint, "crisis", "I want to kill myself") < TIMEOUT
    assert server.calls == 1


async def test_a_session_starts_at_once_while_the_server_hangs(settings: Settings) -> None:
    server = Server()
    async with answering(server) as url:
        endpoint = guarded(url, settings)
        await timed(endpoint, "unavailable")
        start = call(next_action="action_session_start")
        result = await endpoint.request("post", json=start)
    assert [event["event"] for event in result["events"]] == ["session_started", "action"]
    assert server.calls == 1


async def test_when_the_time_is_up_the_server_is_asked_again(
    settings: Settings, clock: Clock
) -> None:
    server = Server()
    async with answering(server) as url:
        endpoint = guarded(url, settings)
        await timed(endpoint, "unavailable")
        server.mode = "answers"
        clock.ahead = HUNG_SECONDS - 1
        await timed(endpoint, "unavailable")
        assert server.calls == 1
        clock.ahead = HUNG_SECONDS + 1
        assert await endpoint.request("post", json=call()) == GOOD
        assert await endpoint.request("post", json=call()) == GOOD
    assert server.calls == 3


async def test_a_server_that_hangs_again_is_left_alone_again(
    settings: Settings, clock: Clock
) -> None:
    server = Server()
    async with answering(server) as url:
        endpoint = guarded(url, settings)
        await timed(endpoint, "unavailable")
        clock.ahead = HUNG_SECONDS + 1
        assert await timed(endpoint, "unavailable") >= TIMEOUT
        assert await timed(endpoint, "unavailable") < TIMEOUT
    assert server.calls == 2


async def test_a_failure_that_cost_no_time_is_tried_again_at_once(settings: Settings) -> None:
    server = Server("fails")
    async with answering(server) as url:
        endpoint = guarded(url, settings)
        await timed(endpoint, "unavailable")
        server.mode = "answers"
        assert await endpoint.request("post", json=call()) == GOOD
    assert server.calls == 2


async def test_a_refused_connection_is_no_hang(settings: Settings) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)
    await timed(endpoint, "unavailable")
    server = Server("answers")
    async with answering(server) as url:
        endpoint.url = url
        assert await endpoint.request("post", json=call()) == GOOD


async def test_one_endpoint_does_not_hang_for_another(settings: Settings) -> None:
    server = Server()
    async with answering(server) as url:
        await timed(guarded(url, settings), "unavailable")
        server.mode = "answers"
        assert await guarded(url, settings).request("post", json=call()) == GOOD
