"""Rasa servers, action servers and the worker on one PostgreSQL and one Redis, behind nginx."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from benchmarks.cluster.child import Child
from benchmarks.cluster.proxy import Proxy
from benchmarks.ports import free_ports
from benchmarks.processes import ONE_THREAD, PYTHON
from bot.records import upgrade
from bot.training import model_path

START_SECONDS = 240.0
# Sanic lets what is under way end for 15 seconds.
STOP_SECONDS = 25.0
# What the reader's own environment must not decide.
_OURS = {"METRICS_PORT": "0", "NOTIFY_URLS": "", "TELEGRAM_TOKEN": ""}


class ClusterError(RuntimeError):
    """A part of the cluster failed; holds the end of its log."""


class Server(NamedTuple):
    """A server of the cluster, its port, and where it says that it can take requests."""

    child: Child
    port: int
    path: str


class Shape(NamedTuple):
    """What a cluster is made of: how many of each, and which cores each replica may use."""

    rasa: int = 2
    actions: int = 2
    cores: Sequence[frozenset[int]] = ()


class Cluster:
    """Servers on free ports of the loopback address; nginx on `port`, or a free one.

    Args:
        folder: of logs and of what servers write; should be empty.
        database: URL of a PostgreSQL.
        redis: URL of a Redis.
        shape: how many servers.
        settings: environment variables of all the servers.
    """

    def __init__(
        self,
        folder: Path,
        database: str,
        redis: str,
        shape: Shape = Shape(),  # noqa: B008 - it never changes
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        ports = free_ports(shape.rasa + shape.actions + 2)
        self.port = port or ports.pop()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = database
        self._folder, self._cores = folder, shape.cores
        between = ports.pop()
        (folder / "nginx").mkdir()
        self._proxy = Proxy(folder / "nginx", host, self.port, between)
        self._env = _environment(database, redis, between, settings or {})
        self.rasa = [self._server("rasa", number, ports.pop()) for number in range(shape.rasa)]
        self.actions = [
            self._server("actions", number, ports.pop()) for number in range(shape.actions)
        ]
        beat = {"WORKER_HEARTBEAT": str(folder / "worker.alive")}
        command = [*PYTHON, "bot.records", "work"]
        self.worker = Child("worker", command, {**self._env, **beat}, folder)

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """Run all of it as long as the block lasts.

        Raises:
            ClusterError: a server ended, or was not ready in time.
        """
        upgrade(self.database)
        try:
            self._proxy.route(*self._ports())
            self._proxy.start()
            self.worker.start()
            # One first: Rasa's own tables are made by the server that starts.
            first, *others = [*self.rasa, *self.actions]
            first.child.start()
            self.until_ready(first)
            for server in others:
                server.child.start()
            for server in others:
                self.until_ready(server)
            yield self
        finally:
            self.stop()

    def until_ready(self, server: Server) -> None:
        """Wait until a server can take requests.

        Raises:
            ClusterError: it ended, or was not ready in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.child.alive:
            if _answers(f"http://127.0.0.1:{server.port}{server.path}"):
                return
            time.sleep(0.1)
        raise ClusterError(server.child.last_lines())

    def replace(self, server: Server) -> float:
        """Take a server's work away, stop it, start it anew and give it work again; return the
        seconds until it had stopped.

        Raises:
            ClusterError: it had to be killed, or did not get ready again.
        """
        self._proxy.route(*self._ports(), away=frozenset({server.port}))
        began = time.monotonic()
        if not server.child.stop(STOP_SECONDS):
            raise ClusterError(f"{server.child.name} did not stop\n{server.child.last_lines()}")
        stopped = time.monotonic() - began
        server.child.start()
        self.until_ready(server)
        self._proxy.route(*self._ports())
        return stopped

    def use(self, count: int) -> None:
        """Hand requests to the first so many Rasa servers, and to as many action servers."""
        rasa, actions = self._ports()
        self._proxy.route(rasa[:count], actions[:count])

    def check(self) -> None:
        """Check that every part runs.

        Raises:
            ClusterError: one ended.
        """
        parts = [self._proxy.child, self.worker, *(one.child for one in self.servers)]
        for child in parts:
            if not child.alive:
                raise ClusterError(child.last_lines())

    @property
    def servers(self) -> list[Server]:
        """The Rasa servers and the action servers."""
        return [*self.rasa, *self.actions]

    def stop(self) -> None:
        """Stop all of it: the way in first, and the servers together."""
        self._proxy.stop()
        children = [*(server.child for server in self.servers), self.worker]
        for child in children:
            if child.alive:
                os.kill(child.pid, 15)
        for child in children:
            child.stop(STOP_SECONDS)

    def _server(self, kind: str, number: int, port: int) -> Server:
        name = f"{kind}-{number + 1}"
        mine = self._folder / name
        mine.mkdir()
        module, variable, path = {
            "rasa": ("bot.server", "PORT", "/health/ready"),
            "actions": ("bot.action_server", "ACTION_PORT", "/health"),
        }[kind]
        env = {**self._env, "DATA_DIR": str(mine), variable: str(port)}
        cores = self._cores[number % len(self._cores)] if self._cores else frozenset()
        return Server(Child(name, [*PYTHON, module], env, self._folder, cores), port, path)

    def _ports(self) -> tuple[list[int], list[int]]:
        return [server.port for server in self.rasa], [server.port for server in self.actions]


def _environment(
    database: str, redis: str, between: int, settings: Mapping[str, str]
) -> dict[str, str]:
    return {
        **os.environ,
        **ONE_THREAD,
        **_OURS,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "HOST": "127.0.0.1",
        "ACTION_HOST": "127.0.0.1",
        "ACTION_SERVER": f"http://127.0.0.1:{between}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "SECRET_KEY": secrets.token_hex(32),
        "ACTION_SECRET": secrets.token_hex(32),
        "MODEL": str(model_path()),
        **settings,
    }


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
