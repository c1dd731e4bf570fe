"""Telegram without a network, for tests of the parts: keeps messages, and fails as it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.api import ApiError, BotApi, Refused
from bot.channels.telegram.messenger import Messenger
from bot.channels.telegram.pace import Pace

CUSTOM = {"schema": "reply/1", "outcome": "smalltalk", "topic": "privacy"}


@dataclass(frozen=True)
class Shown:
    """A message of the bot, as it looks now."""

    chat: int
    text: str
    entities: object
    markup: object


class FakeApi(BotApi):
    """Numbers messages in one sequence; the next one is `number` + 1."""

    def __init__(self) -> None:
        super().__init__("1:x")
        self.number = 100
        self.shown: dict[int, Shown] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, object] = {}
        # Of each method, what comes of the next calls: an error, and whether it is done all the
        # same; None for nothing.
        self.faults: dict[str, deque[tuple[ApiError, bool] | None]] = defaultdict(deque)
        self.gate = asyncio.Event()
        self.gate.set()

    def fail(self, method: str, *errors: ApiError | None, done: bool = False) -> None:
        """Let the next calls of a method fail."""
        self.faults[method] += [error and (error, done) for error in errors]

    async def call(self, method: str, *, wait: float | None = None, **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        self.calls.append((method, given))
        await self.gate.wait()
        await asyncio.sleep(0)
        waiting = self.faults[method]
        fault = waiting.popleft() if waiting else None
        if fault and not fault[1]:
            raise fault[0]
        result = self._do(method, given)
        if fault:
            raise fault[0]
        return result

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    def texts(self, chat: int) -> list[str]:
        """What the chat shows, in order."""
        return [shown.text for _, shown in sorted(self.shown.items()) if shown.chat == chat]

    def _do(self, method: str, given: Mapping[str, Any]) -> object:
        if method == "sendMessage":
            self.number += 1
            self.shown[self.number] = _shown(given)
            return {"message_id": self.number}
        if method == "editMessageText":
            return self._edit(given["message_id"], _shown(given))
        return self.answers.get(method, True)

    def _edit(self, number: int, shown: Shown) -> object:
        there = self.shown.get(number)
        if there is None or there.chat != shown.chat:
            raise Refused("editMessageText", 400, "Bad Request: message to edit not found")
        if there == shown:
            raise Refused("editMessageText", 400, "Bad Request: message is not modified: …")
        self.shown[number] = shown
        return {"message_id": number}


def _shown(given: Mapping[str, Any]) -> Shown:
    markup, entities = given.get("reply_markup"), given.get("entities")
    return Shown(given["chat_id"], given["text"], entities, markup)


def messenger_of(api: BotApi) -> Messenger:
    """A messenger that need not wait."""
    return Messenger(api, Pace(1000, 1000))


def reply_of(text: str, *titles: str, **custom: object) -> dict[str, Any]:
    """The body of a reply."""
    buttons = [{"title": title, "payload": f"/ask_{title.lower()}"} for title in titles]
    return {"messages": [{"text": text, "buttons": buttons}], "custom": CUSTOM | custom}
