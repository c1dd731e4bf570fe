"""The inbox: takes updates, each once, and has them answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.archive import Archive
from bot.channels.entries import Message
from bot.channels.rest import TELEGRAM_SENDER
from bot.channels.telegram.api import ApiError, BotApi
from bot.channels.telegram.commands import meaning, without_mention
from bot.channels.telegram.keyboards import buttons_of, keyboard, read_tap
from bot.channels.telegram.messenger import Messenger
from bot.channels.telegram.notices import NOT_TEXT, OLD_BUTTON, group_notice
from bot.channels.telegram.postman import Postman
from bot.channels.telegram.updates import (
    Gone,
    InGroup,
    Said,
    Self,
    Tapped,
    Unreadable,
    Update,
    read_update,
)
from bot.channels.turns import Turns
from bot.records import RecordsError, Tap

logger = logging.getLogger(__name__)

# Replies that nothing keeps, whose buttons work as long as they are remembered; and updates.
MOST_KEPT = 1000
# The command, whatever stands behind it: who asks for help in a group gets it there.
_CRISIS = re.compile(r"\s*/crisis\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Loose:
    """A reply that nothing keeps."""

    sender: str
    body: Mapping[str, Any]
    tapped: frozenset[int] = frozenset()


class Inbox:
    """Takes updates of one bot.

    Args:
        secret: key of the senders' names.
        archive: where messages wait.
        turns: answers them.
        postman: is told where to; messenger: which numbers messages have.
        api: for what happens to a button.
    """

    def __init__(
        self,
        secret: bytes,
        archive: Archive,
        turns: Turns,
        postman: Postman,
        messenger: Messenger,
        api: BotApi,
    ) -> None:
        self._secret = secret
        self._archive = archive
        self._turns = turns
        self._postman = postman
        self._messenger = messenger
        self._api = api
        self._loose: OrderedDict[str, _Loose] = OrderedDict()
        self._unstored: OrderedDict[int, None] = OrderedDict()
        self._beside: set[asyncio.Task[None]] = set()
        self.me = Self()

    def sender(self, chat: int) -> str:
        """Return a chat's name in trackers and records: nobody finds the chat by it."""
        digest = hmac.new(self._secret, f"telegram:{chat}".encode(), hashlib.sha256)
        return f"{TELEGRAM_SENDER}{digest.hexdigest()[:32]}"

    async def take(self, data: object) -> None:
        """Take an update; whatever it holds, it is no error."""
        update = read_update(data, self.me)
        if update is None:
            return
        sender = self.sender(update.chat)
        self._postman.know(sender, update.chat)
        if isinstance(update, (Said, Unreadable, Tapped)):
            self._messenger.note(update.chat, update.number)
        if isinstance(update, Gone):
            await self._close(sender)
        elif isinstance(update, Tapped):
            await self._tap(update, sender)
        else:
            await self._store(update, sender, _message(update))

    def keep(self, key: str, sender: str, body: Mapping[str, Any]) -> None:
        """Remember a reply that nothing else keeps, for its buttons."""
        self._loose[key] = _Loose(sender, body)
        while len(self._loose) > MOST_KEPT:
            self._loose.popitem(last=False)

    def forget(self, sender: str) -> None:
        """Forget what is remembered of a sender's replies."""
        for key in [key for key, reply in self._loose.items() if reply.sender == sender]:
            del self._loose[key]

    async def stop(self) -> None:
        """End what is only for show."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def _store(self, update: Update, sender: str, message: Message) -> None:
        given = (update.update_id, sender, str(update.chat), message.id, message.body())
        records, turns = self._archive.records, self._turns
        expected = turns.expect(sender, message)
        try:
            if turns.at_once(sender):
                new = await turns.take(records.take_and_claim, sender, *given)
            elif new := await self._archive.ask(records.take_update, *given):
                turns.wake(sender)
            if expected and not new:
                turns.answered(sender, message.id)
        except RecordsError as error:
            logger.error("An update is answered unstored (%s)", type(error).__name__)
            if self._is_new(update.update_id):
                await turns.take_unstored(sender, message)

    def _is_new(self, update_id: int) -> bool:
        if update_id in self._unstored:
            return False
        self._unstored[update_id] = None
        while len(self._unstored) > MOST_KEPT:
            self._unstored.popitem(last=False)
        return True

    async def _close(self, sender: str) -> None:
        """Send nothing more to somebody who has blocked the bot."""
        try:
            await self._archive.ask(self._archive.records.drop_replies, sender)
        except RecordsError as error:
            logger.warning("A chat could not be closed (%s)", type(error).__name__)

    async def _tap(self, update: Tapped, sender: str) -> None:
        """Take a tapped button as the message that it stands for."""
        self._meanwhile(self._api.call("answerCallbackQuery", callback_query_id=update.callback))
        read = read_tap(update.data)
        tap = await self._find(sender, *read) if read else None
        buttons = buttons_of(tap.body) if tap else []
        message = Message(f"c{update.callback}", "", notice=OLD_BUTTON)
        if read and tap and read[1] < len(buttons):
            key, index = read
            chosen = buttons[index]
            message = Message(f"c{update.callback}", chosen["payload"], chosen["title"])
            markup = keyboard(buttons, key, tap.tapped)
            self._meanwhile(
                self._api.call(
                    "editMessageReplyMarkup",
                    chat_id=update.chat,
                    message_id=update.number,
                    reply_markup=markup,
                )
            )
        await self._store(update, sender, message)

    async def _find(self, sender: str, key: str, index: int) -> Tap | None:
        if (known := self._loose.get(key)) is not None and known.sender == sender:
            tapped = known.tapped | {index}
            self._loose[key] = _Loose(sender, known.body, tapped)
            return Tap(sender, known.body, tuple(sorted(tapped)))
        try:
            return await self._archive.ask(self._archive.records.tap, sender, key, index)
        except RecordsError as error:
            logger.warning("A button could not be looked up (%s)", type(error).__name__)
            return None

    def _meanwhile(self, call: Awaitable[Any]) -> None:
        """Do what is only for show; nothing depends on it."""

        async def done() -> None:
            try:
                await call
            except ApiError as error:
                logger.info("A button's looks could not be changed: %s", error)

        task = asyncio.create_task(done())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _message(update: Update) -> Message:
    """Return what an update says; what stands for itself holds no words of a person."""
    if isinstance(update, InGroup):
        # A group's words are not kept.
        crisis = _CRISIS.match(update.text)
        return Message(update.key, "", notice="crisis" if crisis else group_notice(update))
    if isinstance(update, Unreadable):
        # Of an album, each picture is an update of its own; it is answered once.
        name = f"a{update.album}" if update.album else f"m{update.number}"
        return Message(name, "", notice=NOT_TEXT)
    assert isinstance(update, Said)  # noqa: S101 - there is no other kind
    found = meaning(update.text)
    if found is not None and not found.startswith("/"):
        return Message(f"m{update.number}", "", notice=found)
    return Message(f"m{update.number}", found or without_mention(update.text))
