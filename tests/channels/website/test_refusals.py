"""What is refused, with which words, and that nobody else notices."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import aiohttp
import jwt
import pytest

from bot.channels.website.channel import SOCKET_PATH
from bot.channels.website.tokens import Tokens
from tests.channels.website.conftest import Site, new_id
from tests.channels.website.wire import Wire

SID = "A" * 22
KEYLESS = jwt.encode(
    {"sid": SID, "iat": 0, "exp": 2**33}, "another key of thirty-two bytes!!", "HS256"
)


def token(secret: bytes = b"key", ago: float = 0) -> str:
    made = Tokens(secret, 1, clock=lambda: time.time() - ago)
    return made.write(made.new())


@pytest.mark.parametrize(
    "given",
    [
        "nonsense",
        "a.b.c",
        KEYLESS,
        jwt.encode({"sid": SID, "iat": 0, "exp": 2**33}, "", algorithm="none"),
        token(secret=b"another"),
        token(ago=90_000),
        # Well made, but of a session that was never opened here, or is deleted.
        token(),
    ],
    ids=["no token", "dots", "without a key", "unsigned", "another key", "too old", "unknown"],
)
async def test_a_token_that_opens_nothing(site: Site, given: str) -> None:
    refusal = await site.closed_tab().refused(token=given)

    assert refusal["message"] == "session"
    assert refusal["data"]["code"] == "session"
    assert "start a new one" in refusal["data"]["message"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://clinic.example.evil"])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_foreign_origin(site: Site, origin: str, transport: str) -> None:
    headers = {"Origin": origin}
    if transport == "websocket":
        assert await site.closed_tab().refused(headers=headers) == 403
    url = f"{SOCKET_PATH}/?EIO=4&transport={transport}"
    async with site.http.get(url, headers=headers) as answer:
        body = json.loads(await answer.read())
        assert (answer.status, body["error"]["code"]) == (403, "origin")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert (await (await site.tab()).send("hello"))["ok"]


async def test_allowed_origins(site: Site) -> None:
    for origin in ("https://clinic.example", "http://localhost:8080", site.url):
        tab = await site.tab(headers={"Origin": origin})
        assert (await tab.send("hello"))["ok"]
    url = f"{SOCKET_PATH}/?EIO=4&transport=polling"
    async with site.http.get(url, headers={"Origin": "https://clinic.example"}) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://clinic.example"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "The body must be of type object."),
        ([], "The body must be of type object."),
        ("hello", "The body must be of type object."),
        ({"text": "hello"}, "The field 'id' is missing."),
        ({"id": "1", "text": "hello"}, "The field 'id' must be a UUID."),
        ({"id": f"{new_id()}\n", "text": "hello"}, "The field 'id'"),
        ({"id": new_id()}, "The field 'text' is missing."),
        ({"id": new_id(), "text": 7}, "The field 'text' must be of type string."),
        ({"id": new_id(), "text": "a", "sender": "b"}, "There is an unknown field"),
        ({"id": new_id(), "payload": "/restart"}, "must be one that a button carries"),
        ({"id": new_id(), "payload": '/greet{"a": "b"}'}, "must be one that a button carries"),
        ({"id": new_id(), "payload": "/greet", "title": "x" * 201}, "The field 'title'"),
        ({"id": new_id(), "payload": "/greet", "text": "x"}, "There is an unknown field"),
    ],
)
async def test_a_message_of_a_wrong_shape(site: Site, body: Any, words: str) -> None:
    tab = await site.tab()

    ack = await tab.call("message", body)

    assert (ack["ok"], ack["error"]["code"]) == (False, "bad_request")
    assert words in ack["error"]["message"]
    assert (await tab.send("fine"))["seq"] == 1, "nothing of it was stored"


@pytest.mark.parametrize(
    ("event", "body", "words"),
    [
        ("feedback", {"to": new_id(), "helpful": "yes"}, "must be of type boolean"),
        ("feedback", {"to": new_id(), "helpful": True}, "names no message with a reply"),
        ("forget", {"all": True}, "There is an unknown field; the fields are: none."),
        ("session_request", {}, "There is no such event."),
        ("user_uttered", {"message": "hi"}, "There is no such event."),
    ],
)
async def test_events_of_a_wrong_shape(site: Site, event: str, body: Any, words: str) -> None:
    ack = await (await site.tab()).call(event, body)

    assert ack["error"]["code"] == "bad_request"
    assert words in ack["error"]["message"]


async def test_surplus_arguments_do_no_harm(site: Site) -> None:
    tab = await site.tab()

    assert (await tab.call("message", {"id": new_id(), "text": "hi"}, "more", 7))["ok"]
    assert (await tab.call("message"))["error"]["code"] == "bad_request"


@pytest.mark.parametrize("auth", [{"token": 7}, {"after": -1}, {"after": "x"}, {"admin": True}])
async def test_a_handshake_of_a_wrong_shape(site: Site, auth: dict[str, Any]) -> None:
    refusal = await site.closed_tab().refused(**auth)

    assert (refusal["message"], refusal["data"]["code"]) == ("bad_request", "bad_request")


async def test_text_that_is_too_long(site: Site) -> None:
    tab = await site.tab()

    ack = await tab.send("a" * 10_001)
    assert ack["error"] == {
        "code": "too_long",
        "message": "That is more than I can read at once. Please use at most 10,000 characters.",
    }
    assert await tab.send("é" * 10_000) == {"ok": True, "seq": 1}


@pytest.mark.parametrize("size", [100_001, 1_000_000, 3_000_000])
async def test_a_frame_that_is_too_big(site: Site, size: int) -> None:
    tab, other = await site.tab(), await site.tab()

    frame = "42" + json.dumps(["message", {"id": new_id(), "text": "a" * size}])
    await tab.wire.ws.send_str(frame)
    code, reason = await tab.wire.end()

    assert code == 1009
    assert size > 2**20 or reason == "A frame may have at most 100000 bytes."
    assert (await other.send("hello"))["ok"]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "4",
        "9",
        "4x",
        "42",
        "42{}",
        "42[]",
        "42[7]",
        "42[null]",
        "42[[]]",
        '42["connect", {}, {}]',
        '42["disconnect"]',
        '42["*", "a"]',
        '42["message"',
        "42[" + "[" * 50_000,
        '42/admin,["message"]',
        "42" + "9" * 200 + '["message"]',
        '451-["message",{"_placeholder":true,"num":0}]',
        "46-",
        "430[]",
        "44{}",
        "40[]",
        "40{",
        "bAAAA",
        "٤٢[]",
        "0{}",
    ],
)
async def test_a_malformed_frame(site: Site, frame: str, caplog: pytest.LogCaptureFixture) -> None:
    tab, other = await site.tab(), await site.tab()

    with caplog.at_level(logging.WARNING):
        await tab.wire.ws.send_str(frame)
        code, reason = await tab.wire.end()

    assert (code, bool(reason)) == (1002, True)
    assert (await other.send("hello"))["ok"]
    assert "Traceback" not in caplog.text


async def test_a_binary_frame(site: Site) -> None:
    tab = await site.tab()

    await tab.wire.ws.send_bytes(b"\x04\x00")
    assert await tab.wire.end() == (1002, "Binary frames are not taken.")


async def test_malformed_frames_before_a_session(site: Site) -> None:
    wire = Wire(lambda *_: asyncio.sleep(0))
    await wire.attach(site.url)
    await wire.ws.send_str('42["message",{"id":"x","text":"y"}]')
    await wire.ws.send_str("nonsense")
    code, _ = await wire.end()
    await wire.disconnect()

    assert code == 1002
    assert site.agent.heard == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"42[]", 400),
        (b"\xff\xfe", 400),
        (b"d=40", 400),
        (b"", 400),
        (b"2", 400),
        (b"6", 400),
        (b"3\x1e6", 400),
        (b'42["message",{}]' + b"\x1e4x", 400),
        (b'42["message","' + b"a" * 100_001 + b'"]', 413),
    ],
)
async def test_malformed_polling(site: Site, body: bytes, status: int) -> None:
    path = f"{SOCKET_PATH}/?EIO=4&transport=polling"
    async with site.http.get(path) as opened:
        sid = json.loads((await opened.text())[1:])["sid"]
    async with site.http.post(f"{path}&sid={sid}", data=body) as answer:
        refusal = json.loads(await answer.read())
        assert (answer.status, refusal["ok"]) == (status, False)
        assert refusal["error"]["message"].endswith(".")
    async with site.http.get(f"{path}&sid={sid}&j=1") as answer:
        assert answer.status == 400


async def test_a_connection_that_has_ended_is_there_no_more(site: Site) -> None:
    path = f"{SOCKET_PATH}/?EIO=4&transport=polling"
    async with site.http.get(path) as opened:
        sid = json.loads((await opened.text())[1:])["sid"]
    async with site.http.post(f"{path}&sid={sid}", data=b"1") as answer:
        assert answer.status == 200

    async with site.http.post(f"{path}&sid={sid}", data=b"3") as answer:
        assert (answer.status, sid in await answer.text()) == (400, False)


async def test_no_message_text_reaches_the_logs(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        tab = await site.tab()
        await tab.send("a very private sentence")
        await tab.answered()
        await tab.call("message", {"id": "x", "text": "a very private sentence"})
        await tab.send("break")
        await tab.answered(2)

    assert "private" not in caplog.text
    assert tab.token not in caplog.text


async def test_http_errors_of_the_library_stay_clear(site: Site) -> None:
    for query in ("EIO=3&transport=polling", "EIO=4&transport=carrier-pigeon"):
        async with site.http.get(f"{SOCKET_PATH}/?{query}") as answer:
            assert answer.status == 400
    async with aiohttp.ClientSession() as http, http.get(site.url + "/health") as answer:
        assert answer.status == 404
