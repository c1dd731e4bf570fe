"""A bot of one's own on an emulated Telegram, whose server can be killed and started again.

The emulator is the tests': `tests/channels/telegram/emulator`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.counting import Outcome, count, count_rows
from benchmarks.web_bot import Row, WebBot
from bot.channels.telegram.__main__ import remove_webhook, set_webhook
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.layout import bubbles, footer_lines
from bot.content import load_content
from bot.records.database import connect
from tests.channels.telegram.emulator import TOKEN, Chat, Telegram, emulator

MODES = ("webhook", "polling")


@dataclass
class Talk:
    """A chat, and what the person wrote in it."""

    chat: Chat
    said: list[str] = field(default_factory=list)


@dataclass
class TelegramBot:
    """A running bot, and Telegram around it."""

    telegram: Telegram
    web: WebBot

    def rows(self) -> dict[int, list[Row]]:
        """Return what the database holds, by chat, in order."""
        engine = connect(self.web.settings.records_url)
        query = (
            "SELECT address, author, message_id, body, answered FROM entries "
            "JOIN sessions USING (sender) WHERE channel = 'telegram' ORDER BY entries.id"
        )
        found: dict[int, list[Row]] = {}
        with engine.connect() as connection:
            for chat, *row in connection.exec_driver_sql(query):
                found.setdefault(int(chat), []).append(Row(*row))
        engine.dispose()
        return found

    def updates(self) -> int:
        """Return how many updates were taken."""
        engine = connect(self.web.settings.records_url)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM telegram_updates").scalar()
        engine.dispose()
        return int(found or 0)


@asynccontextmanager
async def running(folder: Path, mode: str, **settings: str) -> AsyncIterator[TelegramBot]:
    """Run the bot, with more settings, and the emulator as long as the block lasts.

    Raises:
        RuntimeError: there is no Node to run the emulator with.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise RuntimeError("The emulated Telegram needs Node 20 or newer, with npm.")
    async with emulator() as telegram:
        ours = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": telegram.url, "TELEGRAM_MODE": mode}
        web = WebBot(folder, **{**settings, **ours})
        api = BotApi(TOKEN, telegram.url)
        async with web.running():
            if mode == "webhook":
                await set_webhook(api, web.settings, web.url)
            try:
                yield TelegramBot(telegram, web)
            finally:
                await remove_webhook(api)
                await api.close()


def count_chats(talks: Sequence[Talk], rows: Mapping[int, list[Row]], outcome: Outcome) -> None:
    """Count what is wrong in chats and in the database's rows of them."""
    footer = footer_lines(load_content())
    for talk in talks:
        theirs = rows.get(talk.chat.id, [])
        count_rows(theirs, talk.said, outcome)
        replies = (json.loads(row.body) for row in theirs if row.author == "bot")
        wanted = [bubble.text for reply in replies for bubble in bubbles(reply, footer)]
        count_shown(talk.chat.texts, wanted, outcome)


def count_shown(shown: Sequence[str], wanted: Sequence[str], outcome: Outcome) -> None:
    """Count what a chat shows against what it should, in order."""
    count(shown, wanted, outcome)
    outcome.misplaced += list(shown) != list(wanted)
