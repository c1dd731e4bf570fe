"""Runs two Rasa servers, two action servers and the worker on real PostgreSQL, Redis and nginx.

`make cluster` starts this with servers of Debian's packages, for as long as it runs: what is said
is gone afterwards. Ctrl-C stops all; SIGHUP replaces one server after the other, as an update does.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from threading import Event

from benchmarks.cluster import Cluster, ClusterError
from benchmarks.cluster.cluster import Server
from benchmarks.locks import redis
from bot.settings import Settings, SettingsError
from bot.training import train

LOOK_SECONDS = 1.0


def serve(cluster: Cluster, stop: Event, update: Event) -> None:
    """Watch the cluster until told to stop.

    Raises:
        ClusterError: a part ended.
    """
    while not stop.wait(LOOK_SECONDS):
        cluster.check()
        if update.is_set():
            update.clear()
            for server in cluster.servers:
                _replace(cluster, server)
            print("Updated.", flush=True)


def _replace(cluster: Cluster, server: Server) -> None:
    began = time.monotonic()
    cluster.replace(server)
    print(f"{server.child.name} replaced in {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
    """Run until stopped; return the process's exit code."""
    database = os.environ.get("TEST_POSTGRES_URL", "")
    if not database:
        print("error: no PostgreSQL; run it as `make cluster` does", file=sys.stderr)
        return 1
    stop, update = Event(), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: update.set())
    try:
        settings = Settings.from_env()
        train()
        with redis() as url, tempfile.TemporaryDirectory() as name:
            host, port = settings.host, settings.port
            with Cluster(Path(name), database, url, host=host, port=port).running() as cluster:
                parts = ", ".join(f"{one.child.name} :{one.port}" for one in cluster.servers)
                print(f"http://localhost:{cluster.port}/ leads to {parts}; logs in {name}")
                print(f"Ctrl-C stops all; kill -HUP {os.getpid()} replaces one by one", flush=True)
                serve(cluster, stop, update)
    except (ClusterError, RuntimeError, SettingsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
