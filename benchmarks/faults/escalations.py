"""Escalating messages while processes are killed: each recorded once, and somebody told of it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

from benchmarks.faults.people import Person, RestPerson, Tally, WebPerson
from benchmarks.faults.stand import KILLS, Stand, harass, stand
from bot.records.database import connect

TEXTS = (
    "I want to die",
    "she is unresponsive",
    "how many mg of ketamine should I take",
    "where can I buy ketamine without a prescription",
    "can I talk to a person",
)
PEOPLE = 20
# The outbox tries again after half a minute, then a minute.
DELIVERY_SECONDS = 420
_REFERENCE = re.compile(r"\bE-[0-9A-Z]{6}\b")


@dataclass
class Found:
    """What came of it."""

    sent: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    untold: int = 0
    told_again: int = 0
    silent: int = 0

    def flawless(self) -> bool:
        """Whether nothing was lost, doubled or untold."""
        return not (self.lost or self.doubled or self.untold or self.silent)


async def run(count: int, seed: int) -> Found:
    """Let people write so many escalating messages while processes are killed."""
    found, tally = Found(), Tally()
    async with stand() as on:
        stop = asyncio.Event()
        killing = asyncio.create_task(harass(on, KILLS, seed, found.kills, stop))
        left = iter(range(count))
        secret = on.bot.settings.secret()
        crowd: list[Person] = [
            WebPerson(on.bot.url, secret, tally) if n % 2 else RestPerson(on.bot.url, tally)
            for n in range(PEOPLE)
        ]
        chances = (random.Random(seed + number) for number in range(PEOPLE))
        await asyncio.gather(*map(_talk, crowd, repeat(left), chances))
        stop.set()
        await killing
        await on.up()
        for person in crowd:
            await person.close()
        found.sent, found.silent = tally.turns, tally.silent
        await _count(on, tally, found)
    return found


async def _talk(person: Person, left: Iterator[int], chance: random.Random) -> None:
    for number in left:
        await person.say(f"{chance.choice(TEXTS)} ({number})")
        await asyncio.sleep(chance.uniform(0, 0.5))


async def _count(on: Stand, tally: Tally, found: Found) -> None:
    """Wait until all is recorded and delivered, then compare."""
    for _ in range(DELIVERY_SECONDS):
        rows = _rows(on)
        told = [m[0] for title in on.notified if (m := _REFERENCE.search(title))]
        if not tally.keys - set(rows) and not set(rows.values()) - set(told):
            break
        await asyncio.sleep(1)
    found.lost = len(tally.keys - set(rows))
    # One row a message: a row of no message would be one that was recorded under another key.
    found.doubled = len(set(rows) - tally.keys)
    found.untold = len(set(rows.values()) - set(told))
    found.told_again = len(told) - len(set(told))


def _rows(on: Stand) -> dict[str, str]:
    """Return what is recorded: references by the digests of messages."""
    engine = connect(on.bot.settings.records_url)
    with engine.connect() as connection:
        query = "SELECT message_key, reference FROM escalations"
        found = {str(key): str(name) for key, name in connection.exec_driver_sql(query)}
    engine.dispose()
    return found
