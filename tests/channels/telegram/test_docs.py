"""docs/telegram.md, as it is written there: from a token to a bot that answers, in both modes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.settings import ROOT
from tests.channels.telegram.emulator import TOKEN, Telegram
from tests.servers import free_port

PAGE = ROOT / "docs" / "telegram.md"
READY_SECONDS = 300
POLLING, SERVER, WEBHOOK = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)


def installed() -> bool:
    """Whether `scripts/install` has nothing to change in the environment."""
    made = "cat uv.lock pyproject.toml scripts/install | cksum | cmp -s - .venv/.installed-no-dev"
    return subprocess.run(["bash", "-c", made], cwd=ROOT, check=False).returncode == 0


@pytest.fixture
def env(telegram: Telegram, tmp_path: Path) -> dict[str, str]:
    """Settings of the machine, not of the page."""
    if not installed() and os.environ.get("CI") != "true":
        pytest.skip("the project's own environment is not installed")
    ours = {
        "TELEGRAM_API": telegram.url,
        "TELEGRAM_MODE": "",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "ACTION_PORT": str(free_port()),
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "NOTIFY_URLS": "",
        "TURN_DEADLINE": "60",
    }
    return {**os.environ, **ours}


def written(block: str, env: Mapping[str, str]) -> str:
    """The block with a token and an address of our own."""
    address = f"http://127.0.0.1:{env['PORT']}"
    return block.replace("123456789:AAbbCCddEEff", TOKEN).replace(
        "https://bot.example.org", address
    )


async def shell(block: str, env: Mapping[str, str], log: Path) -> asyncio.subprocess.Process:
    """Start a block; what it says goes to a file, as supervisord wants it."""
    with log.open("wb") as said:
        return await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", written(block, env)),
            cwd=ROOT,
            env=dict(env),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


@asynccontextmanager
async def running(block: str, env: Mapping[str, str]) -> AsyncIterator[None]:
    """Run a block that goes on until it is stopped, from when the bot is healthy."""
    log = Path(env["DATA_DIR"]) / "bot.log"
    process = await shell(block, env, log)
    try:
        await asyncio.wait_for(healthy(process, env["PORT"]), READY_SECONDS)
        yield
    except asyncio.TimeoutError:
        raise AssertionError(f"the bot did not start:\n{log.read_text('utf-8')}") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def healthy(process: asyncio.subprocess.Process, port: str) -> None:
    async with aiohttp.ClientSession() as http:
        while process.returncode is None:
            await asyncio.sleep(0.5)
            try:
                async with http.get(f"http://127.0.0.1:{port}/health") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                continue
    raise AssertionError("the bot did not start")


async def test_there_are_ten_lines() -> None:
    assert sum(block.count("\n") for block in (POLLING, SERVER, WEBHOOK)) <= 10


@pytest.mark.model
async def test_polling(telegram: Telegram, env: dict[str, str]) -> None:
    async with running(POLLING, env):
        (reply,) = await telegram.chat().ask("Can ketamine help with brain fog?")
        menus = (await telegram.state())["commands"]

    assert "BDNF" in reply.text
    assert menus


@pytest.mark.model
async def test_webhook(telegram: Telegram, env: dict[str, str], tmp_path: Path) -> None:
    async with running(SERVER, env):
        setup = await shell(WEBHOOK, env, tmp_path / "setup.log")
        await setup.wait()
        (reply,) = await telegram.chat().ask("Can ketamine help with brain fog?")
        menus = (await telegram.state())["commands"]

    assert setup.returncode == 0
    assert "bot: @guide_bot" in (tmp_path / "setup.log").read_text("utf-8")
    assert "BDNF" in reply.text
    assert menus
