"""PostgreSQL and Redis servers of one's own, which can be stopped, killed, frozen and started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from benchmarks.ports import free_ports
from benchmarks.web_bot import full_disk

START_SECONDS = 120.0


class EngineError(RuntimeError):
    """A server that Debian's packages bring is not there, or did not start."""


class Engine(ABC):
    """A server with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # What runs a command as the server's user.
        self._as: list[str] = []

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it answers."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Tell whether the server answers."""

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            EngineError: it does not.
        """
        if self._process is not None:
            return
        with (self.folder / f"{type(self).__name__}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.05)
        raise EngineError(f"{type(self).__name__} did not start")

    def kill(self) -> None:
        """End it as a crash would, with all its processes."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it from doing anything, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def fill(self) -> None:
        """Let every further write fail, as on a full disk."""
        for process in self._all():
            full_disk(process.pid, full=True, user=self._as)

    def empty(self) -> None:
        """Let writes through again; a server that gave up meanwhile is started again."""
        for process in self._all():
            full_disk(process.pid, full=False, user=self._as)
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self.start()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        """Run it as long as the block lasts."""
        await asyncio.to_thread(self.start)
        try:
            yield self
        finally:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        for process in self._all():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _all(self) -> list[psutil.Process]:
        """Return the server's processes, the first of them first."""
        if self._process is None or self._process.poll() is not None:
            return []
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]


class Postgres(Engine):
    """PostgreSQL, with its data on the disk: a crash loses nothing that was committed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise EngineError("PostgreSQL is not installed (scripts/with-postgres installs it)")
        self._bin = found[-1]
        self._data = folder / "data"
        # PostgreSQL refuses to run as root.
        if os.geteuid() == 0:
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")
        made = [f"{self._bin}/initdb", "-D", str(self._data), "-U", "guide", "-A", "trust"]
        quiet = {"stdout": subprocess.DEVNULL, "cwd": folder}
        subprocess.run([*self._as, *made, "-E", "UTF8"], check=True, **quiet)  # type: ignore[call-overload]

    @property
    def url(self) -> str:
        """URL for SQLAlchemy."""
        return f"postgresql://guide@127.0.0.1:{self.port}/postgres"

    def _command(self) -> list[str]:
        # A killed server leaves its lock file behind, which the next one must not take for alive.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        options = ["-D", str(self._data), "-p", str(self.port), "-k", "", "-h", "127.0.0.1"]
        return [*self._as, f"{self._bin}/postgres", *options]

    def _answers(self) -> bool:
        asked = [f"{self._bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0


class Redis(Engine):
    """Redis, with nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if shutil.which("redis-server") is None:
            raise EngineError("redis-server is not installed (scripts/with-redis installs it)")

    @property
    def url(self) -> str:
        """URL for REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str]:
        options = ["--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
        return ["redis-server", *options]

    def _answers(self) -> bool:
        asked = ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), "ping"]
        answer = subprocess.run(asked, capture_output=True, check=False)
        return answer.stdout.strip() == b"PONG"
