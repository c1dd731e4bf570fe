"""Places one message in a chat: in its turn, in plain text if its format is refused, and never a
second time if it may have arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from bot.channels.telegram.api import BotApi, Refused, TooMany, Unsure
from bot.channels.telegram.keyboards import buttons_of, keyboard
from bot.channels.telegram.layout import Bubble, plain
from bot.channels.telegram.pace import Pace
from bot.records import in_one_sequence

logger = logging.getLogger(__name__)

# Numbers beyond the highest known that a message may have been given, while others went too.
MARGIN = 60
# Numbers that are tried at most for one message.
MOST_TRIED = 400
# Between two tries: kept below what Telegram takes of a bot.
_TRY_SECONDS = 0.01
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
        self._seen = 0

    def note(self, chat: int, number: int) -> None:
        """Take note of the number of a message that came or went."""
        if in_one_sequence(chat):
            self._seen = max(self._seen, number)

    def seen(self, chat: int) -> int:
        """Return the highest number known of the sequence of a chat; 0 if nothing is."""
        return self._seen if in_one_sequence(chat) else 0

    async def wait(self, chat: int, *, urgent: bool = False) -> None:
        """Return when a message may go to the chat."""
        await self._pace.wait(chat, urgent)

    def take(self, chat: int) -> bool:
        """Take a place for a message to the chat, if it may go now; else return False."""
        return self._pace.take(chat)

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing to a chat for so long."""
        self._pace.hold(seconds, chat)

    @staticmethod
    def keyboard(body: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        """Return the buttons of a reply, named by its key."""
        return keyboard(buttons_of(body), key)

    async def send(self, chat: int, bubble: Bubble, markup: dict[str, Any] | None) -> int:
        """Send a message and return its number.

        Raises:
            ApiError: it is not known to be there; of the kind `Unsure` if it may be.
        """
        try:
            sent = await self._call("sendMessage", chat, bubble, markup)
        except Refused as error:
            if not _is_about_format(error, bubble):
                raise
            sent = await self._call("sendMessage", chat, plain(bubble), markup)
        number = sent.get("message_id") if isinstance(sent, dict) else None
        if not isinstance(number, int):
            raise Unsure("sendMessage: the answer has no number")
        self.note(chat, number)
        return number

    async def find(
        self,
        chat: int,
        bubble: Bubble,
        markup: dict[str, Any] | None,
        after: int,
        others: Collection[int] = (),
    ) -> int | None:
        """Return the number of a message that may have arrived, None if it did not.

        Args:
            chat, bubble, markup: as it was sent.
            after: the highest number known before it went.
            others: numbers of other messages of ours in the chat: they are let alone.

        Raises:
            ApiError: it could not be looked for.
        """
        last = min(max(self.seen(chat), after + MARGIN), after + MOST_TRIED)
        for number in (number for number in range(after + 1, last + 1) if number not in others):
            if await self._is_at(chat, bubble, markup, number):
                self.note(chat, number)
                return number
            await asyncio.sleep(_TRY_SECONDS)
        return None

    async def _is_at(self, chat: int, bubble: Bubble, markup: Any, number: int) -> bool:
        """Tell whether a message has a number. To write it over itself changes nothing."""
        while True:
            try:
                await self._call("editMessageText", chat, bubble, markup, number)
            except TooMany as error:
                # Waited for here: who began anew would ask as often again, and never come through.
                self.hold(chat, error.retry_after)
                await self.wait(chat)
            except Refused as error:
                if not _is_about_format(error, bubble):
                    return "not modified" in error.description.lower()
                bubble = plain(bubble)
            else:
                return True

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


def _is_about_format(error: Refused, bubble: Bubble) -> bool:
    """Tell whether only a message's format is refused: the words matter more than their looks."""
    refused = bool(bubble.entities) and "entit" in error.description.lower()
    if refused:
        logger.error("Telegram refused a message's format: %s", error)
    return refused
