"""People in danger while parts are down: how long until help is there."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.faults.people import RestPerson, Tally, WebPerson
from benchmarks.faults.stand import Stand, stand
from benchmarks.web_bot import ACTIONS, SERVER
from bot.reply.outcomes import URGENT

GOAL_SECONDS = 1.0
PLAIN = ("I want to die", "I am going to kill myself tonight", "she is unresponsive")
# What only the model finds.
OBLIQUE = ("everybody would be better off if I was not here any more",)


@dataclass
class Line:
    """One state of the bot: seconds until each reply, and replies that were no help."""

    state: str
    seconds: list[float] = field(default_factory=list)
    unhelped: int = 0

    @property
    def good(self) -> bool:
        """Whether everybody got help in time."""
        return not self.unhelped and max(self.seconds) <= GOAL_SECONDS

    def row(self) -> str:
        """Return it as a row of a Markdown table."""
        times = f"{median(self.seconds) * 1000:.0f} / {max(self.seconds) * 1000:.0f} ms"
        return f"| {self.state} | {len(self.seconds)} | {self.unhelped} | {times} |"


Do = Callable[[Stand], Awaitable[None]]


async def _nothing(on: Stand) -> None:
    return None


def _each(*calls: tuple[str, str]) -> Do:
    """Return what does something to parts: `kill`, `freeze`, `thaw` or `start`."""

    async def do(on: Stand) -> None:
        for what, part in calls:
            target: Any = getattr(on, part, None)
            if target is not None:
                await asyncio.to_thread(getattr(target, what))
            else:
                getattr(on.bot, what)(part)

    return do


_PARTS = ((ACTIONS, "the action server"), ("postgres", "PostgreSQL"), ("redis", "Redis"))
STATES: dict[str, tuple[Do, Do]] = {
    "all is well": (_nothing, _nothing),
    **{
        f"{name} {how}": (_each((begin, part)), _each((end, part)))
        for part, name in _PARTS
        for how, begin, end in (("is down", "kill", "start"), ("hangs", "freeze", "thaw"))
    },
    "all three hang": (
        _each(*(("freeze", part) for part, _ in _PARTS)),
        _each(*(("thaw", part) for part, _ in _PARTS)),
    ),
    "all three are down": (
        _each(*(("kill", part) for part, _ in _PARTS)),
        _each(*(("start", part) for part, _ in _PARTS)),
    ),
}


async def run(rounds: int) -> list[Line]:
    """Measure each state so many times on both channels."""
    lines = []
    async with stand() as on:
        for state, (begin, end) in STATES.items():
            lines.append(await _state(on, state, begin, end, rounds))
        lines.append(await _behind_a_turn(on, rounds))
        await _without_model(on)
        lines.append(await _state(on, "there is no model", _nothing, _nothing, rounds, PLAIN))
        begin, _ = STATES["all three hang"]
        name = "no model, and all three hang"
        lines.append(await _state(on, name, begin, STATES["all three hang"][1], rounds, PLAIN))
    return lines


async def _state(
    on: Stand,
    state: str,
    begin: Do,
    end: Do,
    rounds: int,
    texts: tuple[str, ...] = (*PLAIN, *OBLIQUE),
) -> Line:
    line = Line(state)
    async with _web(on) as web:
        await begin(on)
        try:
            for number in range(rounds):
                for text in texts:
                    for person in (RestPerson(on.bot.url, Tally()), web):
                        await _timed(line, person.ask(f"{text} ({number})"))
        finally:
            await end(on)
    if "model" not in state:
        await on.up()
    return line


async def _behind_a_turn(on: Stand, rounds: int) -> Line:
    """A message behind another one of its conversation, whose action hangs."""
    line = Line("the turn before still runs")
    for _ in range(rounds):
        async with _web(on) as web:
            rest = RestPerson(on.bot.url, Tally())
            on.bot.freeze(ACTIONS)
            before = [asyncio.create_task(p.ask("what is long covid")) for p in (rest, web)]
            await asyncio.sleep(0.3)
            for person in (rest, web):
                await _timed(line, person.ask("I want to die"))
            on.bot.thaw(ACTIONS)
            await asyncio.gather(*before)
    return line


async def _without_model(on: Stand) -> None:
    on.bot.kill()
    on.bot.set(MODEL=str(on.bot.settings.data_path / f"none-{uuid.uuid4().hex}.tar.gz"))
    on.bot.start(SERVER)
    await on.bot.answering()


async def _timed(line: Line, asked: Awaitable[list[dict[str, Any]]]) -> None:
    began = time.perf_counter()
    messages = await asked
    line.seconds.append(time.perf_counter() - began)
    outcomes = [said["custom"]["outcome"] for said in messages if "custom" in said]
    line.unhelped += len(outcomes) != 1 or outcomes[0] not in URGENT


@asynccontextmanager
async def _web(on: Stand) -> AsyncIterator[WebPerson]:
    """Somebody on the website, who has written before."""
    person = WebPerson(on.bot.url, on.bot.settings.secret(), Tally())
    await person.ask("hello")
    try:
        yield person
    finally:
        await person.close()
