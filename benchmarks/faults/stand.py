"""A whole bot on its own PostgreSQL and Redis, and the faults that can be given to it."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from benchmarks.faults.engines import Postgres, Redis
from benchmarks.web_bot import ACTIONS, SERVER, WORKER, WebBot

CLOCK = "clock jumps"
Fault = Callable[["Stand", random.Random], Awaitable[None]]


@dataclass
class Stand:
    """What runs."""

    bot: WebBot
    postgres: Postgres
    redis: Redis
    # Read by the processes of the bot: how wrong their clock is.
    clock: Path
    # Titles of the notifications that arrived.
    notified: list[str] = field(default_factory=list)

    async def up(self) -> None:
        """Wait until all of it is up again."""
        await self.bot.ready()


@asynccontextmanager
async def stand(*, clock: bool = False, **settings: str) -> AsyncIterator[Stand]:
    """Run everything as long as the block lasts. Clock: whether the bot's can be set wrong, which
    takes Debian's libfaketime.

    Raises:
        EngineError: PostgreSQL or Redis is not installed.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _prepare(folder)
        postgres, redis = Postgres(folder / "postgres"), Redis(folder / "redis")
        await stack.enter_async_context(postgres.running())
        await stack.enter_async_context(redis.running())
        notified: list[str] = []
        sink = await stack.enter_async_context(_sink(notified))
        given = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "NOTIFY_URLS": sink,
            "MESSAGE_BURST": "10000",
            "SESSIONS_PER_MINUTE": "1000000",
            **(_faked(folder / "clock") if clock else {}),
            **settings,
        }
        bot = await stack.enter_async_context(WebBot(folder / "bot", **given).running())
        bot.start(WORKER)
        yield Stand(bot, postgres, redis, folder / "clock", notified)


def _prepare(folder: Path) -> None:
    # PostgreSQL runs as a user of its own, which must be able to pass.
    folder.chmod(0o755)
    for name in ("postgres", "redis", "bot"):
        (folder / name).mkdir()


def _faked(clock: Path) -> dict[str, str]:
    """Return what lets processes read how wrong their clock is from a file (libfaketime)."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        return {}
    clock.write_text("+0")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        # As when a clock is set: time that only goes forward goes on.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@asynccontextmanager
async def _sink(notified: list[str]) -> AsyncIterator[str]:
    """The Apprise URL of a target that notes what it is told."""

    async def take(request: web.Request) -> web.Response:
        notified.append(str(json.loads(await request.text())["title"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"json://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def killed(part: str) -> Fault:
    """A process of the bot is killed, and started again as the process manager would."""

    async def fault(on: Stand, chance: random.Random) -> None:
        on.bot.kill(part)
        await asyncio.sleep(chance.uniform(0, 1))
        on.bot.start(part)

    return fault


def frozen(part: str) -> Fault:
    """A process of the bot hangs for a few seconds."""

    async def fault(on: Stand, chance: random.Random) -> None:
        on.bot.freeze(part)
        await asyncio.sleep(chance.uniform(1, 6))
        on.bot.thaw(part)

    return fault


async def slow(on: Stand, chance: random.Random) -> None:
    """The action server gets one part in five of its time."""
    for _ in range(chance.randint(10, 30)):
        on.bot.freeze(ACTIONS)
        await asyncio.sleep(0.2)
        on.bot.thaw(ACTIONS)
        await asyncio.sleep(0.05)


def restarted(engine: str) -> Fault:
    """A database crashes, is away for some seconds and comes back."""

    async def fault(on: Stand, chance: random.Random) -> None:
        part = getattr(on, engine)
        part.kill()
        await asyncio.sleep(chance.uniform(0.5, 5))
        await asyncio.to_thread(part.start)

    return fault


def hung(engine: str) -> Fault:
    """A database takes connections and answers nothing for some seconds."""

    async def fault(on: Stand, chance: random.Random) -> None:
        part = getattr(on, engine)
        part.freeze()
        await asyncio.sleep(chance.uniform(1, 6))
        part.thaw()

    return fault


async def full_database(on: Stand, chance: random.Random) -> None:
    """The database's disk is full for some seconds."""
    on.postgres.fill()
    await asyncio.sleep(chance.uniform(1, 5))
    await asyncio.to_thread(on.postgres.empty)


async def full_disk_of_bot(on: Stand, chance: random.Random) -> None:
    """The disk of DATA_DIR is full for some seconds."""
    on.bot.fill(full=True)
    await asyncio.sleep(chance.uniform(1, 5))
    on.bot.fill(full=False)


async def half_open(on: Stand, chance: random.Random) -> None:
    """A hundred clients begin a request and say nothing more, then are gone."""
    begun = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", on.bot.port) for _ in range(100)),
        return_exceptions=True,
    )
    writers = [both[1] for both in begun if not isinstance(both, BaseException)]
    for writer in writers:
        writer.write(
            b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
        )
    await asyncio.sleep(chance.uniform(1, 5))
    for writer in writers:
        writer.transport.abort()


async def clock_jump(on: Stand, chance: random.Random) -> None:
    """The clock of the bot's processes is wrong by up to ten minutes for some seconds."""
    on.clock.write_text(f"{chance.randint(-600, 600):+d}")
    await asyncio.sleep(chance.uniform(2, 5))
    on.clock.write_text("+0")


FAULTS: dict[str, Fault] = {
    "action server killed": killed(ACTIONS),
    "action server hangs": frozen(ACTIONS),
    "action server slow": slow,
    "PostgreSQL restarted": restarted("postgres"),
    "PostgreSQL hangs": hung("postgres"),
    "Redis restarted": restarted("redis"),
    "Redis hangs": hung("redis"),
    "Rasa killed": killed(SERVER),
}
CHAOS: dict[str, Fault] = {
    **FAULTS,
    "worker killed": killed(WORKER),
    "database's disk full": full_database,
    "bot's disk full": full_disk_of_bot,
    "half-open sockets": half_open,
    CLOCK: clock_jump,
}
KILLS: dict[str, Fault] = {
    "action server killed": killed(ACTIONS),
    "Rasa killed": killed(SERVER),
    "worker killed": killed(WORKER),
    "PostgreSQL killed": restarted("postgres"),
    "Redis killed": restarted("redis"),
}


async def harass(
    on: Stand, faults: dict[str, Fault], seed: int, given: dict[str, int], until: asyncio.Event
) -> None:
    """Give faults at random, one after another with pauses, until told to stop; count them."""
    chance = random.Random(seed)
    while not until.is_set():
        await asyncio.sleep(chance.uniform(1, 5))
        name = chance.choice(list(faults))
        given[name] = given.get(name, 0) + 1
        await faults[name](on, chance)
        if "Rasa" in name or chance.random() < 0.5:
            await on.up()
