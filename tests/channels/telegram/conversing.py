"""Holds the conversations of tests/conversations over REST and on Telegram, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
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
        known: what REST said, by conversation; what is not there is asked, and put there.
    """

    def __init__(
        self,
        address: str,
        endpoint: InProcessEndpoint,
        settings: Settings,
        known: dict[Path, list[TurnResult]],
    ) -> None:
        self._address = address
        self._endpoint = endpoint
        self._settings = settings
        self._known = known

    async def hold(self, path: Path, chat: Chat) -> Talk:
        """Hold a conversation over REST, unless that is known, and then in the chat."""
        # Nobody can send blanks on Telegram.
        turns = [turn for turn in load(path)["turns"] if turn["user"].strip()]
        buttons: Mapping[str, str] = {}
        telegram: list[Shown] = []
        try:
            if path not in self._known:
                self._known[path] = await self._over_rest(turns, f"same-{chat.id}")
            self._endpoint.up = True
            for turn, said in zip(turns, self._known[path], strict=True):
                self._give(turn)
                telegram.append(await self._on_telegram(chat, turn["user"], buttons))
                buttons = _offered(said)
        finally:
            self._endpoint.up = True
        return Talk(chat, turns, self._known[path], telegram)

    def _give(self, turn: Mapping[str, Any]) -> None:
        self._endpoint.up = UP.get(turn.get("given", ""), self._endpoint.up)

    async def _over_rest(self, turns: Sequence[Mapping[str, Any]], sender: str) -> list[TurnResult]:
        said: list[TurnResult] = []
        async with aiohttp.ClientSession(self._address) as http:
            for turn in turns:
                self._give(turn)
                body = {"sender": sender, "message": turn["user"]}
                async with http.post("/webhooks/rest/webhook", json=body) as answer:
                    assert answer.status == 200, await answer.text()
                    said.append(TurnResult(await answer.json()))
        return said

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


def _offered(reply: TurnResult) -> Mapping[str, str]:
    """The titles of a reply's buttons, by payload."""
    buttons = [button for message in reply.messages for button in message.get("buttons") or ()]
    return {button["payload"]: button["title"] for button in buttons}
