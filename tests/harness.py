"""Drives the real bot in one process: real model, rules, actions, records and tracker store."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.action_endpoint import GuardedEndpoint
from bot.channels.guard import Guard, shorten
from bot.degraded import SafeReplies
from bot.reply.contract import validate
from bot.settings import ROOT, Settings
from bot.training import train

# A number next to a unit that a dose could have. No reply may hold one.
DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|µg|ug|g|grams?|milligrams?|micrograms?|ml|millilit\w+|units?|iu|"
    r"tablets?|pills?|drops?|puffs?|sprays?|lozenges?|troches?)(?:/kg)?\b",
    re.IGNORECASE,
)


class InProcessEndpoint(EndpointConfig):
    """Runs the SDK's executor where Rasa would call the action server; can be switched off."""

    def __init__(self) -> None:
        super().__init__("http://in-process", selective_domain=True)
        self.executor = ActionExecutor()
        self.executor.register_package("actions")
        self.up = True
        # Told of each call that gets through, with its body.
        self.on_call: Callable[[dict[str, Any]], None] | None = None

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Run one action call."""
        if not self.up:
            raise ConnectionRefusedError
        if self.on_call and json:
            self.on_call(json)
        return await self.executor.run(json)


class Guarded(GuardedEndpoint):
    """The guard of the real endpoint around the in-process one."""

    def __init__(self, inner: InProcessEndpoint, replies: SafeReplies) -> None:
        super().__init__(inner, replies, 5.0, "http://in-process", lambda: "in-process")
        self.inner = inner

    async def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return await self.inner.request(method, *args, **kwargs)


@dataclass
class TurnResult:
    """One turn's reply, checked against the contract when it is made."""

    messages: list[dict[str, Any]]
    texts: list[str] = field(init=False)
    custom: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.texts = [m["text"] for m in self.messages if "text" in m]
        customs = [m["custom"] for m in self.messages if "custom" in m]
        assert len(customs) == 1, f"expected one machine-readable message: {self.messages}"
        self.custom = customs[0]
        validate(self.custom)
        assert self.texts, "a reply without a text"
        assert not DOSE.search(self.text), f"a dose in a reply: {self.text}"

    @property
    def text(self) -> str:
        """All the texts of the turn."""
        return "\n\n".join(self.texts)

    @property
    def outcome(self) -> str:
        """The primary outcome."""
        return str(self.custom["outcome"])

    @property
    def topic(self) -> str | None:
        """The primary topic."""
        topic: str | None = self.custom["topic"]
        return topic

    @property
    def payloads(self) -> list[str]:
        """Payloads of the buttons."""
        return [b["payload"] for m in self.messages for b in m.get("buttons") or ()]


class Bot:
    """The whole bot but for its sockets."""

    def __init__(self, agent: Agent, guard: Guard, endpoint: InProcessEndpoint) -> None:
        self.agent, self.guard, self.endpoint = agent, guard, endpoint

    @classmethod
    async def start(cls, settings: Settings, replies: SafeReplies) -> Bot:
        """Load the current model, training it if it is missing."""
        endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
        agent = await load_agent(str(train()), endpoints=endpoints)
        endpoint = InProcessEndpoint()
        guarded = Guarded(endpoint, replies)
        agent.action_endpoint = guarded
        agent.processor.action_endpoint = guarded
        # Patient, since the machine may be busy with other things.
        patient = replace(settings, turn_deadline=60.0)
        return cls(agent, Guard(replies, patient), endpoint)

    async def say(self, text: str, sender: str) -> TurnResult:
        """Send one message as the REST channel would and return the checked reply."""
        limit = Settings.from_env().max_message_chars
        shown, shortened = shorten(text, limit)
        metadata = {"shortened": True} if shortened else {}
        message = UserMessage(shown, sender_id=sender, input_channel="rest", metadata=metadata)
        return TurnResult(await self.guard.run(message, self.agent.handle_message))

    def conversation(self) -> Conversation:
        """Return a new conversation."""
        return Conversation(self, f"test-{uuid.uuid4().hex}")


@dataclass
class Conversation:
    """One sender's talk with the bot."""

    bot: Bot
    sender: str

    async def say(self, text: str) -> TurnResult:
        """Send a message and return the reply."""
        return await self.bot.say(text, self.sender)
