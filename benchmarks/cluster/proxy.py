"""nginx on loopback, with the very routes of `deploy/nginx`, and upstreams that can change."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.cluster.child import Child
from bot.settings import ROOT

CONFIG = ROOT / "deploy" / "nginx"
RELOAD_SECONDS = 30.0
# What a worker calls itself once it takes nothing new.
LEAVING = "is shutting down"
_MAIN = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_shutdown_timeout 20s;
events {{ worker_connections 4096; }}
http {{
    include {config}/http.conf;
    include {folder}/upstreams.conf;
    access_log {folder}/access.log guide;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
        include {config}/routes.conf;
    }}
    server {{
        listen 127.0.0.1:{actions_port};
        include {config}/actions.conf;
    }}
}}
"""
_SERVER = "    server 127.0.0.1:{port} max_fails=2 fail_timeout=5s{down};"


class Proxy:
    """nginx before the Rasa servers, and between them and the action servers.

    Args:
        folder: of its files; should be empty.
        host: where visitors come in, with `port`.
        actions_port: where the Rasa servers find the action servers.

    Raises:
        RuntimeError: nginx is not installed.
    """

    def __init__(self, folder: Path, host: str, port: int, actions_port: int) -> None:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            raise RuntimeError("nginx is not installed (scripts/with-nginx installs it)")
        # Its workers are another user's, who must be let in to the folder of temporary files.
        folder.chmod(0o755)
        self._folder = folder
        values = {"folder": folder, "config": CONFIG, "host": host, "port": port}
        main = _MAIN.format(**values, actions_port=actions_port)
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        command = [program, "-e", "stderr", "-c", str(folder / "nginx.conf")]
        self.child = Child("nginx", command, {}, folder)

    def route(
        self, rasa: Sequence[int], actions: Sequence[int], away: frozenset[int] = frozenset()
    ) -> None:
        """Hand requests to the servers at these ports, but not to those that are `away`."""
        lines = [_upstream("rasa", "least_conn", rasa, away)]
        lines.append(_upstream("rasa_same", "hash $remote_addr consistent", rasa, away))
        lines.append(_upstream("actions", "least_conn", actions, away))
        (self._folder / "upstreams.conf").write_text("\n".join(lines), encoding="utf-8")
        if self.child.alive:
            self._reload()

    def _reload(self) -> None:
        """Let nginx read its files again, and wait until the workers of before take nothing new.

        Raises:
            RuntimeError: they still do after half a minute.
        """
        before = psutil.Process(self.child.pid).children()
        self.child.signal(signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_SECONDS
        while any(_takes_work(worker) for worker in before):
            if time.monotonic() > deadline:
                raise RuntimeError("nginx did not take its new configuration")
            time.sleep(0.05)

    def start(self) -> None:
        """Start it; `route` comes before."""
        self.child.start()

    def stop(self) -> None:
        """Stop it at once."""
        self.child.stop(5)


def _takes_work(worker: psutil.Process) -> bool:
    try:
        return worker.is_running() and LEAVING not in " ".join(worker.cmdline())
    except psutil.NoSuchProcess:
        return False


def _upstream(name: str, how: str, ports: Sequence[int], away: frozenset[int]) -> str:
    servers = [_SERVER.format(port=port, down=" down" if port in away else "") for port in ports]
    return "\n".join([f"upstream {name} {{", f"    {how};", *servers, "}"])
