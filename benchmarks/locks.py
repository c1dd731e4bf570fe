"""Counts overlapping turns of one conversation over several processes that share a Redis.

Starts a Redis of its own, and processes that take turns: each marks the conversation as its own,
changes a number by reading, waiting and writing back, and takes the mark away. A mark that is there
already is an overlap; a number that is too low in the end is a lost turn. Fails if there is either.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ports import free_ports
from bot.settings import ROOT

PROCESSES = 4
LIFETIME, PATIENCE = 6.0, 120.0

Hold = Callable[[], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Outcome:
    """What became of the turns: how many overlapped another, and seconds for all of them."""

    turns: int
    overlaps: int
    lost: int
    seconds: float


@asynccontextmanager
async def held(url: str) -> AsyncIterator[Hold]:
    """Our locks."""
    from bot.locks import SharedLocks

    locks = SharedLocks(url, LIFETIME, PATIENCE)
    yield lambda: locks.hold("conversation")
    await locks.close()


async def turns(hold: Hold, folder: Path, rounds: int) -> int:
    """Take so many turns; return how many found another's mark."""
    mark, number, overlaps = folder / "mark", folder / "number", 0
    for _ in range(rounds):
        async with hold():
            try:
                mark.touch(exist_ok=False)
            except FileExistsError:
                overlaps += 1
            known = int(number.read_text() or 0)
            await asyncio.sleep(random.uniform(0, 0.002))
            number.write_text(str(known + 1))
            mark.unlink(missing_ok=True)
    return overlaps


def process(url: str, folder: Path, rounds: int) -> int:
    """Take turns in a process of one's own, once told to go; return how many overlapped."""

    async def run() -> int:
        async with held(url) as hold:
            (folder / f"ready-{os.getpid()}").touch()
            while not (folder / "go").exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)
            return await turns(hold, folder, rounds)

    return asyncio.run(run())


def compete(url: str, rounds: int, processes: int = PROCESSES) -> Outcome:
    """Let processes take so many turns each, all of one conversation.

    Raises:
        RuntimeError: one of them failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "number").write_text("0")
        command = [sys.executable, "-m", "benchmarks.locks", "--process", url, name]
        command += ["--rounds", str(rounds)]
        running = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]
        while len(list(folder.glob("ready-*"))) < processes:
            if any(one.poll() for one in running):
                raise RuntimeError("a process could not start")
            time.sleep(0.02)
        began = time.perf_counter()
        (folder / "go").touch()
        overlaps = [one.communicate()[0] for one in running]
        seconds = time.perf_counter() - began
        if any(one.returncode for one in running):
            raise RuntimeError("a process failed")
        number = int((folder / "number").read_text())
    total = processes * rounds
    return Outcome(total, sum(map(int, overlaps)), total - number, seconds)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis of one's own.

    Raises:
        RuntimeError: it is not installed.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not installed (scripts/with-redis installs it)")
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--save", "", "--dir", folder, "--bind", "127.0.0.1"]
        server = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        for line in server.stdout:
            if "Ready to accept connections" in line:
                break
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.communicate()


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.locks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="turns of each process")
    parser.add_argument("--process", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> int:
    """Measure, print the table, and return 1 if turns overlapped."""
    given = options()
    if given.process:
        url, folder = given.process
        print(process(url, Path(folder), given.rounds))
        return 0
    try:
        with redis() as url:
            found = compete(url, given.rounds)
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"Turns of one conversation in {PROCESSES} processes.\n")
    print("| overlapping | lost | of | seconds |\n|---|---|---|---|")
    print(f"| {found.overlaps} | {found.lost} | {found.turns} | {found.seconds:.1f} |")
    return 1 if found.overlaps or found.lost else 0


if __name__ == "__main__":
    sys.exit(main())
