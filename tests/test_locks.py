"""Locks over a real Redis: one at a time, in order, freed by a death, kept by who lives."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.core.utils import AvailableEndpoints

from benchmarks.locks import compete
from bot.lock_store import ConversationLocks
from bot.locks import LockFailed, SharedLocks, _watched
from bot.settings import ROOT, Settings, SettingsError
from tests.servers import free_port

HOLDER = """
import asyncio, sys
from bot.locks import SharedLocks

async def main():
    async with SharedLocks(sys.argv[1], 1.0, 5.0).hold("talk"):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def locks(redis_url: str) -> AsyncIterator[SharedLocks]:
    made = SharedLocks(redis_url, 0.6, 10.0)
    await made._redis.flushall()
    yield made
    await made.close()


def test_four_processes_never_overlap_nor_lose_a_turn(redis_url: str) -> None:
    found = compete(redis_url, 50)

    assert (found.turns, found.overlaps, found.lost) == (200, 0, 0)


async def test_turns_come_in_the_order_of_asking(locks: SharedLocks) -> None:
    order: list[int] = []

    async def turn(number: int) -> None:
        async with locks.hold("talk"):
            order.append(number)

    async with locks.hold("talk"):
        waiting = []
        for number in range(5):
            waiting.append(asyncio.create_task(turn(number)))
            await asyncio.sleep(0.05)
        assert order == []
    await asyncio.gather(*waiting)

    assert order == [0, 1, 2, 3, 4]


async def test_other_conversations_do_not_wait(locks: SharedLocks) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(locks.hold("one"))
        await asyncio.wait_for(stack.enter_async_context(locks.hold("another")), 5)


async def test_a_long_turn_keeps_its_lock_over_several_lifetimes(
    locks: SharedLocks, redis_url: str
) -> None:
    hasty = SharedLocks(redis_url, 0.6, 1.5)
    async with locks.hold("talk"):
        with pytest.raises(LockFailed, match="too long"):
            async with hasty.hold("talk"):
                pass
    async with hasty.hold("talk"):
        pass
    await hasty.close()


async def test_a_renewal_that_outlives_its_block_cancels_nothing_else() -> None:
    async def prolong() -> bool:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            # As Redis's client does if its time is over in the same moment.
            return False
        return True

    async with _watched(prolong, time.monotonic() + 60, 0.04):
        await asyncio.sleep(0.05)

    await asyncio.sleep(0.1)


async def test_the_lock_of_a_killed_holder_runs_out(locks: SharedLocks, redis_url: str) -> None:
    command = [sys.executable, "-c", HOLDER, redis_url]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == "held\n"
    await asyncio.sleep(1.5)
    assert await locks._redis.keys("*lock"), "it is renewed while its holder lives"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    began = time.monotonic()
    async with locks.hold("talk"):
        waited = time.monotonic() - began

    assert waited < 5


async def test_who_stops_waiting_holds_nobody_up(locks: SharedLocks) -> None:
    async def wait() -> None:
        async with locks.hold("talk"):
            raise AssertionError

    async with locks.hold("talk"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert await locks._redis.keys("*queue") == []
    assert await locks._redis.keys("*") == []


async def test_a_turn_whose_lock_is_gone_is_stopped(locks: SharedLocks) -> None:
    async def turn() -> None:
        async with locks.hold("talk"):
            await locks._redis.flushall()
            await asyncio.sleep(30)

    with pytest.raises(LockFailed, match="lost"):
        await turn()


async def test_the_deadline_of_a_turn_frees_its_lock(locks: SharedLocks) -> None:
    async def turn() -> None:
        async with locks.hold("talk"):
            await asyncio.sleep(30)

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(turn(), 0.3)
    assert await locks._redis.keys("*") == []


async def test_names_of_conversations_are_not_in_redis(locks: SharedLocks) -> None:
    async with locks.hold("ann@example.org"):
        keys = await locks._redis.keys("*")

    assert keys
    assert not any(b"ann" in key for key in keys)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)


def created() -> LockStore:
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    return LockStore.create(endpoints.lock_store)


async def test_rasa_is_configured_with_it(
    configured: None, redis_url: str, locks: SharedLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    store = created()

    assert isinstance(store, ConversationLocks)
    async with store.lock("talk") as lock:
        assert lock.conversation_id == "talk"
        assert await locks._redis.keys("*lock")
    assert await locks._redis.keys("*") == []


async def test_without_redis_locks_are_in_memory(configured: None) -> None:
    store = created()

    async with store.lock("talk"):
        assert store._local.get_lock("talk") is not None
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(store.lock("talk").__aenter__(), 0.2)
    async with store.lock("talk"):
        pass


async def test_redis_down_is_an_error_at_once_that_names_no_address(
    configured: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://:secret@127.0.0.1:{free_port()}/0")
    began = time.monotonic()

    with pytest.raises(LockError, match="Redis does not answer"):
        async with created().lock("talk"):
            raise AssertionError

    assert time.monotonic() - began < 5
    assert "Redis does not answer" in caplog.text
    assert "secret" not in caplog.text


def test_a_lock_outlasts_an_action_and_not_a_turn() -> None:
    settings = Settings()

    assert settings.action_timeout < settings.lock_seconds < settings.turn_deadline
    with pytest.raises(SettingsError):
        Settings.from_env({"ACTION_TIMEOUT": "8", "TURN_DEADLINE": "8"})
