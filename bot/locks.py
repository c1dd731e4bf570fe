"""Locks that several servers share through Redis: one holder at a time, in the order of asking.

A lock is a key with its holder's token and a lifetime, renewed while it is held; only the holder's
token can release it. Who waits stands in a queue in Redis, and drops out when it stops asking.
Every step is one script, which Redis runs whole or not at all.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds until a Redis that does not answer counts as down.
PATIENCE = 1.0
# Seconds after which somebody who stopped asking is no longer waited for.
ABSENT = 1.5
# Seconds between two looks: at first, and at most by whoever is next in line.
FIRST_LOOK, LONGEST_LOOK = 0.004, 0.02
# Of those further behind, at most; well below ABSENT.
LONGEST_QUEUED = 0.2

# KEYS: lock, queue (token by time of arrival), presence (token by when it counts as absent).
# Returns -1 if the lock is the token's now, else how many wait before it.
_ACQUIRE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return -1 end
local now = redis.call('TIME')
local micros = now[1] * 1000000 + now[2]
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', micros)) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
redis.call('ZADD', KEYS[2], 'NX', string.format('%.0f', micros), ARGV[1])
redis.call('ZADD', KEYS[3], string.format('%.0f', micros + ARGV[3] * 1000), ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
local place = redis.call('ZRANK', KEYS[2], ARGV[1])
if place == 0 and redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return -1
end
return place
"""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class LockFailed(RuntimeError):
    """A lock was not got or was lost; nobody may go on as if they held it."""


class SharedLocks:
    """Locks by name, in one Redis.

    Args:
        url: of the Redis.
        lifetime: seconds after which the lock of a holder that died is free.
        patience: seconds that `hold` waits for its turn.
    """

    def __init__(self, url: str, lifetime: float, patience: float) -> None:
        self._lifetime = lifetime
        self._patience = patience
        # A pooled connection may be dead since Redis restarted: a second try has a new one. Each
        # script does no more the second time, should only its answer have been lost.
        self._redis: Any = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[RedisConnectionError],
        )
        self._acquire = self._redis.register_script(_ACQUIRE)
        self._renew = self._redis.register_script(_RENEW)
        self._release = self._redis.register_script(_RELEASE)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold a lock for the length of a block, which is cancelled if the lock is lost meanwhile.

        Raises:
            LockFailed: Redis is down, it was too long until our turn, or the lock was lost.
        """
        keys, token = _keys(name), secrets.token_hex(16)
        try:
            until = await self._wait(keys, token)
        except asyncio.CancelledError:
            await self._let_go(keys, token)
            raise
        try:
            async with _watched(lambda: self._prolong(keys, token), until, self._lifetime):
                yield
        finally:
            await self._let_go(keys, token)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()

    async def _wait(self, keys: list[str], token: str) -> float:
        """Wait for our turn; return until when the lock is surely ours (`time.monotonic`)."""
        deadline = time.monotonic() + self._patience
        times = [round(seconds * 1000) for seconds in (self._lifetime, ABSENT)]
        delay = FIRST_LOOK
        while True:
            asked = time.monotonic()
            place = await _answer(self._acquire(keys=keys, args=[token, *times]))
            if place < 0:
                return asked + self._lifetime
            if asked > deadline:
                raise LockFailed("the conversation was locked for too long")
            longest = min(LONGEST_LOOK * (1 + place), LONGEST_QUEUED)
            # By chance a bit more or less, so that not all who wait look at once.
            await asyncio.sleep(min(delay, longest) * random.uniform(0.5, 1.5))  # noqa: S311
            delay *= 1.6

    async def _prolong(self, keys: list[str], token: str) -> bool:
        lifetime = round(self._lifetime * 1000)
        return bool(await _answer(self._renew(keys=keys[:1], args=[token, lifetime])))

    async def _let_go(self, keys: list[str], token: str) -> None:
        try:
            await self._release(keys=keys, args=[token])
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            # It frees itself when its lifetime is over.
            logger.warning("A lock could not be released (%s)", type(error).__name__)


def _keys(name: str) -> list[str]:
    # A digest: names are people's, and the braces keep all three on one node of a cluster.
    digest = hashlib.sha256(name.encode()).hexdigest()
    return [f"guide:{{{digest}}}:{part}" for part in ("lock", "queue", "present")]


async def _answer(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except (RedisError, OSError, asyncio.TimeoutError) as error:
        # By its kind alone: the words may hold the address, and with it a password.
        raise LockFailed(f"Redis does not answer ({type(error).__name__})") from None


@asynccontextmanager
async def _watched(
    prolong: Callable[[], Awaitable[bool]], until: float, lifetime: float
) -> AsyncIterator[None]:
    """Prolong a lock during a block; cancel the block if that fails until the lock has run out."""
    task = asyncio.current_task()
    lost = over = False

    async def renew() -> None:
        nonlocal until, lost
        while not lost and not over:
            await asyncio.sleep(lifetime / 4)
            asked = time.monotonic()
            try:
                lost = not await prolong()
                until = asked + lifetime
            except LockFailed:
                # While the lifetime lasts nobody else can have it; then it is not ours to use.
                lost = time.monotonic() > until - lifetime / 4
        # Redis's client may take our cancelling for its own timeout: this outlives the block then.
        if task is not None and not over:
            task.cancel()

    renewing = asyncio.create_task(renew())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            raise LockFailed("the lock was lost during the turn") from None
        raise
    finally:
        over = True
        renewing.cancel()
