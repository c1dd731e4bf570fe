"""A webhook that stands for the bot, and what a bot may call by hand."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from tests.channels.telegram.emulator import SECRET_HEADER, Chat, Telegram


async def refused(telegram: Telegram, method: str, **params: Any) -> tuple[int, str]:
    answer = await telegram.api(method, **params)
    assert answer["ok"] is False
    return answer["error_code"], answer["description"]


async def bot_sends(chat: Chat, text: str = "Hello", **params: Any) -> dict[str, Any]:
    answer = await chat.telegram.api("sendMessage", chat_id=chat.id, text=text, **params)
    assert answer["ok"], answer
    return dict(answer["result"])


class Hook:
    """A bot's webhook that answers what it is told and keeps what it gets."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.open: dict[int, int] = {}
        self.most = 0
        self.pause = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        update = await request.json()
        chat = update.get("message", {}).get("chat", {}).get("id", 0)
        self.open[chat] = self.open.get(chat, 0) + 1
        self.most = max(self.most, self.open[chat])
        await asyncio.sleep(self.pause)
        self.open[chat] -= 1
        self.got.append(update)
        self.secrets.append(request.headers.get(SECRET_HEADER))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]
