"""The same sessions and rules over plain HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.channels.website.tokens import Tokens
from tests.channels.website.conftest import Site, Sites, begun, new_id

ROOT = "/webhooks/website"
CLINIC = {"Origin": "https://clinic.example"}


async def ask(
    site: Site, method: str, path: str, token: str = "", body: Any = None, **headers: str
) -> tuple[int, Any, Any]:
    """Return status, body and headers of an answer."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes) or body is None else json.dumps(body)
    async with site.http.request(method, ROOT + path, data=data, headers=headers) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None, answer.headers


async def opened(site: Site) -> str:
    status, body, _ = await ask(site, "POST", "/sessions")
    assert (status, list(body)) == (201, ["token"])
    return str(body["token"])


async def test_a_conversation(site: Site) -> None:
    token, message = await opened(site), new_id()

    status, body, headers = await ask(
        site, "POST", "/messages", token, {"id": message, "text": "hi"}
    )
    assert (status, body["ok"], body["seq"]) == (200, True, 1)
    assert headers["Cache-Control"] == "no-store"
    asked, reply = body["entries"]
    assert (asked["from"], asked["id"], asked["text"]) == ("user", message, "hi")
    assert (reply["from"], reply["to"], reply["seq"]) == ("bot", message, 2)
    assert reply["messages"][0]["text"] == "You said: hi"

    again = await ask(site, "POST", "/messages", token, {"id": message, "text": "hi"})
    assert again[1] == body
    assert site.agent.texts == ["hi"]
    assert (await ask(site, "GET", "/messages", token))[1] == {"entries": [asked, reply]}
    assert (await ask(site, "GET", "/messages?after=1", token))[1] == {"entries": [reply]}


async def test_a_socket_sees_what_came_over_rest(site: Site) -> None:
    tab = await site.tab()

    await ask(site, "POST", "/messages", tab.token, {"id": new_id(), "text": "hi"})
    await tab.answered()

    assert tab.said == ["You said: hi"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/messages"), ("GET", "/messages"), ("POST", "/forget"), ("POST", "/feedback")],
)
@pytest.mark.parametrize("token", ["", "forged", "unknown"])
async def test_no_session(site: Site, method: str, path: str, token: str) -> None:
    if token == "unknown":
        tokens = Tokens(b"key", 1)
        token = tokens.write(tokens.new())
    bodies = {"/messages": {"id": new_id(), "text": "hi"}, "/feedback": {"to": new_id()}}
    bodies["/feedback"]["helpful"] = True  # type: ignore[assignment]

    status, body, _ = await ask(site, method, path, token, bodies.get(path, {}))

    assert (status, body["error"]["code"]) == (401, "session")


@pytest.mark.parametrize("kind", ["Basic", "bearer"])
async def test_the_kind_of_authorization(site: Site, kind: str) -> None:
    token = await opened(site)
    header = {"Authorization": f"{kind} {token}"}

    status, _, _ = await ask(site, "GET", "/messages", **header)
    assert status == (200 if kind == "bearer" else 401)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 400, "bad_request"),
        (b"\xff", 400, "bad_request"),
        (b"[" * 90_000, 400, "bad_request"),
        (b"", 400, "bad_request"),
        ({"id": "x", "text": "hi"}, 400, "bad_request"),
        ({"id": new_id(), "text": "a" * 10_001}, 413, "too_long"),
        (b" " * 1_000_000, 413, "too_long"),
    ],
)
async def test_refusals(site: Site, body: Any, status: int, code: str) -> None:
    token = await opened(site)

    answer = await ask(site, "POST", "/messages", token, body)

    assert (answer[0], answer[1]["ok"], answer[1]["error"]["code"]) == (status, False, code)


@pytest.mark.parametrize("after", ["-1", "x", "9999999999", "٣"])
async def test_a_senseless_number(site: Site, after: str) -> None:
    status, _, _ = await ask(site, "GET", f"/messages?after={after}", await opened(site))
    assert status == 400


async def test_too_fast(sites: Sites) -> None:
    site = await sites(message_burst=2)
    token = await opened(site)
    answers = [
        await ask(site, "POST", "/messages", token, {"id": new_id(), "text": "hi"})
        for _ in range(4)
    ]

    assert [answer[0] for answer in answers[:2]] == [200, 200]
    status, body, headers = answers[-1]
    assert (status, body["error"]["code"]) == (429, "rate_limited")
    assert headers["Retry-After"] == str(body["error"]["retry_after"])


async def test_a_foreign_origin(site: Site) -> None:
    for method, path in (("POST", "/sessions"), ("GET", "/messages")):
        status, body, headers = await ask(site, method, path, Origin="https://evil.example")
        assert (status, body["error"]["code"]) == (403, "origin")
        assert "Access-Control-Allow-Origin" not in headers


async def test_an_allowed_origin_may_call(site: Site) -> None:
    asking = {"Access-Control-Request-Method": "POST", **CLINIC}
    status, _, headers = await ask(site, "OPTIONS", "/messages", **asking)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == CLINIC["Origin"]
    assert headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in headers

    status, _, headers = await ask(site, "POST", "/sessions", **CLINIC)
    assert (status, headers["Access-Control-Allow-Origin"]) == (201, CLINIC["Origin"])


async def test_a_foreign_origin_may_not_even_ask(site: Site) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Origin": "https://evil.example"}
    _, _, headers = await ask(site, "OPTIONS", "/messages", **asking)
    assert not [name for name in headers if name.startswith("Access-Control")]


async def test_a_reply_from_another_server_is_waited_for(sites: Sites) -> None:
    first, second = await sites(), await sites()
    tab = await first.tab()
    first.agent.gate.clear()
    message = new_id()
    await tab.send("hi", id=message)
    await begun(first.agent)

    waiting = asyncio.create_task(
        ask(second, "POST", "/messages", tab.token, {"id": message, "text": "hi"})
    )
    await asyncio.sleep(0.3)
    first.agent.gate.set()
    status, body, _ = await waiting

    assert (status, [entry["from"] for entry in body["entries"]]) == (200, ["user", "bot"])
    assert (first.agent.texts, second.agent.texts) == (["hi"], [])


async def test_a_reply_that_never_comes(sites: Sites) -> None:
    site = await sites(turn_deadline=0.3, action_timeout=0.1)
    token = await opened(site)
    sender = Tokens(b"key", 1).read(token).sender
    message = new_id()
    site.records.add_message(sender, message, {"text": "hi"})
    # Another server, it seems, is at it, and never ends.
    assert site.records.claim_turn(sender, 60) is not None

    body = {"id": message, "text": "hi"}
    status, answer, _ = await ask(site, "POST", "/messages", token, body)
    assert (status, answer["error"]["code"]) == (503, "unavailable")
