"""What can hold a conversation: a driver opens talks; a talk sends one user's turns."""

from __future__ import annotations

import uuid
from typing import Protocol

from tests.harness import Bot
from tests.plugin.heard import Button, Call, Heard


class Talk(Protocol):
    """One user's conversation with the bot."""

    @property
    def sender(self) -> str:
        """Under which name Rasa knows the user."""

    async def say(self, text: str) -> Heard:
        """Write a message; return the reply."""

    async def tap(self, button: Button) -> Heard:
        """Tap a button of the latest reply; return the reply to that."""

    async def close(self) -> None:
        """End the connection, if there is one."""


class Driver(Protocol):
    """A bot that runs, on one channel."""

    @property
    def channel(self) -> str:
        """Name of the channel, as in `channels` of a file."""

    async def talk(self) -> Talk:
        """Begin a conversation of a new user."""

    async def action_server(self, up: bool) -> None:
        """Make the action server reachable, or not."""


class InProcess:
    """The bot in this process: real model, rules, actions, records and tracker store."""

    channel = "inprocess"

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def talk(self) -> InProcessTalk:
        """Begin a conversation."""
        return InProcessTalk(self._bot)

    async def action_server(self, up: bool) -> None:
        """Let calls through to the actions, or refuse them as a closed port would."""
        self._bot.endpoint.up = up


class InProcessTalk:
    """A conversation in this process. It also notes which actions were called."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.sender = f"test-{uuid.uuid4().hex}"

    async def say(self, text: str) -> Heard:
        """Hand the message to Rasa as the REST channel would."""
        calls: list[Call] = []

        def note(call: dict[str, object]) -> None:
            calls.append(_call(call))

        self._bot.endpoint.on_call = note
        try:
            result = await self._bot.say(text, self.sender)
        finally:
            self._bot.endpoint.on_call = None
        return Heard.of(result.messages, calls)

    async def tap(self, button: Button) -> Heard:
        """Send the button's payload."""
        return await self.say(button.payload)

    async def close(self) -> None:
        """Nothing is open."""


def _call(call: dict[str, object]) -> Call:
    tracker = call.get("tracker")
    assert isinstance(tracker, dict)
    latest = tracker.get("latest_message") or {}
    intent = (latest.get("intent") or {}).get("name") or ""
    return Call(str(call.get("next_action")), str(intent), dict(tracker.get("slots") or {}))
