"""Headers on every answer, by whatever part of the server it is made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest
from rasa.core.channels.channel import register
from rasa.core.run import _create_app_without_api

from bot.channels.guard import Guard
from bot.channels.health import HealthInput
from bot.channels.rest import RestInput
from bot.channels.website.channel import SOCKET_PATH
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.settings import Settings
from tests.channels.website.conftest import Site
from tests.servers import served

POLLING = f"{SOCKET_PATH}/?EIO=4&transport=polling"
WORDS = "my-name-is-Ann"
PREFLIGHT = {"Origin": "https://clinic.example", "Access-Control-Request-Method": "POST"}
REQUESTS = [
    ("GET", "/", 200, {}),
    ("GET", "/favicon.ico", 204, {}),
    ("GET", "/none", 404, {}),
    ("DELETE", "/", 405, {}),
    ("POST", "/webhooks/website/sessions", 201, {}),
    ("GET", "/webhooks/website/messages", 401, {}),
    ("OPTIONS", "/webhooks/website/messages", 204, PREFLIGHT),
    ("GET", POLLING, 200, {}),
    ("POST", POLLING, 400, {}),
]


def assert_secure(answer: aiohttp.ClientResponse) -> None:
    assert answer.headers.getall("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.getall("Referrer-Policy") == ["no-referrer"]
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers


@pytest.mark.parametrize(("method", "path", "status", "headers"), REQUESTS)
async def test_every_answer_of_the_website(
    site: Site, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    async with site.http.request(method, path, headers=headers) as answer:
        assert answer.status == status
        assert_secure(answer)
        cached = {"/": "no-cache", "/favicon.ico": "max-age=86400"}
        wanted = cached.get(path, "no-store") if status < 400 else "no-store"
        assert answer.headers.getall("Cache-Control") == [wanted]


@pytest.fixture
async def small(settings: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    """A server without the website."""
    app = _create_app_without_api()
    app.name = f"headers_{uuid4().hex}"
    guard = Guard(SafeReplies(load_content(), None, settings), settings)
    register([RestInput(guard, settings), HealthInput(settings)], app, route="/webhooks/")
    async with served(app) as url, aiohttp.ClientSession(url) as http:
        yield http


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/webhooks/rest/webhook", '{"sender": "ann", "message": "hi"}', 200),
        ("POST", "/webhooks/rest/webhook", "{", 400),
        ("POST", "/webhooks/rest/webhook", "x" * 1_000_001, 413),
        ("GET", "/webhooks/rest/", None, 200),
        ("GET", "/health", None, 503),
        ("GET", "/none", None, 404),
    ],
)
async def test_every_answer_without_the_website(
    small: aiohttp.ClientSession, method: str, path: str, body: str | None, status: int
) -> None:
    async with small.request(method, path, data=body) as answer:
        assert answer.status == status
        assert_secure(answer)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"/{WORDS}", {}, 404),
        ("DELETE", f"/?{WORDS}", {}, 405),
        ("POST", "/webhooks/rest/webhook", {"Expect": WORDS}, 417),
        ("POST", "/webhooks/rest/webhook", {"Expect": b"\xc4\xff".decode("latin-1")}, 417),
        ("POST", f"{SOCKET_PATH}/{WORDS}", {}, 404),
        ("GET", f"{POLLING}&sid={WORDS}", {}, 400),
        ("POST", f"{POLLING}&sid={WORDS}", {}, 400),
    ],
)
async def test_an_error_repeats_nothing_of_the_request(
    site: Site,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with site.http.request(method, path, headers=headers) as answer:
        said = await answer.text()

    assert answer.status == status
    assert_secure(answer)
    assert set(json.loads(said)) <= {"error", "ok"}
    assert WORDS not in said + str(answer.headers) + caplog.text


async def test_a_method_that_is_not_allowed_is_told_which_are(site: Site) -> None:
    async with site.http.delete("/") as answer:
        assert "GET" in answer.headers["Allow"]


async def test_a_socket_names_no_software_either(site: Site) -> None:
    url = f"{SOCKET_PATH}/?EIO=4&transport=websocket"
    async with site.http.ws_connect(url) as socket:
        headers = socket._response.headers
        assert "Server" not in headers
        await asyncio.wait_for(socket.close(), 10)
