"""People's side of the emulated Telegram: chats in which they write, tap and wait for the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.channels.telegram.bubbles import MEDIA, Bubble, Sent

if TYPE_CHECKING:
    from tests.channels.telegram.client import Telegram

BOT = "guide_bot"  # the bot's user name
TICK = "✓ "
PATIENCE_SECONDS = 60.0


def bot_entity(kind: str, text: str) -> list[dict[str, Any]]:
    """An entity over the first word."""
    return [{"type": kind, "offset": 0, "length": len(text.split()[0])}]


@dataclass
class Chat:
    """A chat of one person with the bot. Bubbles are kept as the bot sends and changes them."""

    telegram: Telegram
    about: dict[str, Any]  # the API's Chat
    user: dict[str, Any]  # the API's User
    typing: list[str] = field(default_factory=list)  # chat actions that the bot sent
    answered: list[dict[str, Any]] = field(
        default_factory=list
    )  # parameters of answerCallbackQuery
    _bubbles: dict[int, Bubble] = field(default_factory=dict)
    _mark: int = 0
    _last: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> int:
        return int(self.about["id"])

    @property
    def bubbles(self) -> list[Bubble]:
        """All messages of the bot so far, as they look now, in order."""
        return [self._bubbles[number] for number in sorted(self._bubbles)]

    @property
    def texts(self) -> list[str]:
        return [bubble.text for bubble in self.bubbles]

    # What a person does. `held`: made, but not queued; see `Telegram.deliver`.

    def says(self, text: str | None = None, **fields: Any) -> dict[str, Any]:
        """A message as an update without ids, for `Telegram.post`."""
        words = {} if text is None else {"text": text}
        return {"message": {"chat": self.about, "from": self.user, **words, **fields}}

    async def send(self, text: str, held: bool = False, **fields: Any) -> Sent:
        """Write a message; `fields` are further ones of the API's Message."""
        return await self._post(self.says(text, **fields), held)

    async def command(self, name: str, rest: str = "", held: bool = False) -> Sent:
        """Send a command; in a group it is addressed to the bot."""
        address = "" if self.about["type"] == "private" else f"@{BOT}"
        text = f"/{name}{address} {rest}".strip()
        return await self.send(text, held, entities=bot_entity("bot_command", text))

    async def mention(self, text: str, held: bool = False) -> Sent:
        """Write a message that begins with the bot's name, as in a group."""
        text = f"@{BOT} {text}"
        return await self.send(text, held, entities=bot_entity("mention", text))

    async def answer(self, bubble: Bubble, text: str, held: bool = False) -> Sent:
        """Write a message as a reply to one of the bot's."""
        return await self.send(text, held, reply_to_message=bubble.raw)

    async def media(self, kind: str, caption: str | None = None, held: bool = False) -> Sent:
        """Send what is not text: a kind of `MEDIA`."""
        words = {} if caption is None else {"caption": caption}
        return await self._post(self.says(None, **MEDIA[kind], **words), held)

    async def photo(self, caption: str | None = None) -> Sent:
        """Send a photo."""
        return await self.media("photo", caption)

    async def voice(self) -> Sent:
        """Send a voice message."""
        return await self.media("voice")

    async def edit(self, text: str, message_id: int | None = None, **fields: Any) -> Sent:
        """Change the text of the person's own message: the last one, unless another is given."""
        update = self.says(text, message_id=message_id or self._last, **fields)
        return await self._post({"edited_message": update["message"]})

    async def tap(self, title: str, bubble: Bubble | None = None, held: bool = False) -> Sent:
        """Tap a button: the latest with the title, ticked or not, unless a bubble is given.

        Raises:
            LookupError: there is no such button to tap.
        """
        for found in [bubble] if bubble else reversed(self.bubbles):
            for button in found.buttons:
                if button.title.removeprefix(TICK) == title and button.data is not None:
                    return await self.tap_data(button.data, found.message_id, held)
        raise LookupError(f"no button to tap: {title}")

    async def tap_data(self, data: str, message_id: int, held: bool = False) -> Sent:
        """Tap with any data on any message, as a forger would, or on a keyboard long gone."""
        body = {"chat": self.about, "from": self.user, "message_id": message_id, "data": data}
        return await self._post({"callback_query": body}, held)

    async def membership(self, old: str, new: str) -> Sent:
        """Change what the bot is in the chat, as the API's ChatMember.status."""
        bot = {"id": int(self.telegram.token.split(":")[0]), "is_bot": True, "first_name": "Guide"}
        statuses = {"old_chat_member": old, "new_chat_member": new}
        body = {key: {"user": bot, "status": status} for key, status in statuses.items()}
        return await self._post({"my_chat_member": {"chat": self.about, "from": self.user, **body}})

    async def block(self) -> Sent:
        """Block the bot (or take it out of the group): it gets 403 until it is let in again."""
        return await self.membership("member", "kicked")

    async def unblock(self) -> Sent:
        """Let the bot in (again)."""
        return await self.membership("kicked", "member")

    async def _post(self, update: dict[str, Any], held: bool = False) -> Sent:
        latest = max(self._bubbles, default=0)
        sent = Sent((await self.telegram.post(update, held=held))[0])
        self._mark = latest
        if "message" in sent.update:
            self._mark = self._last = sent.message_id
        return sent

    # What a person sees.

    async def ask(self, text: str, count: int = 1) -> list[Bubble]:
        """Write a message and wait for so many bubbles of reply."""
        await self.send(text)
        return await self.reply(count)

    async def reply(self, count: int = 1, seconds: float = PATIENCE_SECONDS) -> list[Bubble]:
        """Wait for so many bubbles since the person's last act; return all there are."""
        await self.until(lambda: len(self._since()) >= count, seconds)
        return self._since()

    async def until(self, check: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something holds, looked at after each call of the bot for this chat."""
        await wait_until(self._news, check, seconds)

    async def history(self) -> list[dict[str, Any]]:
        """Every message of both sides as it looks now, asked of the emulator."""
        return list(await self.telegram.control(f"chat/{self.id}"))

    def hear(self, method: str, params: dict[str, Any], message: dict[str, Any] | None) -> None:
        """Take a call of the bot for this chat."""
        if message is not None:
            self._bubbles[message["message_id"]] = Bubble(message)
        elif method == "sendChatAction":
            self.typing.append(params.get("action", ""))
        elif method == "answerCallbackQuery":
            self.answered.append(params)
        self._news.set()

    def _since(self) -> list[Bubble]:
        return [bubble for bubble in self.bubbles if bubble.message_id > self._mark]


def private_chat(telegram: Telegram, chat_id: int, user: dict[str, Any]) -> Chat:
    """A person's own chat with the bot."""
    names = {"first_name": "Ada", **user}
    person = {"id": chat_id, "is_bot": False, "language_code": "en", **names}
    about = {"id": chat_id, "type": "private", "first_name": names["first_name"]}
    return Chat(telegram, about, person)


def group_chat(telegram: Telegram, chat_id: int, title: str) -> Chat:
    """A group in which one person and the bot are."""
    person = {"id": -chat_id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    return Chat(telegram, {"id": chat_id, "type": "group", "title": title}, person)


async def wait_until(news: asyncio.Event, check: Callable[[], object], seconds: float) -> None:
    """Wait until something holds, looked at whenever there is news.

    Raises:
        asyncio.TimeoutError: it did not within the seconds.
    """

    async def wait() -> None:
        while not check():
            news.clear()
            await news.wait()

    await asyncio.wait_for(wait(), seconds)
