"""Holds the conversations of tests/conversations over REST and on Telegram, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from bot.records import database
from bot.settings import Settings
from tests.channels.telegram.emulator import Bubble, Chat
from tests.harness import InProcessEndpoint, TurnResult
from tests.test_conversations import load

UP = {"action server down": False, "action server up": True}
# Other in each conversation.
_REFERENCE = re.compile(r"\b([EF]-)[2-9A-Z]{6}\b")
_LINK = re.compile(r"\[([^]\n]+)\]\(https?://\S+\)")


@dataclass(frozen=True)
class Shown:
    """What a person saw of a turn on Telegram, and the reply as stored (None: nothing is)."""

    bubbles: list[Bubble]
    stored: dict[str, Any] | None
    tapped: bool


@dataclass(frozen=True)
class Talk:
    """A conversation held twice, turn by turn."""

    chat: Chat
    turns: list[dict[str, Any]]
    rest: list[TurnResult]
    telegram: list[Shown]


class Talker:
    """Holds conversations with one running server.

    Args:
        address: of the server, which has the REST channel too.
        endpoint: the action server, for `given`.
        settings: where the database is.
    """

    def __init__(self, address: str, endpoint: InProcessEndpoint, settings: Settings) -> None:
        self._address = address
        self._endpoint = endpoint
        self._settings = settings

    async def hold(self, path: Path, chat: Chat) -> Talk:
        """Hold a conversation: each turn over REST, then in the chat."""
        # Nobody can send blanks on Telegram.
        turns = [turn for turn in load(path)["turns"] if turn["user"].strip()]
        talk = Talk(chat, turns, [], [])
        buttons: Mapping[str, str] = {}
        try:
            async with aiohttp.ClientSession(self._address) as http:
                for turn in turns:
                    self._endpoint.up = UP.get(turn.get("given", ""), self._endpoint.up)
                    result = await _over_rest(http, f"same-{chat.id}", turn["user"])
                    shown = await self._on_telegram(chat, turn["user"], buttons)
                    talk.rest.append(result)
                    talk.telegram.append(shown)
                    buttons = _offered(result)
        finally:
            self._endpoint.up = True
        return talk

    async def _on_telegram(self, chat: Chat, words: str, buttons: Mapping[str, str]) -> Shown:
        title = buttons.get(words)
        sent = await (chat.send(words) if title is None else chat.tap(title))
        number = f"m{sent.message_id}" if title is None else f"c{sent.callback_id}"
        return Shown(await chat.reply(), self._stored(chat, number), title is not None)

    def _stored(self, chat: Chat, message_id: str) -> dict[str, Any] | None:
        query = text(
            "SELECT body FROM entries JOIN sessions USING (sender) "
            "WHERE address = :chat AND message_id = :id AND author = 'bot'"
        )
        engine = database.connect(self._settings.records_url)
        with engine.connect() as connection:
            found = connection.scalar(query, {"chat": str(chat.id), "id": message_id})
        engine.dispose()
        return None if found is None else dict(json.loads(found))


def as_on_telegram(reply: TurnResult) -> str:
    """The text of a reply over REST as Telegram shows it, by the rules of docs/telegram.md."""
    lines = [re.sub(r"^- ", "• ", line) for line in reply.text.split("\n")]
    plain = _LINK.sub(r"\1", "\n".join(lines).replace("**", ""))
    return without_references(plain)


def without_references(words: str) -> str:
    """The text with every reference alike."""
    return _REFERENCE.sub(r"\1…", words)


async def _over_rest(http: aiohttp.ClientSession, sender: str, words: str) -> TurnResult:
    body = {"sender": sender, "message": words}
    async with http.post("/webhooks/rest/webhook", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return TurnResult(await answer.json())


def _offered(reply: TurnResult) -> Mapping[str, str]:
    """The titles of a reply's buttons, by payload."""
    buttons = [button for message in reply.messages for button in message.get("buttons") or ()]
    return {button["payload"]: button["title"] for button in buttons}
