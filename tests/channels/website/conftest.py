"""The website channel on a real server with a real database; only Rasa's answer is a stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import socketio
from rasa.core.channels.channel import UserMessage, register
from rasa.core.run import _create_app_without_api

from bot.channels.guard import Guard
from bot.channels.website import WebsiteInput
from bot.channels.website.channel import SOCKET_PATH
from bot.content import load_content
from bot.degraded import SafeReplies
from bot.model_check import CANARIES
from bot.records import Records, conversation_reference
from bot.settings import Settings
from tests.channels.website.wire import Refused, Wire
from tests.databases import migrated
from tests.servers import served

CUSTOM = {
    "schema": "reply/1",
    "outcome": "smalltalk",
    "topic": "privacy",
    "parts": [{"outcome": "smalltalk", "topic": "privacy"}],
    "disclaimers": [],
}


def new_id() -> str:
    return str(uuid4())


@dataclass
class FakeAgent:
    """Stands for Rasa: answers every message with its own words, as slowly as it is told."""

    records: Records
    settings: Settings
    heard: list[UserMessage] = field(default_factory=list)
    running: int = 0
    most: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    action_endpoint: Any = None
    processor: Any = field(
        default_factory=lambda: SimpleNamespace(action_endpoint=None, model_filename="none")
    )

    def __post_init__(self) -> None:
        self.gate.set()

    def is_ready(self) -> bool:
        return True

    async def parse_message(self, text: str) -> dict[str, Any]:
        """Return what a model must understand to be served."""
        return {"intent": {"name": CANARIES.get(text)}}

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
            text = await self._words(message)
            buttons = [{"title": "Is it safe?", "payload": "/ask_safe_administration"}]
            assert message.output_channel is not None
            for part in ({"text": text, "buttons": buttons}, {"custom": CUSTOM}):
                await message.output_channel.send_response(message.sender_id, dict(part))
        finally:
            self.running -= 1

    async def _words(self, message: UserMessage) -> str:
        if message.text == "break":
            raise RuntimeError
        if message.text != "forget me":
            return f"You said: {message.text}"
        reference = conversation_reference(message.sender_id, self.settings.secret())
        receipt = await asyncio.to_thread(
            self.records.begin_erasure, conversation=reference, sender=message.sender_id
        )
        await asyncio.to_thread(self.records.finish_erasure, message.sender_id)
        return f"It is done. Your reference is {receipt.reference}."

    @property
    def texts(self) -> list[str | None]:
        return [message.text for message in self.heard]


async def begun(*agents: FakeAgent) -> None:
    """Wait until a turn runs at one of them."""

    async def wait() -> None:
        while not any(agent.running for agent in agents):
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 60)


class Tab:
    """A browser's tab: a client that keeps what it is sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.wire: Any = Wire(self._hear)
        self.entries: list[dict[str, Any]] = []
        self.sessions: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.forgotten: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self.token = ""

    async def _hear(self, event: str, body: dict[str, Any]) -> None:
        if event == "session":
            await self.sessions.put(body)
        else:
            {"entry": self.entries, "forgotten": self.forgotten}[event].append(body)
        self._news.set()

    async def open(
        self,
        token: object = None,
        headers: dict[str, str] | None = None,
        polling: bool = False,
        **auth: object,
    ) -> dict[str, Any]:
        """Connect and return the body of `session`.

        Raises:
            Refused: see `Wire.connect`.
        """
        auth = {"token": token, **auth}
        if polling:
            self.wire = socketio.AsyncClient(reconnection=False)
            self.wire.on("*", self._hear)
            await self.wire.connect(
                self.url, auth=auth, transports=["polling"], socketio_path=SOCKET_PATH
            )
        else:
            await self.wire.connect(self.url, auth, headers)
        session = await asyncio.wait_for(self.sessions.get(), 60)
        self.token = str(session["token"])
        self.entries += session["entries"]
        return session

    async def refused(self, **given: Any) -> Any:
        """Try to connect and return what the refusal says."""
        with pytest.raises(Refused) as refusal:
            await self.open(**given)
        return refusal.value.args[0]

    async def send(self, text: str = "", **body: Any) -> Any:
        """Send a message and return its acknowledgement."""
        given = {"id": new_id(), **({"text": text} if text else {}), **body}
        return await self.call("message", given)

    async def call(self, event: str, *data: object) -> Any:
        """Send an event and return its acknowledgement."""
        return await self.wire.call(event, *data, timeout=60)

    async def close(self) -> None:
        """Disconnect."""
        await self.wire.disconnect()

    async def until(self, check: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something holds, looked at after each entry."""

        async def wait() -> None:
            while not check():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), seconds)

    async def answered(self, count: int = 1, seconds: float = 60) -> list[dict[str, Any]]:
        """Wait for so many replies and return them."""
        await self.until(lambda: len(self.replies) >= count, seconds)
        return self.replies

    @property
    def replies(self) -> list[dict[str, Any]]:
        """The replies, each once: a client drops an entry whose number it has seen."""
        seen: set[int] = set()
        kept = []
        for entry in self.entries:
            if entry["from"] == "bot" and entry["seq"] not in seen:
                kept.append(entry)
                seen |= {entry["seq"]} - {None}
        return kept

    @property
    def said(self) -> list[str]:
        """Texts of the replies."""
        return [entry["messages"][0]["text"] for entry in self.replies]


@dataclass
class Site:
    """A running server."""

    url: str
    agent: FakeAgent
    records: Records
    settings: Settings
    http: aiohttp.ClientSession
    stack: AsyncExitStack

    async def tab(self, **given: Any) -> Tab:
        """Open a tab; of a new session unless a token is given."""
        tab = Tab(self.url)
        self.stack.push_async_callback(tab.close)
        await tab.open(**given)
        return tab

    def closed_tab(self) -> Tab:
        """A tab that has not connected."""
        return Tab(self.url)


Sites = Callable[..., Awaitable[Site]]


@pytest.fixture
def web_settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=str(tmp_path),
        secret_key="key",
        message_burst=50,
        sessions_per_minute=100,
        allowed_origins="https://clinic.example http://localhost:8080",
    )


@pytest.fixture
def web_records(web_settings: Settings) -> Iterator[Records]:
    migrated(web_settings.data_path / "guide.sqlite3")
    opened = Records(web_settings.records_url)
    yield opened
    opened.close()


@asynccontextmanager
async def running(settings: Settings, records: Records) -> AsyncIterator[Site]:
    """A server of these settings, as Rasa makes it, with the channel and the agent on it."""
    app = _create_app_without_api()
    app.name = f"website_{uuid4().hex}"
    guard = Guard(SafeReplies(load_content(), None, settings), settings)
    register([WebsiteInput(guard, settings)], app, route="/webhooks/")
    app.ctx.agent = agent = FakeAgent(records, settings)
    async with AsyncExitStack() as outer:
        url = await outer.enter_async_context(served(app))
        http = await outer.enter_async_context(aiohttp.ClientSession(url))
        async with AsyncExitStack() as stack:
            yield Site(url, agent, records, settings, http, stack)


@pytest.fixture
async def site(web_settings: Settings, web_records: Records) -> AsyncIterator[Site]:
    async with running(web_settings, web_records) as made:
        yield made


@pytest.fixture
async def sites(web_settings: Settings, web_records: Records) -> AsyncIterator[Sites]:
    """Starts servers with changed settings, on the same database."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> Site:
            settings = replace(web_settings, **changes)
            return await stack.enter_async_context(running(settings, web_records))

        yield start
