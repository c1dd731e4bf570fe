"""Long polling: fetches updates, for a bot whose server has no public address."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.channels.telegram.api import ApiError, BotApi, Conflict, TooMany, Unauthorized
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.updates import KINDS

logger = logging.getLogger(__name__)

# How long Telegram may hold a call that has nothing to tell, and how much longer we wait for it.
HOLD_SECONDS = 25
GRACE_SECONDS = 10.0
FIRST_PAUSE, MOST_PAUSE = 1.0, 30.0


class Poller:
    """Fetches updates until cancelled; an update is confirmed once it is stored."""

    def __init__(self, api: BotApi, inbox: Inbox) -> None:
        self._api = api
        self._inbox = inbox
        self._offset: int | None = None

    async def run(self) -> None:
        """Fetch for ever; every fault is waited out."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._round()
            except ApiError as error:
                logger.warning("Updates are fetched again in %.0f s: %s", pause, _advice(error))
                wait = error.retry_after if isinstance(error, TooMany) else pause
                await asyncio.sleep(wait)
                pause = min(2 * pause, MOST_PAUSE)
            else:
                pause = FIRST_PAUSE

    async def _round(self) -> None:
        found = await self._api.call(
            "getUpdates",
            wait=HOLD_SECONDS + GRACE_SECONDS,
            offset=self._offset,
            timeout=HOLD_SECONDS,
            allowed_updates=KINDS,
        )
        for update in found if isinstance(found, list) else ():
            try:
                await self._inbox.take(update)
            except Exception as error:
                # One update must not hold up all that come after it.
                logger.error("An update could not be taken (%s)", type(error).__name__)
            self._offset = max(self._offset or 0, _number(update) + 1)


def _number(update: Any) -> int:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else -1


def _advice(error: ApiError) -> str:
    if isinstance(error, Conflict):
        return f"{error} (remove the webhook: python -m bot.channels.telegram webhook --remove)"
    if isinstance(error, Unauthorized):
        return f"{error} (is TELEGRAM_TOKEN right?)"
    return str(error)
