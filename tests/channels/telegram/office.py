"""A postman with all that is around it: a real database, and a Telegram that fails as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.channels.archive import Archive
from bot.channels.telegram.postman import Postman
from bot.records import ClaimedTurn, Records, StorageError
from tests.channels.telegram.fakes import FakeApi, messenger_of, reply_of

WHO, CHAT = "tg-1", 42
LONG = "word " * 1000


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Flaky(Archive):
    """An archive whose methods fail as they are told, before or after they are done."""

    def __init__(self, records: Records) -> None:
        super().__init__("telegram", records)
        self.failing: dict[str, bool] = {}
        self.asked: list[str] = []

    async def ask(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.asked.append(method.__name__)
        done = self.failing.pop(method.__name__, None)
        if done is None or done:
            found = await super().ask(method, *args, **named)
        if done is not None:
            raise StorageError("the records database failed")
        return found


class Office:
    """A postman with all that is around it."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self.clock = clock
        self.api = FakeApi()
        self.update = 0
        self.begin()

    def begin(self) -> None:
        """Start a server, as after a crash of the one before."""
        self.archive = Flaky(self.records)
        self.messenger = messenger_of(self.api)
        self.postman = Postman(self.archive, self.messenger, ())

    def answered(self, text: str, *titles: str, message: str = "", sender: str = WHO) -> None:
        """Have a reply waiting."""
        self.records.answer_turn(self.asked_for(message, sender), reply_of(text, *titles))

    def asked_for(self, message: str = "", sender: str = WHO) -> ClaimedTurn:
        """Have a turn running."""
        # One sequence numbers what comes and what goes.
        self.update = self.api.number = max(self.update, self.api.number) + 1
        name = message or f"m{self.update}"
        self.records.take_update(self.update, sender, str(CHAT), name, {"text": "hi"})
        claim = self.records.claim_turn(sender, 5)
        assert claim is not None
        return claim

    async def send(self, sender: str = WHO) -> None:
        """Let the postman do what it can now."""
        self.postman.wake(sender)
        await self.settled(sender)

    async def settled(self, sender: str = WHO) -> None:
        while task := self.postman._tasks.get(sender):
            await asyncio.wait({task})

    @property
    def texts(self) -> list[str]:
        return self.api.texts(CHAT)

    @property
    def waiting(self) -> bool:
        self.clock.forward(4000)
        return bool(self.records.unsent_replies("telegram"))
