"""The action server's client against servers that fail in every way there is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from rasa.utils.endpoints import EndpointConfig

from bot.action_endpoint import CRISIS_OPEN, GuardedEndpoint
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.records import Records
from bot.reply.contract import validate
from bot.settings import Settings
from tests.metrics.counted import Counted, value
from tests.servers import answering, free_port

TIMEOUT = 0.4
SECRET = "known to both servers"
WEBHOOK = "http://127.0.0.1:9/webhook"


def guarded(url: str, settings: Settings, records: Records | None = None) -> GuardedEndpoint:
    replies = SafeReplies(load_content(), records, settings)
    endpoint = EndpointConfig(WEBHOOK, selective_domain=True)
    return GuardedEndpoint(endpoint, replies, TIMEOUT, url, lambda: SECRET)


def call(text: str = "Does it help?", intent: str | None = "ask_pain", **changes: Any) -> Any:
    tracker = {
        "latest_message": {"text": text, "intent": {"name": intent}},
        "latest_input_channel": "rest",
        "events": [
            {"event": "user", "message_id": "first", "text": "hi"},
            {"event": "user", "message_id": f"id of {text}", "text": text},
            {"event": "action", "name": "action_answer"},
        ],
    }
    return {"next_action": "action_answer", "sender_id": "ann", "tracker": tracker} | changes


def text(body: str, status: int = 200, kind: str = "application/json") -> web.Response:
    return web.Response(text=body, status=status, content_type=kind)


async def hang(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return text("{}")


async def trickle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"events": [')
    assert request.transport is not None
    request.transport.close()
    return response


def fixed(make: Callable[[], web.Response]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        return make()

    return answer


FAILURES = {
    "hangs": hang,
    "trickles": trickle,
    "breaks off": break_off,
    "500": fixed(lambda: text('{"error": "it broke"}', 500)),
    "400": fixed(lambda: text('{"error": "x", "action_name": "action_answer"}', 400)),
    "404": fixed(lambda: text('{"error": "x", "action_name": "action_answer"}', 404)),
    "HTML": fixed(lambda: text("<html>Bad gateway</html>", kind="text/html")),
    "not JSON": fixed(lambda: text("{events: ")),
    "empty": fixed(lambda: text("")),
    "null": fixed(lambda: text("null")),
    "list": fixed(lambda: text("[]")),
    "string": fixed(lambda: text('"ok"')),
    "no events": fixed(lambda: text('{"responses": []}')),
    "no responses": fixed(lambda: text('{"events": []}')),
    "events are null": fixed(lambda: text('{"events": null, "responses": []}')),
    "responses are a string": fixed(lambda: text('{"events": [], "responses": "hi"}')),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_every_failure_ends_in_a_safe_reply(
    failure: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering(FAILURES[failure]) as url:
        started = time.monotonic()
        result = await guarded(url, settings).request("post", json=call("a private matter"))
        took = time.monotonic() - started

    assert_safe(result, "unavailable")
    assert took < TIMEOUT + 2
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert any("action_answer" in record.getMessage() for record in errors)
    assert "a private matter" not in caplog.text


@pytest.mark.parametrize(
    ("failure", "reason"), [("hangs", "action_timeout"), ("500", "action_fault")]
)
async def test_what_failed_is_counted(failure: str, reason: str, settings: Settings) -> None:
    replies = Counted("guide_safe_replies_total", reason=reason)
    times = Counted("guide_stage_seconds_count", stage="action")

    async with answering(FAILURES[failure]) as url:
        await guarded(url, settings).request("post", json=call())

    assert (replies.grown, times.grown) == (1, 1)
    assert value("guide_degraded", part="actions") == 1


async def test_a_server_that_is_not_there(settings: Settings) -> None:
    url = f"http://127.0.0.1:{free_port()}/webhook"

    assert_safe(await guarded(url, settings).request("post", json=call()), "unavailable")


def assert_safe(result: dict[str, Any], outcome: str) -> None:
    """Check that Rasa can use the result and that it holds a whole reply."""
    from rasa.core.actions.action import RemoteAction

    RemoteAction("action_answer", None)._validate_action_result(result)
    texts = [message["text"] for message in result["responses"] if "text" in message]
    customs = [message["custom"] for message in result["responses"] if "custom" in message]
    assert texts
    assert len(customs) == 1
    validate(customs[0])
    assert customs[0]["outcome"] == outcome


async def test_a_good_answer_is_passed_on_and_the_call_is_whole(settings: Settings) -> None:
    good = {"events": [{"event": "slot", "name": "x", "value": 1}], "responses": [{"text": "Hi"}]}
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, await request.json()))
        return web.json_response(good)

    async with answering(answer) as url:
        result = await guarded(f"{url}/webhook", settings).request("post", json=call())

    assert result == good
    assert seen == [("POST", "/webhook", call())]


async def test_it_keeps_what_the_endpoint_was_configured_with(settings: Settings) -> None:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"events": [], "responses": []})

    inner = EndpointConfig(
        WEBHOOK, {"p": "1"}, {"X-Key": "k"}, token="t", token_name="auth", selective_domain=True
    )
    async with answering(answer) as url:
        replies = SafeReplies(load_content(), None, settings)
        endpoint = GuardedEndpoint(inner, replies, TIMEOUT, url, lambda: SECRET)
        await endpoint.request(json=call())

    assert endpoint.kwargs == {"selective_domain": True}
    assert dict(seen[0].query) == {"p": "1", "auth": "t"}
    assert seen[0].headers["X-Key"] == "k"
    assert seen[0].headers["Authorization"] == f"Bearer {SECRET}"


async def test_a_secret_that_cannot_be_read_is_a_failure_like_any_other(
    settings: Settings,
) -> None:
    def unreadable() -> str:
        raise PermissionError("action.key")

    replies = SafeReplies(load_content(), None, settings)
    endpoint = GuardedEndpoint(EndpointConfig(WEBHOOK), replies, TIMEOUT, WEBHOOK, unreadable)

    result = await endpoint.request(json=call("I want to kill myself", "crisis"))

    assert result["responses"][-1]["custom"]["outcome"] == "crisis"


async def test_a_session_starts_all_the_same(settings: Settings) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)

    result = await endpoint.request("post", json=call(next_action="action_session_start"))

    names = [(event["event"], event.get("name")) for event in result["events"]]
    assert names == [("session_started", None), ("action", "action_listen")]
    assert result["responses"] == []


@pytest.mark.parametrize(
    ("slots", "kept"),
    [
        ({"crisis_open": True, "last_topic": "pain", "offer": "human"}, [CRISIS_OPEN]),
        ({"crisis_open": False, "last_topic": "pain"}, []),
        ({"crisis_open": None}, []),
        ({}, []),
        (None, []),
    ],
)
async def test_only_an_open_crisis_outlives_a_session(
    settings: Settings, slots: Any, kept: list[Any]
) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)

    body = call(next_action="action_session_start", tracker={"slots": slots})
    result = await endpoint.request("post", json=body)

    listen = {"event": "action", "name": "action_listen"}
    assert result["events"] == [{"event": "session_started"}, *kept, listen]


async def test_a_session_starts_for_a_call_without_a_tracker(settings: Settings) -> None:
    endpoint = guarded(f"http://127.0.0.1:{free_port()}", settings)

    result = await endpoint.request("post", json={"next_action": "action_session_start"})

    assert [event["event"] for event in result["events"]] == ["session_started", "action"]
