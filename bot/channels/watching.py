"""What is known of each turn when it is over: a line in the log and counts, never a word of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rasa.core.channels.channel import UserMessage

from bot import metrics
from bot.records import conversation_reference
from bot.settings import Settings

# A name that a log's reader can ask for.
logger = logging.getLogger("bot.turns")


class Watch:
    """Watches the turns of a process.

    Args:
        settings: the key under which a conversation is named.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key: bytes | None = None

    @contextmanager
    def turn(self, message: UserMessage) -> Iterator[list[dict[str, Any]]]:
        """Watch the turn in the block, which puts its messages into the list it is given."""
        messages: list[dict[str, Any]] = []
        with metrics.turn(message.input_channel) as seen:
            yield messages
            custom: dict[str, Any] = next(
                (said["custom"] for said in messages if "custom" in said), {}
            )
            seen.outcome = custom.get("outcome")
        if not logger.isEnabledFor(logging.INFO):
            return
        fields = {
            "conversation": self._reference(message.sender_id),
            "channel": seen.channel,
            "outcome": seen.outcome,
            "topic": custom.get("topic"),
            "parts": len(custom.get("parts", ())),
            "duration_ms": round(seen.seconds * 1000, 1),
            "fault": seen.fault,
        }
        logger.info("turn", extra={"fields": fields})

    def _reference(self, sender: str) -> str | None:
        """Return the name under which the records know the conversation, too."""
        try:
            # Read once: without a key in the settings it lies in a file.
            self._key = self._key or self._settings.secret()
            return conversation_reference(sender, self._key)
        except (OSError, ValueError):
            return None
