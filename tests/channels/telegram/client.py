"""A test's hand on the emulated Telegram: its chats, its log, its faults."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.channels.telegram.chats import (
    PATIENCE_SECONDS,
    Chat,
    group_chat,
    private_chat,
    wait_until,
)

TOKEN = "123456:test-token-of-the-emulator"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_chat_ids = itertools.count(1_000_001)


@dataclass
class Call:
    """A call that the bot made: when (seconds, as time.time()), what, and what came of it."""

    time: float
    method: str
    chat: int | None
    params: dict[str, Any]
    status: int | str | None  # HTTP status, or "hang", "cut", "junk"; None: not over
    done: bool  # whether it took effect
    error: str | None = None
    message: dict[str, Any] | None = None  # the message that it made or changed
    ended: float | None = None


@dataclass
class Delivery:
    """An update that went to the bot, and what the bot answered (0: not reached)."""

    update_id: int
    time: float
    status: int | None
    ended: float | None = None


@dataclass
class Telegram:
    """A running emulator. Calls and deliveries that are over are here as they end."""

    url: str
    http: aiohttp.ClientSession
    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    _chats: dict[int, Chat] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def chat(self, chat_id: int | None = None, **user: Any) -> Chat:
        """A private chat with the bot; the same one for the same id. `user`: fields of its user."""
        chat_id = next(_chat_ids) if chat_id is None else chat_id
        return self._chats.setdefault(chat_id, private_chat(self, chat_id, user))

    def group(self, chat_id: int | None = None, title: str = "Support group") -> Chat:
        """A group with the bot and one person."""
        chat_id = -next(_chat_ids) if chat_id is None else chat_id
        return self._chats.setdefault(chat_id, group_chat(self, chat_id, title))

    async def post(self, *updates: dict[str, Any], held: bool = False) -> list[dict[str, Any]]:
        """Send updates ({kind: body}) to the bot's queue and return them as the bot gets them.

        Held ones get their ids but are not queued: see `deliver`.
        """
        body = [{**update, "held": held} for update in updates]
        return [taken["update"] for taken in await self.control("updates", body)]

    async def deliver(
        self, update: object, secret: str | None = "", url: str = "", data: bytes | None = None
    ) -> int:
        """Post an update to the webhook by hand, in whatever order; return the HTTP status.

        The secret is the right one unless given, and left out if None; `data` is sent as it is.
        """
        webhook = (await self.state())["webhook"] or {}
        right = webhook.get("secret_token") if secret == "" else secret
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: right} if right else {})
        body = json.dumps(update).encode() if data is None else data
        async with self.http.post(url or webhook["url"], data=body, headers=headers) as answer:
            await answer.read()
            return int(answer.status)

    async def fault(
        self,
        method: str = "*",
        answer: int | str = 500,
        *,
        times: int = 1,
        after: int = 0,
        chat: int | None = None,
        done: bool = False,
        delay: float = 0,
        retry_after: float | None = None,
        description: str | None = None,
    ) -> None:
        """Let the next `times` calls of a method fail, once `after` of them have passed.

        Answer: an HTTP status, "hang" (never), "cut" (the connection), "junk" (not JSON), or "ok"
        (only late). Done: the call takes effect all the same. Delay: seconds before anything.
        """
        fault = {"method": method, "answer": answer, "times": times, "after": after, "chat": chat}
        words = {"retry_after": retry_after, "description": description}
        given = {name: value for name, value in words.items() if value is not None}
        await self.control("faults", {**fault, "done": done, "delay": delay, **given})

    async def no_faults(self) -> None:
        """Take back the faults that are not spent."""
        async with self.http.delete(f"{self.url}/faults") as answer:
            answer.raise_for_status()

    async def limits(self, per_chat: float = 1, burst: int = 3, overall: int = 30) -> None:
        """From now on refuse more messages a second with 429; a chat may have so many at once."""
        limits = {"per_chat": per_chat, "burst": burst, "overall": overall}
        await self.control("limits", {"limits": limits})

    async def no_limits(self) -> None:
        """Take every message, however fast, as at the start."""
        await self.control("limits", {"limits": None})

    async def api(self, method: str, **params: Any) -> Any:
        """Call the Bot API as the bot would; return the whole answer, refused or not."""
        async with self.http.post(f"{self.url}/bot{self.token}/{method}", json=params) as answer:
            return await answer.json()

    async def tidy(self) -> None:
        """Back to the start: no faults, limits, webhook, nor updates that wait. Chats stay."""
        await self.no_faults()
        await self.no_limits()
        await self.api("deleteWebhook", drop_pending_updates=True)
        await self.api("getUpdates", allowed_updates=[])
        await self.api("setMyCommands", commands=[])

    async def state(self) -> dict[str, Any]:
        """`webhook`, `pending` (ids of updates not yet taken) and `commands` (the menus)."""
        return dict(await self.control("state"))

    async def control(self, path: str, body: object = None) -> Any:
        """Ask the emulator itself."""
        method = "GET" if body is None else "POST"
        async with self.http.request(method, f"{self.url}/{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    def calls_of(self, method: str, chat: int | None = None) -> list[Call]:
        """The calls of a method so far, in the order in which they ended."""
        return [c for c in self.calls if c.method == method and chat in (None, c.chat)]

    async def until(self, check: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something holds, looked at after each call and delivery."""
        await wait_until(self._news, check, seconds)

    async def quiet(self, seconds: float = 0.5) -> None:
        """Wait until the bot has taken every update and called nothing for so long."""
        await self.taken()
        heard = -1
        while heard != (heard := len(self.calls) + len(self.deliveries)):
            await asyncio.sleep(seconds)

    async def taken(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the bot has taken every update."""

        async def wait() -> None:
            while (await self.state())["pending"]:
                await asyncio.sleep(0.02)

        await asyncio.wait_for(wait(), seconds)

    def hear(self, line: bytes) -> None:
        """Take a line of the emulator's events."""
        event = json.loads(line)
        if "delivery" in event:
            self.deliveries.append(Delivery(**event["delivery"]))
        elif "call" in event:
            call = Call(**event["call"])
            self.calls.append(call)
            if call.chat in self._chats:
                self._chats[call.chat].hear(call.method, call.params, call.message)
        self._news.set()
