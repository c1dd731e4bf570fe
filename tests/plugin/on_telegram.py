"""Holds conversations on Telegram: a real server, long polling, and the emulated Telegram."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text as sql

from bot.records import database
from bot.settings import Settings
from tests.channels.telegram.conversing import as_on_telegram, without_references
from tests.channels.telegram.emulator import Bubble, Chat, Telegram, emulator
from tests.harness import TurnResult
from tests.plugin.channels import Served
from tests.plugin.drivers import Talk
from tests.plugin.heard import Button, Heard
from tests.plugin.server import Server, bot_server


@asynccontextmanager
async def telegram_driver(settings: Settings) -> AsyncIterator[OnTelegram]:
    """A bot server that polls an emulated Telegram."""
    async with emulator() as telegram:
        extra = {
            "TELEGRAM_TOKEN": telegram.token,
            "TELEGRAM_API": telegram.url,
            "TELEGRAM_MODE": "polling",
        }
        async with bot_server(settings, extra) as server:
            yield OnTelegram(server, settings, telegram)


class OnTelegram(Served):
    """The bot on Telegram."""

    channel = "telegram"

    def __init__(self, server: Server, settings: Settings, telegram: Telegram) -> None:
        super().__init__(server)
        self._settings = settings
        self._telegram = telegram

    async def talk(self) -> Talk:
        """Begin a private chat."""
        return TelegramTalk(self._telegram.chat(), self._settings.records_url)


class TelegramTalk:
    """A private chat. A reply is read from what the bot stored, and compared with its bubble."""

    def __init__(self, chat: Chat, url: str) -> None:
        self._chat = chat
        self._url = url

    @property
    def sender(self) -> str:
        """Under which name Rasa knows the chat."""
        return str(self._asked("SELECT sender FROM sessions WHERE address = :chat"))

    async def say(self, text: str) -> Heard:
        """Write a message and wait for the bubble that answers it."""
        sent = await self._chat.send(text)
        return await self._heard(f"m{sent.message_id}", command=text.strip().startswith("/"))

    async def tap(self, button: Button) -> Heard:
        """Tap a button of the latest bubble."""
        sent = await self._chat.tap(button.title)
        return await self._heard(f"c{sent.callback_id}", command=False)

    async def close(self) -> None:
        """A chat stays."""

    async def _heard(self, number: str, command: bool) -> Heard:
        (bubble,) = await self._chat.reply()
        query = (
            "SELECT body FROM entries JOIN sessions USING (sender) "
            "WHERE address = :chat AND message_id = :id AND author = 'bot'"
        )
        body = self._asked(query, id=number)
        if body is None:
            # Nothing is kept of what was forgotten: only what the person sees is left.
            return _seen(bubble)
        stored = json.loads(body)
        messages = [*stored["messages"], {"custom": stored["custom"]}]
        if not command:
            _compare(bubble, TurnResult(messages))
        return Heard.of(messages)

    def _asked(self, query: str, **values: Any) -> Any:
        engine = database.connect(self._url)
        try:
            with engine.connect() as connection:
                return connection.scalar(sql(query), {"chat": str(self._chat.id), **values})
        finally:
            engine.dispose()


def _seen(bubble: Bubble) -> Heard:
    buttons = tuple(Button(button.title, button.data or "") for button in bubble.buttons)
    return Heard((bubble.text,), buttons, None)


def _compare(bubble: Bubble, stored: TurnResult) -> None:
    """What the person sees must be what was stored."""
    assert without_references(bubble.text) == as_on_telegram(stored), "the bubble differs"
    titles = [button["title"] for m in stored.messages for button in m.get("buttons") or ()]
    assert [button.title for button in bubble.buttons] == titles, "its buttons differ"
