"""Load over REST: so many clients, each asking one message after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

TURNS = ("what is long covid", "does ketamine help with pain?", "is it proven", "thanks")
PATIENCE = aiohttp.ClientTimeout(total=60)


@dataclass
class Load:
    """What came of a load: complete turns, those that failed, seconds, and seconds a turn."""

    turns: int = 0
    failed: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds if self.seconds else 0.0

    def add(self, other: Load) -> None:
        """Take over what came of another load."""
        self.turns += other.turns
        self.failed += other.failed
        self.seconds += other.seconds
        self.waits += other.waits


def outcome_of(messages: Any) -> str | None:
    """Return the outcome of a turn over REST; None if it is not one whole reply."""
    if not isinstance(messages, list):
        return None
    customs = [message["custom"] for message in messages if "custom" in message]
    if len(customs) != 1 or not any(message.get("text") for message in messages):
        return None
    return str(customs[0].get("outcome"))


async def ask(http: aiohttp.ClientSession, url: str, sender: str, text: str) -> str | None:
    """Ask once; return the outcome, or None if there was no whole reply."""
    body = {"sender": sender, "message": text}
    try:
        async with http.post(f"{url}/webhooks/rest/webhook", json=body, timeout=PATIENCE) as answer:
            return outcome_of(await answer.json(content_type=None))
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):
        return None


async def load(url: str, clients: int, seconds: float, texts: Sequence[str] = TURNS) -> Load:
    """Ask for so many seconds; each client begins a new conversation after every text once."""
    found = Load()
    began = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(_client(http, url, began + seconds, texts, found)
                               for _ in range(clients)))  # fmt: skip
    found.seconds = time.perf_counter() - began
    return found


async def _client(
    http: aiohttp.ClientSession, url: str, until: float, texts: Sequence[str], found: Load
) -> None:
    while time.perf_counter() < until:
        sender = uuid4().hex
        for text in texts:
            asked = time.perf_counter()
            outcome = await ask(http, url, sender, text)
            if outcome is None or outcome == "unavailable":
                found.failed += 1
            else:
                found.turns += 1
                found.waits.append(time.perf_counter() - asked)
            if time.perf_counter() >= until:
                return
