"""Holds conversations over a real channel of a real server: REST, the website, Telegram."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from bot.channels.website.tokens import Tokens
from bot.settings import Settings
from tests.channels.website.conftest import Tab
from tests.plugin.drivers import Driver, Talk
from tests.plugin.heard import Button, Heard
from tests.plugin.server import Server, bot_server


@asynccontextmanager
async def started(channel: str, settings: Settings) -> AsyncIterator[Driver]:
    """A bot server on a channel, as long as the block lasts.

    Raises:
        ServerError: it does not start.
        KeyError: there is no such channel.
    """
    async with AsyncExitStack() as stack:
        if channel == "telegram":
            from tests.plugin.on_telegram import telegram_driver

            yield await stack.enter_async_context(telegram_driver(settings))
            return
        made = {"rest": Rest, "website": Website}[channel]
        yield made(await stack.enter_async_context(bot_server(settings, {})), settings)


class Served:
    """What the channels of a server have in common: the way to its action server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def action_server(self, up: bool) -> None:
        """Let the Rasa server reach its action server, or refuse its connections."""
        await (self.server.relay.listen() if up else self.server.relay.refuse())


class Rest(Served):
    """The REST channel."""

    channel = "rest"

    def __init__(self, server: Server, settings: Settings) -> None:
        super().__init__(server)

    async def talk(self) -> Talk:
        """Begin a conversation."""
        return RestTalk(self.server.url)


class RestTalk:
    """A conversation over REST."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/webhooks/rest/webhook"
        self.sender = f"test-{uuid.uuid4().hex}"

    async def say(self, text: str) -> Heard:
        """Post a message."""
        body = {"sender": self.sender, "message": text}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._url, json=body) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return Heard.of(await answer.json())

    async def tap(self, button: Button) -> Heard:
        """Post the button's payload."""
        return await self.say(button.payload)

    async def close(self) -> None:
        """Nothing is open."""


class Website(Served):
    """The website's socket."""

    channel = "website"

    def __init__(self, server: Server, settings: Settings) -> None:
        super().__init__(server)
        self._tokens = Tokens(settings.secret(), 1)

    async def talk(self) -> Talk:
        """Open a tab of a new session."""
        made = WebsiteTalk(self.server.url, self._tokens)
        await made.open()
        return made


class WebsiteTalk:
    """A conversation in a tab; after "forget me" in a new session, as with the widget."""

    def __init__(self, url: str, tokens: Tokens) -> None:
        self._url = url
        self._tokens = tokens
        self._tab = Tab(url)

    @property
    def sender(self) -> str:
        """Whose session it is."""
        return str(self._tokens.read(self._tab.token).sender)

    async def open(self) -> None:
        """Connect."""
        self._tab = Tab(self._url)
        await self._tab.open()

    async def say(self, text: str) -> Heard:
        """Send a message and wait for its reply."""
        return await self._sent(text=text)

    async def tap(self, button: Button) -> Heard:
        """Send the button's payload and title."""
        return await self._sent(payload=button.payload, title=button.title)

    async def close(self) -> None:
        """Close the tab."""
        await self._tab.close()

    async def _sent(self, **body: str) -> Heard:
        known = len(self._tab.replies)
        taken = await self._tab.send(**body)
        assert taken.get("ok"), f"the website refuses {body}: {taken}"
        reply = (await self._tab.answered(known + 1))[known]
        heard = Heard.of([*reply["messages"], {"custom": reply["custom"]}])
        if reply.get("stored") is False:
            await self._tab.until(lambda: self._tab.forgotten)
            await self.close()
            await self.open()
        return heard
