"""Reads updates: each is one of a few things that the channel knows how to take, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.rest import clean_text

# The kinds of updates that are asked for.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
# What a person may send that is not text.
_FILES = {"animation", "audio", "document", "photo", "live_photo", "paid_media", "video"}
_SPOKEN = {"story", "video_note", "voice"}
_PLAY = {"checklist", "dice", "game", "poll", "sticker"}
_UNREADABLE = _FILES | _SPOKEN | _PLAY | {"contact", "location", "venue"}
_OUTSIDE = ("left", "kicked")
_ALBUM = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class Update:
    """What every update has: its own number, and the chat's."""

    update_id: int
    chat: int


@dataclass(frozen=True)
class Said(Update):
    """A text or a caption; `number` is the message's. An edited one has the same number."""

    number: int
    text: str


@dataclass(frozen=True)
class Unreadable(Update):
    """A photo, a voice message or the like, without words; `album` names those sent as one."""

    number: int
    album: str = ""


@dataclass(frozen=True)
class Tapped(Update):
    """A button under one of our messages."""

    callback: str
    number: int
    data: str


@dataclass(frozen=True)
class InGroup(Update):
    """The bot was spoken to, or taken into, a group; `key` names the occasion."""

    key: str
    text: str


@dataclass(frozen=True)
class Gone(Update):
    """The person has blocked the bot."""


@dataclass(frozen=True)
class Self:
    """Who the bot is on Telegram: its number, and its name without the @; 0 and '' if unknown."""

    number: int = 0
    name: str = ""


def read_update(data: object, me: Self) -> Update | None:
    """Return an update, or None if there is nothing in it for us: never an error."""
    if not isinstance(data, Mapping) or (update_id := _number(data, "update_id")) is None:
        return None
    if update_id < 0:
        return None
    for kind in ("message", "edited_message"):
        if (message := _part(data, kind)) is not None:
            return _read_message(update_id, message, me, edited=kind == "edited_message")
    if (query := _part(data, "callback_query")) is not None:
        return _read_tap(update_id, query)
    if (change := _part(data, "my_chat_member")) is not None:
        return _read_change(update_id, change)
    return None


def _read_message(
    update_id: int, message: Mapping[str, Any], me: Self, *, edited: bool
) -> Update | None:
    chat, number = _chat(message), _number(message, "message_id")
    if chat is None or number is None or (_part(message, "from") or {}).get("is_bot") is True:
        return None
    text = clean_text(_text(message, "text") or _text(message, "caption"))
    if (_part(message, "chat") or {}).get("type") != "private":
        if edited or not _addressed(message, text, me):
            return None
        return InGroup(update_id, chat, f"m{number}", text)
    if text:
        return Said(update_id, chat, number, text)
    if not _UNREADABLE & message.keys():
        return None
    album = _ALBUM.fullmatch(_text(message, "media_group_id"))
    return Unreadable(update_id, chat, number, album[0] if album else "")


def _read_tap(update_id: int, query: Mapping[str, Any]) -> Update | None:
    message = _part(query, "message") or {}
    chat, number = _chat(message), _number(message, "message_id")
    callback = _text(query, "id")
    if chat is None or number is None or not callback or len(callback) > 60:
        return None
    if (_part(message, "chat") or {}).get("type", "private") != "private":
        return None
    return Tapped(update_id, chat, callback, number, _text(query, "data"))


def _read_change(update_id: int, change: Mapping[str, Any]) -> Update | None:
    """Return what a change of the bot's place in a chat means."""
    chat = _chat(change)
    status = (_part(change, "new_chat_member") or {}).get("status")
    before = (_part(change, "old_chat_member") or {}).get("status")
    if chat is None:
        return None
    if (_part(change, "chat") or {}).get("type") == "private":
        return Gone(update_id, chat) if status == "kicked" else None
    joined = before in _OUTSIDE and status in ("member", "administrator")
    return InGroup(update_id, chat, f"u{update_id}", "") if joined else None


def _addressed(message: Mapping[str, Any], text: str, me: Self) -> bool:
    """Tell whether a group's message is for us: it names us, answers us, or is a command."""
    answered = _part(_part(message, "reply_to_message") or {}, "from") or {}
    if me.number and answered.get("id") == me.number:
        return True
    first = text.split(maxsplit=1)[0].lower() if text.strip() else ""
    if first.startswith("/"):
        _, _, name = first.partition("@")
        return not name or name == me.name.lower()
    return bool(me.name) and f"@{me.name}".lower() in text.lower()


def _chat(message: Mapping[str, Any]) -> int | None:
    return _number(_part(message, "chat") or {}, "id")


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = data.get(name)
    return value if isinstance(value, Mapping) else None


def _number(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    # What the database can hold.
    return value if abs(value) < 2**63 else None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
