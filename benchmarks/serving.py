"""Measures serving, ours beside stock Rasa, in one run: the first part of `make bench`.

Starts the action server once, then the Rasa server in two ways on the same model, database kind
and channels: as `make run` does (TensorFlow kept out) and as `rasa run` does. Prints processor
seconds and memory until ready, and processor time a turn. Only ratios are worth quoting: the
machine is shared.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks import comparison
from benchmarks.comparison import Line
from benchmarks.processes import PYTHON, cpu, running
from bot.records import upgrade
from bot.training import train

PORT, ACTION_PORT = 5905, 5955
URL = f"http://127.0.0.1:{PORT}"
START_SECONDS = 240
TURNS = ("what is long covid", "does ketamine help with pain?", "is it proven", "thanks")
ROUNDS = 15


@dataclass(frozen=True)
class Serving:
    """One way of serving: processor seconds and megabytes when ready, milliseconds a turn."""

    start_cpu: float
    start_wall: float
    memory: float
    turn_cpu: float
    turn_wall: float


def until_up(url: str) -> None:
    """Wait until a server answers at all.

    Raises:
        TimeoutError: it does not in START_SECONDS.
    """
    for _ in range(START_SECONDS * 5):
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")


def ask(sender: str, text: str) -> None:
    """Send one message.

    Raises:
        requests.HTTPError: it is refused.
    """
    body = {"sender": sender, "message": text}
    requests.post(f"{URL}/webhooks/rest/webhook", json=body, timeout=60).raise_for_status()


def measure(command: Sequence[str], env: Mapping[str, str]) -> Serving:
    """Start a server, talk to it, stop it."""
    began = time.perf_counter()
    with running(command, env) as process:
        until_up(f"{URL}/health")
        start_cpu, start_wall = cpu(process), time.perf_counter() - began
        memory = process.memory_info().rss / 1e6
        ask("warm-up", TURNS[0])
        before, clock = cpu(process), time.perf_counter()
        for number in range(ROUNDS):
            for text in TURNS:
                ask(f"bench-{number}", text)
        turns = ROUNDS * len(TURNS)
        used, taken = cpu(process) - before, time.perf_counter() - clock
    return Serving(start_cpu, start_wall, memory, used / turns * 1000, taken / turns * 1000)


def table(ours: Serving, stock: Serving) -> str:
    """Return both ways and their ratio as a Markdown table."""
    rows = (
        ("processor seconds to ready", "start_cpu", ".1f"),
        ("seconds to ready", "start_wall", ".1f"),
        ("memory when ready, MB", "memory", ".0f"),
        ("processor milliseconds a turn (Rasa process)", "turn_cpu", ".1f"),
        ("milliseconds a turn", "turn_wall", ".1f"),
    )
    lines = [Line(label, getattr(ours, of), getattr(stock, of), form) for label, of, form in rows]
    return comparison.table("make run", "rasa run", lines)


def main() -> int:
    """Measure both ways and print the table."""
    model = train()
    stock = [
        *PYTHON, "rasa", "run", "--model", str(model), "--port", str(PORT),
        "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "PORT": str(PORT),
            "ACTION_PORT": str(ACTION_PORT),
            "MODEL": str(model),
            "HOST": "127.0.0.1",
        }
        upgrade(env["DATABASE_URL"])
        with running([*PYTHON, "bot.action_server"], env):
            until_up(f"http://127.0.0.1:{ACTION_PORT}/health")
            ours = measure([*PYTHON, "bot.server"], env)
            theirs = measure(stock, env)
    print("Serving: the same model, in two ways.\n")
    print(table(ours, theirs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
