"""Turns on three channels while parts fail at random: everybody gets one whole reply."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from benchmarks.faults.people import Person, RestPerson, Tally, TelegramPerson, WebPerson
from benchmarks.faults.stand import CLOCK, Fault, Stand, harass, stand
from benchmarks.web_bot import ACTIONS, SERVER, WORKER
from bot.channels.telegram.__main__ import set_webhook
from bot.channels.telegram.api import BotApi
from bot.records.database import connect
from tests.channels.telegram.emulator import TOKEN, Telegram, emulator

TEXTS = (
    "what is long covid",
    "does ketamine help with pain",
    "what are the side effects",
    "how many mg of ketamine should I take",
    "can I talk to a person",
    "thanks",
    "I want to die",
)
CHANNELS = ("rest", "website", "telegram")


@dataclass
class Found:
    """What came of it: by channel, the faults given, and what is wrong afterwards."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def flawless(self) -> bool:
        """Whether everybody got one whole reply, and nothing is wrong."""
        bad = (t.silent + t.incomplete + t.doubled for t in self.tallies.values())
        return not sum(bad) and not self.wrong


@asynccontextmanager
async def talking(faults: dict[str, Fault]) -> AsyncIterator[tuple[Stand, Telegram]]:
    """Run a bot on all channels as long as the block lasts."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(emulator(retry=1.0))
        ours = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": telegram.url}
        on = await stack.enter_async_context(stand(clock=CLOCK in faults, **ours))
        api = BotApi(TOKEN, telegram.url)
        stack.push_async_callback(api.close)
        await set_webhook(api, on.bot.settings, on.bot.url)
        yield on, telegram


async def run(
    count: int,
    people: int,
    seed: int,
    faults: dict[str, Fault],
    seconds: float | None = None,
) -> Found:
    """Let so many people write so many messages, or for so many seconds; return what came of it."""
    found = Found({name: Tally() for name in CHANNELS})
    async with talking(faults) as (on, telegram):
        crowd = [_person(number, on, telegram, found) for number in range(people)]
        stop = asyncio.Event()
        harassing = asyncio.create_task(harass(on, faults, seed, found.faults, stop))
        end = None if seconds is None else asyncio.get_running_loop().time() + seconds
        left = iter(range(count))
        chances = (random.Random(seed + number) for number in range(people))
        await asyncio.gather(*map(_talk, crowd, repeat(left), repeat(end), chances))
        stop.set()
        await harassing
        await _settled(on, telegram, found)
        for person in crowd:
            if isinstance(person, (WebPerson, TelegramPerson)):
                person.settle()
            await person.close()
        found.wrong += _unanswered(on) + _told_texts(on)
    return found


def _person(number: int, on: Stand, telegram: Telegram, found: Found) -> Person:
    channel = CHANNELS[number % len(CHANNELS)]
    tally = found.tallies[channel]
    if channel == "rest":
        return RestPerson(on.bot.url, tally)
    if channel == "website":
        return WebPerson(on.bot.url, on.bot.settings.secret(), tally)
    return TelegramPerson(telegram.chat(), tally)


async def _talk(
    person: Person, left: Iterator[int], end: float | None, chance: random.Random
) -> None:
    loop = asyncio.get_running_loop()
    for number in left:
        if end is not None and loop.time() > end:
            return
        await person.say(f"{chance.choice(TEXTS)} ({number})")
        await asyncio.sleep(chance.uniform(0, 0.2))


async def _settled(on: Stand, telegram: Telegram, found: Found) -> None:
    """Wait until all is up and nothing waits; note what does not get there."""
    try:
        await on.up()
        for _ in range(120):
            if not _unanswered(on) and not _spooled(on):
                break
            await asyncio.sleep(0.5)
        await telegram.quiet(3)
    except (RuntimeError, asyncio.TimeoutError) as error:
        found.wrong.append(f"not up again: {str(error).splitlines()[0]}")
    if waiting := _spooled(on):
        found.wrong.append(f"{len(waiting)} files still wait for the database")


def _spooled(on: Stand) -> list[Path]:
    return [path for path in on.bot.settings.spool.rglob("*") if path.is_file()]


def _unanswered(on: Stand) -> list[str]:
    """Return what the database says was not answered, or answered twice."""
    engine = connect(on.bot.settings.records_url)
    waiting = "SELECT count(*) FROM entries WHERE author = 'user' AND NOT answered"
    twice = (
        "SELECT count(*) FROM (SELECT 1 FROM entries WHERE author = 'bot' "
        "GROUP BY sender, message_id HAVING count(*) > 1) AS twice"
    )
    with engine.connect() as connection:
        counts = {
            "stored messages without a reply": connection.exec_driver_sql(waiting).scalar(),
            "stored messages with two replies": connection.exec_driver_sql(twice).scalar(),
        }
    engine.dispose()
    return [f"{count} {what}" for what, count in counts.items() if count]


def _told_texts(on: Stand) -> list[str]:
    """Return which processes wrote what people said into their logs."""
    logs = {part: on.bot.log(part) for part in (SERVER, ACTIONS, WORKER)}
    # Those that no other line would hold by chance.
    said = TEXTS[:5]
    return [f"{part} logged a text" for part, log in logs.items() if any(t in log for t in said)]
