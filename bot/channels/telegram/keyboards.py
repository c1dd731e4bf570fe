"""Buttons below a message: what they say, and what comes back when one is tapped."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

# With a colon and a number well below the 64 bytes that Telegram takes.
_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TAP = re.compile(rf"({_KEY.pattern}):([0-9]{{1,4}})")
_TAPPED = "✓ "


def keyboard(
    buttons: Sequence[Mapping[str, str]], key: str, tapped: Collection[int] = ()
) -> dict[str, Any] | None:
    """Return an inline keyboard, a button a row; None if there are no buttons.

    Args:
        buttons: what they say, as `title`.
        key: names the message; at most 40 characters that may stand in a URL.
        tapped: numbers of those already tapped, counted from 0; they are marked.

    Raises:
        ValueError: the key cannot be used.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"Not a key for buttons: {key!r}")
    rows = [
        [
            {
                "text": (_TAPPED if number in tapped else "") + button["title"],
                "callback_data": f"{key}:{number}",
            }
        ]
        for number, button in enumerate(buttons)
    ]
    return {"inline_keyboard": rows} if rows else None


def read_tap(data: object) -> tuple[str, int] | None:
    """Return the key and the number of a tapped button, None if it is none of ours."""
    match = _TAP.fullmatch(data) if isinstance(data, str) else None
    return (match[1], int(match[2])) if match else None


def buttons_of(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return all buttons of a reply, in their order."""
    return [dict(button) for message in body["messages"] for button in message.get("buttons") or ()]
