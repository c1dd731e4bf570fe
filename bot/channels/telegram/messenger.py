"""Places one message in a chat: in its turn, in plain text if its format is refused, and never a
second time if it may have arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from bot.channels.telegram.api import BotApi, Refused
from bot.channels.telegram.keyboards import buttons_of, keyboard
from bot.channels.telegram.layout import Bubble, plain
from bot.channels.telegram.pace import Pace

logger = logging.getLogger(__name__)

# Numbers beyond the highest known that a message may have been given, while others went too.
MARGIN = 60
# Numbers that are tried at most for one message.
MOST_TRIED = 400
_PREVIEW = {"is_disabled": True}


class Messenger:
    """Sends single messages.

    Private chats share one sequence of message numbers (docs/telegram.md), so a message whose
    confirmation was lost has a number soon after the highest that was known before it went.

    Args:
        api: the Bot API.
        pace: when a message may go.
    """

    def __init__(self, api: BotApi, pace: Pace) -> None:
        self._api = api
        self._pace = pace
        self.seen = 0

    def note(self, number: int) -> None:
        """Take note of the number of a message that came or went."""
        self.seen = max(self.seen, number)

    async def wait(self, chat: int, *, urgent: bool = False) -> None:
        """Return when a message may go to the chat."""
        await self._pace.wait(chat, urgent)

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing to a chat for so long."""
        self._pace.hold(seconds, chat)

    @staticmethod
    def keyboard(body: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        """Return the buttons of a reply, named by its key."""
        return keyboard(buttons_of(body), key)

    async def place(
        self, chat: int, bubble: Bubble, markup: dict[str, Any] | None, sent_after: int | None
    ) -> int:
        """Return the number of the message, which is in the chat once.

        Args:
            chat: where.
            bubble: its text.
            markup: its buttons.
            sent_after: if it may be there already: the highest number known before it went.

        Raises:
            ApiError: it is not known to be there; of the kind `Unsure` if it may be.
        """
        if sent_after is not None:
            found = await self._find(chat, bubble, markup, sent_after)
            if found is not None:
                return found
        sent = await self._formatted("sendMessage", chat, bubble, markup)
        number = int(sent["message_id"])
        self.note(number)
        return number

    async def _formatted(self, method: str, chat: int, bubble: Bubble, markup: Any) -> Any:
        try:
            return await self._call(method, chat, bubble, markup)
        except Refused as error:
            if not bubble.entities or "entit" not in error.description.lower():
                raise
            # The words matter more than their looks.
            logger.error("Telegram refused a message's format: %s", error)
            return await self._call(method, chat, plain(bubble), markup)

    async def _call(
        self, method: str, chat: int, bubble: Bubble, markup: Any, number: int | None = None
    ) -> Any:
        return await self._api.call(
            method,
            chat_id=chat,
            message_id=number,
            text=bubble.text,
            entities=[dict(entity) for entity in bubble.entities] or None,
            reply_markup=markup,
            link_preview_options=_PREVIEW,
        )

    async def _find(self, chat: int, bubble: Bubble, markup: Any, after: int) -> int | None:
        """Return the number of a message that may have arrived, None if it did not."""
        last = min(max(self.seen, after + MARGIN), after + MOST_TRIED)
        for number in range(after + 1, last + 1):
            try:
                await self._call("editMessageText", chat, bubble, markup, number)
            except Refused as error:
                if "not modified" not in error.description.lower():
                    # Kept below what Telegram takes of a bot.
                    await asyncio.sleep(0.01)
                    continue
            self.note(number)
            return number
        return None
