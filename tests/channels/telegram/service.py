"""Runs the channel with the real bot against the emulated Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, register
from rasa.core.run import _create_app_without_api

from bot.channels.guard import Guard
from bot.channels.health import HealthInput
from bot.channels.rest import RestInput
from bot.channels.telegram import TelegramInput
from bot.channels.telegram.__main__ import remove_webhook, set_webhook
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.pace import Pace
from bot.degraded import safe_replies
from bot.settings import Settings
from tests.channels.telegram.emulator import Telegram
from tests.servers import served

MODES = ("webhook", "polling")
# Beyond Telegram's limits, so that tests that are not about them need not wait a second a turn.
QUICK = (1000.0, 1000.0)


@asynccontextmanager
async def guide(
    telegram: Telegram,
    agent: Agent,
    settings: Settings,
    mode: str,
    pace: Pace | None = None,
    rest: bool = False,
) -> AsyncIterator[str]:
    """The bot on Telegram, and over REST if told, as long as the block lasts; its server's
    address."""
    ours = replace(
        settings,
        telegram_token=telegram.token,
        telegram_api=telegram.url,
        telegram_mode=mode,
        # Patient, since the machine may be busy with other things.
        turn_deadline=60.0,
    )
    app = _create_app_without_api()
    app.name = f"telegram_{uuid4().hex}"
    guard = Guard(safe_replies(), ours)
    telegram_channel = TelegramInput(guard, ours, pace or Pace(*QUICK))
    channels: list[InputChannel] = [telegram_channel, HealthInput(ours)]
    channels += [RestInput(guard, ours)] if rest else []
    register(channels, app, route="/webhooks/")
    app.ctx.agent = agent
    api = BotApi(telegram.token, telegram.url)
    try:
        async with served(app) as address:
            if mode == "webhook":
                await set_webhook(api, ours, address)
            yield address
    finally:
        await remove_webhook(api)
        await api.close()
