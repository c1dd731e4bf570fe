"""Child processes and what they cost: the parts that the side-by-side measurements share."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from bot.settings import ROOT

PYTHON = (sys.executable, "-W", "ignore", "-m")
# One thread for everything that would otherwise start one for each core.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_LOG_LINES = 20


class ChildError(RuntimeError):
    """A measured process failed."""


class Cost(NamedTuple):
    """What a process took from start to end: processor seconds and seconds."""

    cpu: float
    wall: float


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Run a server as long as the block lasts."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def finished(command: Sequence[str], env: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end, its output in `log`, and return its cost with its children's.

    Raises:
        ChildError: it failed; the message holds the last lines of its output.
    """
    before, began = _children_cpu(), time.perf_counter()
    with log.open("wb") as file:
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=file, stderr=file, check=False)
    cost = Cost(_children_cpu() - before, time.perf_counter() - began)
    if done.returncode:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        raise ChildError("\n".join([f"{' '.join(command)} failed:", *lines]))
    return cost


def cpu(process: psutil.Process) -> float:
    """Return the processor seconds a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process, and those it starts meanwhile, on one core (Linux; elsewhere, on any)."""
    if sys.platform != "linux":
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
