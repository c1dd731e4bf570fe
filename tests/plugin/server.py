"""A bot server of a run's own: Rasa's server and the action server, and a way between them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.settings import ROOT, Settings
from bot.training import train
from tests.servers import free_port

START_SECONDS = 180
# What a run needs of a server: its worker only delivers, which no conversation waits for.
_NEEDED = ("model", "actions", "database")


class ServerError(RuntimeError):
    """The server did not start; the text is the end of its logs."""


class Relay:
    """Stands between the Rasa server and its action server, and refuses connections if told.

    Args:
        to: the action server's port.
    """

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self._to = to
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        """Let connections through."""
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def refuse(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        for writer in tuple(self._open):
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._open |= {writer, onward_writer}
        await asyncio.gather(_pump(reader, onward_writer), _pump(onward_reader, writer))
        self._open -= {writer, onward_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@dataclass(frozen=True)
class Server:
    """A running server: its address, and the way to its action server."""

    url: str
    relay: Relay


@asynccontextmanager
async def bot_server(settings: Settings, extra: Mapping[str, str]) -> AsyncIterator[Server]:
    """Start the Rasa server and the action server, and end them. `extra`: more of the environment.

    Raises:
        ServerError: they are not ready in time.
    """
    port, action_port = free_port(), free_port()
    relay = Relay(action_port)
    common = {
        **os.environ,
        "DATA_DIR": settings.data_dir,
        "DATABASE_URL": settings.database_url,
        "MODEL": str(train()),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        # Patient, since the machine may be busy with other things.
        "ACTION_TIMEOUT": "30",
        "TURN_DEADLINE": "60",
        "MESSAGE_BURST": "10000",
        "SESSIONS_PER_MINUTE": "1000000",
        **extra,
    }
    logs = Path(settings.data_dir)
    async with (
        _process("bot.action_server", {**common, "ACTION_PORT": str(action_port)}, logs),
        _process("bot.server", {**common, "ACTION_PORT": str(relay.port)}, logs),
    ):
        await relay.listen()
        try:
            server = Server(f"http://127.0.0.1:{port}", relay)
            await _ready(server.url, logs)
            yield server
        finally:
            await relay.refuse()


@asynccontextmanager
async def _process(module: str, env: Mapping[str, str], logs: Path) -> AsyncIterator[None]:
    with (logs / f"{module}.log").open("wb") as log:
        command = [sys.executable, "-m", module]
        process = subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _ready(url: str, logs: Path) -> None:
    """Wait until all that a turn needs is up."""

    async def wait() -> None:
        async with aiohttp.ClientSession() as http:
            while not await _healthy(http, url):
                await asyncio.sleep(0.5)

    try:
        await asyncio.wait_for(wait(), START_SECONDS)
    except asyncio.TimeoutError:
        ends = (f"{path.name}:\n{path.read_text()[-2000:]}" for path in logs.glob("bot.*.log"))
        raise ServerError("\n".join(ends)) from None


async def _healthy(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/health") as answer:
            components = (await answer.json())["components"]
    except (aiohttp.ClientError, KeyError):
        return False
    return all(components[name]["status"] == "up" for name in _NEEDED)
