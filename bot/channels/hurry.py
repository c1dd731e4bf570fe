"""Danger does not wait its turn: a message that is not answered soon is looked at by itself.

A turn may wait for the database, for another turn of its conversation, or for a place among those
that run at once. Somebody in danger gets help all the same; the turn is run when it can be, so that
the conversation knows what was said, and its reply is the one that was given.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.entries import Message
from bot.channels.shapes import Key, Messages, Urgent
from bot.reply.outcomes import URGENT

logger = logging.getLogger(__name__)

# Replies that are remembered.
MOST_KEPT = 1000


class Remembered(OrderedDict[Key, "Messages | None"]):
    """Replies by sender and message id, the last `MOST_KEPT`; None while one is being made."""

    def keep(self, key: Key, messages: Messages) -> None:
        """Remember a reply."""
        self[key] = messages
        self.move_to_end(key)
        while len(self) > MOST_KEPT:
            self.popitem(last=False)

    def drop(self, sender: str) -> None:
        """Forget a sender's."""
        for key in [key for key in self if key[0] == sender]:
            del self[key]


class Hurry:
    """Watches messages from the moment they come until they are answered.

    Args:
        urgent: see `Urgent`; None: nothing is hurried.
        seconds: how long a message may wait before it is looked at.
        help: hands a reply to the person.
    """

    def __init__(
        self,
        urgent: Urgent | None,
        seconds: float,
        help: Callable[[Key, Messages], Awaitable[None]],
    ) -> None:
        self._urgent = urgent
        self._seconds = seconds
        self._help = help
        self._watched: dict[Key, asyncio.Task[None]] = {}
        self._ready: dict[Key, Messages] = {}
        self._helped: set[Key] = set()

    def expect(self, sender: str, message: Message) -> bool:
        """Watch a message that came, unless it has nothing to read; return whether it is new."""
        key = (sender, message.id)
        if self._urgent is None or not message.text or key in self._watched:
            return False
        task = asyncio.create_task(self._watch(self._urgent, key, message.body()))
        self._watched[key] = task
        return True

    def ready(self, key: Key, messages: Messages) -> None:
        """Take note of a reply that is made but not handed out yet."""
        if key in self._watched:
            self._ready[key] = messages

    def end(self, key: Key) -> None:
        """Watch a message no more: it is answered."""
        self._ready.pop(key, None)
        task = self._watched.pop(key, None)
        if task is not None and key not in self._helped:
            task.cancel()

    def claim(self, key: Key) -> bool:
        """Tell whether a message got help before its turn was run, which is to be done now."""
        helped = key in self._helped
        self._helped.discard(key)
        return helped

    def stop(self) -> None:
        """Watch nothing any more."""
        for task in self._watched.values():
            task.cancel()

    async def _watch(self, urgent: Urgent, key: Key, body: Mapping[str, Any]) -> None:
        try:
            await asyncio.sleep(self._seconds)
            messages = self._ready.get(key) or await urgent(*key, body)
            if messages is not None and _is_urgent(messages):
                self._helped.add(key)
                await self._help(key, messages)
        except Exception as error:
            logger.error("A message could not be hurried (%s)", type(error).__name__)
        finally:
            self._watched.pop(key, None)
            self._ready.pop(key, None)


def _is_urgent(messages: Messages) -> bool:
    return any((said.get("custom") or {}).get("outcome") in URGENT for said in messages)
