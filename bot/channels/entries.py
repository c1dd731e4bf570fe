"""Entries as clients see them, made from what is stored and from what a turn says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from bot.records import Entry

_RECEIPT = re.compile(r"\bF-[2-9A-Z]{6}\b")


@dataclass(frozen=True)
class Message:
    """What a person sends: a text, or a button's payload with what the button said; or something
    without words, to which the channel itself has a notice to give."""

    id: str
    text: str
    title: str | None = None
    notice: str | None = None

    def body(self) -> dict[str, str]:
        """Return it as stored and shown."""
        more = {"title": self.title, "notice": self.notice}
        return {"text": self.text} | {name: value for name, value in more.items() if value}


def shown(entry: Entry) -> dict[str, Any]:
    """Return a stored entry."""
    return _shown(entry.author, entry.message_id, entry.body, entry.at, entry.seq)


def unstored(author: str, message_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry that nothing keeps: it has no number, and says so."""
    now = datetime.now(timezone.utc)
    return _shown(author, message_id, body, now, None) | {"stored": False}


def reply_body(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of a bot's entry: the texts with their buttons, and the payload apart."""
    said = [_without_recipient(message) for message in messages if "custom" not in message]
    customs = [message["custom"] for message in messages if "custom" in message]
    return {"messages": said, "custom": customs[0]}


def receipt_in(body: Mapping[str, Any]) -> str | None:
    """Return the reference of an erasure that a reply tells of, if it is that reply.

    The action that erased runs in another process; its words are all that comes back.
    """
    if (body["custom"].get("outcome"), body["custom"].get("topic")) != ("smalltalk", "privacy"):
        return None
    found = _RECEIPT.search(" ".join(message.get("text", "") for message in body["messages"]))
    return found[0] if found else None


def _shown(
    author: str, message_id: str, body: Mapping[str, Any], at: datetime, seq: int | None
) -> dict[str, Any]:
    named = {"id": message_id} if author == "user" else {"to": message_id}
    when = at.isoformat(timespec="milliseconds")
    return {"seq": seq, "at": when, "from": author, **named, **body}


def _without_recipient(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "recipient_id"}
