"""People on the emulated Telegram: a burst of them, and some who go on while the server dies."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from benchmarks.counting import Outcome
from benchmarks.telegram_bot import Talk, TelegramBot, count_chats
from tests.channels.telegram.emulator import Telegram

QUESTIONS = (
    "what is long covid",
    "how does ketamine help with pain",
    "what are the side effects of ketamine",
    "how long does long covid last",
    "thanks",
)
PEOPLE, EACH = 100, 10
SETTLED_SECONDS = 240
BURST_SECONDS = 1800
# People who write while the server is killed, and seconds in which it is.
WRITERS = 5
MOST_PAUSE = 1.2
SECRETS = (None, "wrong", "0" * 64)
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Burst:
    """What came of a burst: seconds until the last reply, and calls that Telegram refused."""

    outcome: Outcome
    seconds: float
    refused: int


def question(number: int) -> str:
    """Return a question that is like no other."""
    return f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"


async def burst(bot: TelegramBot, tell: Tell) -> Burst:
    """Let everybody write at once, under Telegram's limits; wait until all is answered."""
    telegram = bot.telegram
    await telegram.limits()
    talks = [Talk(telegram.chat()) for _ in range(PEOPLE)]
    updates = []
    for number in range(PEOPLE * EACH):
        talk = talks[number % PEOPLE]
        talk.said.append(question(number))
        updates.append(talk.chat.says(question(number)))
    before, began = len(telegram.calls), time.perf_counter()
    await telegram.post(*updates)
    await _settled(telegram, talks, BURST_SECONDS, tell)
    seconds = time.perf_counter() - began
    await telegram.quiet(3)
    await telegram.no_limits()
    outcome = Outcome(sent=len(updates))
    count_chats(talks, bot.rows(), outcome)
    return Burst(outcome, seconds, sum(call.status == 429 for call in telegram.calls[before:]))


async def kills(bot: TelegramBot, times: int, tell: Tell) -> Outcome:
    """Kill the server so often while people write; return what came of it."""
    chance = random.Random(times)
    outcome = Outcome()
    talks = [Talk(bot.telegram.chat()) for _ in range(WRITERS)]

    async def write(count: int, pause: float) -> None:
        for _ in range(count):
            outcome.sent += 1
            talk = chance.choice(talks)
            talk.said.append(question(outcome.sent))
            await talk.chat.send(talk.said[-1])
            await asyncio.sleep(chance.uniform(0, pause))

    await bot.telegram.limits()
    while outcome.kills < times:
        # Every other kill comes at once after a message, the rest at any moment of its way.
        await write(chance.randint(0, 3), MOST_PAUSE)
        await write(1, MOST_PAUSE * (outcome.kills % 2))
        bot.web.kill()
        outcome.kills += 1
        outcome.interrupted += _missing(talks) > 0
        bot.web.start()
        await write(chance.randint(0, 2), 2.0)
        ready = await bot.web.ready()
        await _settled(bot.telegram, talks, SETTLED_SECONDS, tell)
        outcome.back.append(max(0.0, time.perf_counter() - ready))
        tell(f"kill {outcome.kills}: all answered after {outcome.back[-1]:.1f} s")
    await bot.telegram.quiet(5)
    await bot.telegram.no_limits()
    count_chats(talks, bot.rows(), outcome)
    return outcome


async def turns(bot: TelegramBot, rounds: int) -> tuple[list[float], list[float]]:
    """Return seconds of the REST turn, and from an update to the first message of its reply on
    Telegram: the same messages side by side, now the one first and now the other, each in a
    conversation of its own. What else the machine does meets both alike."""
    rest: list[float] = []
    telegram: list[float] = []
    async with aiohttp.ClientSession(bot.web.url) as http:
        for number in range(rounds * len(QUESTIONS)):
            text = QUESTIONS[number % len(QUESTIONS)]
            if number % 2:
                telegram.append(await _until_sent(bot, text))
            rest.append(await _rest_turn(http, f"rest-{bot.web.port}-{number}", text))
            if not number % 2:
                telegram.append(await _until_sent(bot, text))
    return rest, telegram


async def _rest_turn(http: aiohttp.ClientSession, sender: str, text: str) -> float:
    began = time.perf_counter()
    body = {"sender": sender, "message": text}
    async with http.post("/webhooks/rest/webhook", json=body) as answer:
        answer.raise_for_status()
        await answer.read()
    return time.perf_counter() - began


async def forged(bot: TelegramBot, count: int) -> tuple[int, int]:
    """Post updates without the right secret; return how many were refused, and taken."""
    before, statuses = bot.updates(), []
    url = f"{bot.web.url}/webhooks/telegram/webhook"
    for number in range(count):
        sent = await bot.telegram.chat().send("forged", held=True)
        secret = SECRETS[number % len(SECRETS)]
        statuses.append(await bot.telegram.deliver(sent.update, secret=secret, url=url))
    await bot.telegram.quiet(2)
    return statuses.count(403), bot.updates() - before


async def _until_sent(bot: TelegramBot, text: str) -> float:
    telegram, chat = bot.telegram, bot.telegram.chat()
    sent = await chat.send(text)
    await chat.reply()
    (call,) = telegram.calls_of("sendMessage", chat.id)
    began = next(d.time for d in telegram.deliveries if d.update_id == sent.update_id)
    # What is left to do of it is not to weigh on the next REST turn.
    await telegram.quiet(0.1)
    return call.time - began


async def _settled(telegram: Telegram, talks: Sequence[Talk], seconds: float, tell: Tell) -> None:
    """Wait until every chat shows as many replies as there were messages."""
    with suppress(asyncio.TimeoutError):
        await telegram.until(lambda: not _missing(talks), seconds)
    if missing := _missing(talks):
        # Counted as lost in the end.
        tell(f"{missing} replies are missing after {seconds} s")


def _missing(talks: Sequence[Talk]) -> int:
    return sum(max(0, len(talk.said) - len(talk.chat.texts)) for talk in talks)
