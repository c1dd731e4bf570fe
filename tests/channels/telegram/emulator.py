"""An emulated Telegram: the Bot API server of `emulator/` in a process of its own, and its chats.

async with emulator() as telegram:
    chat = telegram.chat()
    [reply] = await chat.ask("What is Long COVID?")
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.channels.telegram.bubbles import Bubble, Button, Sent
from tests.channels.telegram.chats import Chat
from tests.channels.telegram.client import SECRET_HEADER, TOKEN, Call, Delivery, Telegram

__all__ = [
    "SECRET_HEADER",
    "TOKEN",
    "Bubble",
    "Button",
    "Call",
    "Chat",
    "Delivery",
    "Sent",
    "Telegram",
    "emulator",
]

HERE = Path(__file__).parent / "emulator"
START_SECONDS = 60
LINE_BYTES = 2**24  # of an event


@asynccontextmanager
async def emulator(token: str = TOKEN, retry: float = 0.2) -> AsyncIterator[Telegram]:
    """Start an emulator of one bot on a free port, and end it. Retry: seconds until an update that
    the webhook did not take goes to it again.

    Skips the test where there is no Node, but never in CI.
    """
    await asyncio.to_thread(install)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "strict.js"),
        json.dumps({"token": token, "retry": retry}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        url = f"http://127.0.0.1:{json.loads(line)['port']}"
        async with (
            aiohttp.ClientSession(read_bufsize=LINE_BYTES) as http,
            listening(Telegram(url, http, token)) as telegram,
        ):
            yield telegram
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def listening(telegram: Telegram) -> AsyncIterator[Telegram]:
    """Let the client hear the emulator's events."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with telegram.http.get(f"{telegram.url}/events", timeout=timeout) as events:
        await events.content.readline()

        async def listen() -> None:
            async for line in events.content:
                telegram.hear(line)

        listener = asyncio.create_task(listen())
        try:
            yield telegram
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)


def install() -> None:
    """Have npm fetch the emulator's packages, once for each lock file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("The emulated Telegram needs Node 20 or newer, with npm.")
        pytest.skip("no Node, which the emulated Telegram needs")
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    modules = HERE / "node_modules"
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = modules / ".installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            command = ["npm", "ci", "--ignore-scripts", "--loglevel=error"]
            subprocess.run(command, cwd=HERE, check=True)
            stamp.write_text(wanted)
