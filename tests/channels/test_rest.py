"""The REST channel over real HTTP: what it takes, what it refuses, what it never does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage, register
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from bot.action_endpoint import GuardedEndpoint
from bot.channels.guard import Guard
from bot.channels.rest import MAX_METADATA, MAX_SENDER, RestInput, shorten
from bot.content import load_content
from bot.degraded import SafeReplies, safe_replies
from bot.reply.contract import validate
from bot.settings import Settings
from tests.servers import served

CUSTOM = {
    "schema": "reply/1",
    "outcome": "off_topic",
    "topic": None,
    "parts": [{"outcome": "off_topic"}],
    "disclaimers": [],
}
WEBHOOK = "/webhooks/rest/webhook"


class FakeAgent:
    """Stands for Rasa: keeps what it is given, answers completely or breaks."""

    def __init__(self) -> None:
        self.heard: list[UserMessage] = []
        self.action_endpoint: Any = EndpointConfig("http://127.0.0.1:9/webhook")
        self.processor = SimpleNamespace(action_endpoint=None)

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        if message.text == "break":
            raise RuntimeError
        assert message.output_channel is not None
        for part in ({"text": "A reply."}, {"custom": CUSTOM}):
            await message.output_channel.send_response(message.sender_id, part)


@dataclass
class Client:
    """Talks HTTP to the channel."""

    url: str
    agent: FakeAgent
    session: aiohttp.ClientSession
    app: Sanic = field(repr=False)

    async def post(self, body: bytes | str | object) -> tuple[int, Any]:
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        async with self.session.post(self.url + WEBHOOK, data=data) as answer:
            return answer.status, await answer.json()

    async def accepted(self, body: bytes | str | object) -> UserMessage:
        """Post, expect the reply, and return what Rasa was given."""
        self.agent.heard.clear()
        status, answer = await self.post(body)
        assert status == 200, answer
        assert [part.get("text") for part in answer] == ["A reply.", None]
        return self.agent.heard[0]

    async def refused(self, body: bytes | str | object, expected: int = 400) -> str:
        """Post, expect a refusal that Rasa does not see, and return its words."""
        status, answer = await self.post(body)
        assert (status, list(answer)) == (expected, ["error"])
        assert self.agent.heard == []
        return str(answer["error"])


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    settings = Settings(secret_key="key")
    guard = Guard(SafeReplies(load_content(), None, settings), settings)
    app = Sanic(f"rest_{uuid4().hex}", configure_logging=False)
    register([RestInput(guard, settings)], app, route="/webhooks/")
    app.ctx.agent = FakeAgent()
    async with served(app) as url, aiohttp.ClientSession() as session:
        yield Client(url, app.ctx.agent, session, app)


def said(**changes: Any) -> dict[str, Any]:
    return {"sender": "ann", "message": "hello"} | changes


async def test_a_good_message(client: Client) -> None:
    status, answer = await client.post(said(metadata={"page": "home"}))

    assert status == 200
    assert answer == [
        {"recipient_id": "ann", "text": "A reply."},
        {"recipient_id": "ann", "custom": CUSTOM},
    ]
    (heard,) = client.agent.heard
    assert (heard.text, heard.sender_id, heard.input_channel) == ("hello", "ann", "rest")
    assert heard.metadata == {"page": "home"}


async def test_a_message_has_the_clients_id_or_one_of_rasas(client: Client) -> None:
    assert (await client.accepted(said(message_id="my-1"))).message_id == "my-1"
    ids = {(await client.accepted(said(message_id=None))).message_id for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [(7, "message_id must be a string."), ("", "1 to 64"), ("x" * 65, "1 to 64")],
)
async def test_an_id_of_a_wrong_shape_is_refused(client: Client, given: Any, words: str) -> None:
    assert words in await client.refused(said(message_id=given))


@pytest.mark.parametrize("text", ["", "  ", "\n", "🫁", "/greet", "a" * 10_000, "٣", "\u202e"])
async def test_any_text_passes_unchanged(client: Client, text: str) -> None:
    heard = await client.accepted(said(message=text))

    # Rasa itself strips what surrounds a text.
    assert heard.text == text.strip()
    assert heard.metadata == {}


@pytest.mark.parametrize("sender", [None, 7, 1.5, True, [], ["ann"], {}])
@pytest.mark.parametrize("name", ["sender", "message"])
async def test_sender_and_message_are_strings(client: Client, name: str, sender: Any) -> None:
    assert await client.refused(said(**{name: sender})) == f"{name} must be a string."


@pytest.mark.parametrize("name", ["sender", "message"])
async def test_sender_and_message_are_needed(client: Client, name: str) -> None:
    body = said()
    del body[name]

    assert await client.refused(body) == f"{name} must be a string."


@pytest.mark.parametrize("sender", ["", " ", "\n\t", "\x00", "\ud800", "x" * (MAX_SENDER + 1)])
async def test_a_sender_is_neither_empty_nor_too_long(client: Client, sender: str) -> None:
    assert await client.refused(said(sender=sender)) == "sender must be 1 to 200 characters long."


@pytest.mark.parametrize("sender", ["web-", "web-0123456789abcdef", "\x00web-1", "\ud800web-1"])
async def test_nobody_joins_a_conversation_of_the_website(client: Client, sender: str) -> None:
    assert "must not begin with web-" in await client.refused(said(sender=sender))


async def test_the_longest_sender(client: Client) -> None:
    assert (await client.accepted(said(sender="x" * MAX_SENDER))).sender_id == "x" * MAX_SENDER


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{",
        b"sender=ann&message=hello",
        b"\x00\x01\x02\xff\xfe\xfd" * 100,
        '{"sender": "ann", "message": "caf\u00e9"}'.encode("latin-1"),
        b'{"sender": "ann", "message": "' + b"\xc3\x28" + b'"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"sender": "ann", "message": "hi", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"sender": "ann", "message": ' + b"9" * 100_000 + b"}",
    ],
    ids=range(11),
)
async def test_a_body_that_is_not_json(client: Client, body: bytes) -> None:
    assert await client.refused(body) == "The body must be JSON, in UTF-8."


@pytest.mark.parametrize("body", ["[]", "null", "1", '"hello"', "true", '[{"sender": "ann"}]'])
async def test_json_that_is_no_object(client: Client, body: str) -> None:
    assert (await client.refused(body)).startswith("The body must be an object")


@pytest.mark.parametrize("step", [0, *range(880, 1000, 20)])
async def test_no_depth_of_nesting_breaks_it(client: Client, step: int) -> None:
    for depth in range(step, step + 20):
        nested = "[" * depth + "]" * depth
        body = f'{{"sender": "ann", "message": "hi", "metadata": {{"a": {nested or 0}}}}}'
        status, _ = await client.post(body)
        assert status in (200, 400), depth


async def test_what_no_database_takes_is_left_out(client: Client) -> None:
    heard = await client.accepted(rb'{"sender": "a\u0000n\ud800n", "message": "h\udfff\u0000i"}')

    assert (heard.sender_id, heard.text) == ("ann", "hi")
    heard = await client.accepted(rb'{"sender": "ann", "message": "\ud83e\udec1"}')
    assert heard.text == "\N{LUNGS}"


async def test_a_long_message_is_shortened_and_marked(client: Client) -> None:
    heard = await client.accepted(said(message="s" * 10_000 + "e" * 10_000, metadata={"a": 1}))

    assert heard.text == "s" * 5000 + "\n" + "e" * 5000
    assert heard.metadata == {"a": 1, "shortened": True}


async def test_megabytes_are_refused(client: Client) -> None:
    error = await client.refused(said(message="a" * 1_500_000), 413)

    assert error == "The body must be at most 1000000 bytes."


@pytest.mark.parametrize(
    ("text", "limit", "shortened"),
    [
        ("", 1, ("", False)),
        ("abcd", 4, ("abcd", False)),
        ("abcdef", 4, ("ab\nef", True)),
        ("abcdef", 5, ("ab\nef", True)),
        ("abcdef", 2, ("a\nf", True)),
    ],
)
def test_shorten(text: str, limit: int, shortened: tuple[str, bool]) -> None:
    assert shorten(text, limit) == shortened


@pytest.mark.parametrize("metadata", [7, "text", [], [1], True, 0, ""])
async def test_metadata_is_an_object(client: Client, metadata: Any) -> None:
    assert await client.refused(said(metadata=metadata)) == "metadata must be an object."


@pytest.mark.parametrize("metadata", [None, {}])
async def test_metadata_may_be_left_out(client: Client, metadata: Any) -> None:
    assert (await client.accepted(said(metadata=metadata))).metadata == {}


async def test_metadata_has_a_limit(client: Client) -> None:
    room = MAX_METADATA - len('{"a": ""}')

    assert (await client.accepted(said(metadata={"a": "x" * room}))).metadata
    client.agent.heard.clear()
    assert "4096" in await client.refused(said(metadata={"a": "x" * (room + 1)}))


async def test_a_turn_that_breaks_is_answered_safely(client: Client) -> None:
    status, answer = await client.post(said(message="break"))

    assert status == 200
    validate(answer[-1]["custom"])
    assert answer[-1]["custom"]["outcome"] == "unavailable"


async def test_before_the_agent_is_there_a_message_is_answered_safely(client: Client) -> None:
    client.app.ctx.agent = None

    status, answer = await client.post(said(message="I want to kill myself"))

    assert (status, answer[-1]["custom"]["outcome"]) == (200, "crisis")


async def test_the_agent_is_protected_by_the_first_message(client: Client) -> None:
    await client.accepted(said())
    first = client.agent.action_endpoint
    await client.accepted(said())

    assert isinstance(first, GuardedEndpoint)
    assert client.agent.action_endpoint is first is client.agent.processor.action_endpoint


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", WEBHOOK, 405),
        ("PUT", WEBHOOK, 405),
        ("DELETE", WEBHOOK, 405),
        ("GET", "/webhooks/rest/", 200),
        ("POST", "/webhooks/rest/other", 404),
        ("POST", "/webhooks/telegram/webhook", 404),
        ("GET", "/conversations/ann/tracker", 404),
    ],
)
async def test_other_methods_and_paths(client: Client, method: str, path: str, status: int) -> None:
    async with client.session.request(method, client.url + path) as answer:
        assert answer.status == status
    assert client.agent.heard == []


def test_rasa_makes_it_from_the_environment(settings: Settings) -> None:
    safe_replies.cache_clear()

    channel = RestInput.from_credentials(None)

    assert (channel.name(), channel.url_prefix()) == ("rest", "rest")
    assert channel._settings == settings
