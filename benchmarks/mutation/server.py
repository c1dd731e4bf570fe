"""A fork server: the bot is loaded once, each mutant lives and ends in a process of its own."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from benchmarks.mutation import suite
from benchmarks.mutation.bench import Bench
from benchmarks.mutation.mutant import Mutant, RefusedError

_FORK = multiprocessing.get_context("fork")
_RESULT = "result.json"
_LONGEST_SECONDS = 900
LOADER, TIME_OUT, BROKEN = "loader", "time-out", "broken"


@dataclass(frozen=True)
class Result:
    """What came of a mutant.

    Attributes:
        by: who noticed it ("" for nobody; `broken` if it could not be tried).
        test: the check that failed first.
        why: the first lines of its message.
    """

    operator: str
    name: str
    diff: str
    by: str = ""
    test: str = ""
    why: str = ""
    seconds: float = 0.0

    @property
    def id(self) -> str:
        """The mutant's id."""
        return f"{self.operator}: {self.name}"


@dataclass
class Baseline:
    """The suite without any mutant: what each conversation passes through, and what it took."""

    record: dict[str, set[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    processor_seconds: float = 0.0

    @property
    def total(self) -> float:
        """Seconds that all conversations took."""
        return sum(self.seconds.values())


class Server:
    """Runs mutants, `jobs` at a time.

    Args:
        bench: the loaded bot.
        jobs: how many processes at once.
        folder: for the processes' files; each has a folder of its own, and so a database.
    """

    def __init__(self, bench: Bench, jobs: int, folder: Path) -> None:
        self._bench = bench
        self._jobs = jobs
        self._folder = folder
        self._baseline = Baseline()

    def baseline(self, checks: Sequence[str]) -> Baseline:
        """Run the suite without a mutant, in a process of its own, and remember its order.

        Raises:
            suite.SuiteError: it fails as it is, so that nothing can be learnt from it.
        """
        folder = self._folder / "baseline"
        process = _FORK.Process(target=_measure, args=(self._bench, folder, tuple(checks)))
        process.start()
        process.join()
        path = folder / _RESULT
        if not path.is_file():
            raise suite.SuiteError(f"the suite could not be run; see {folder / 'output.txt'}")
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["failure"]:
            raise suite.SuiteError(f"the suite fails without any mutant: {found['failure']}")
        record = {test: set(marks) for test, marks in found["record"].items()}
        self._baseline = Baseline(record, found["seconds"], found["processor_seconds"])
        return self._baseline

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Result], object]) -> None:
        """Try every mutant and tell what came of it, as it comes."""
        # A busy machine is no reason to give up: what counts is the processor's time. Only what
        # waits for ever ends by the clock.
        limit = max(_LONGEST_SECONDS, 10 * self._baseline.total)
        waiting = list(enumerate(mutants))[::-1]
        running: dict[int, tuple[ForkProcess, int, float]] = {}
        while waiting or running:
            while waiting and len(running) < self._jobs:
                number, mutant = waiting.pop()
                process = _FORK.Process(
                    target=_try, args=(self._bench, self._place(number), mutant, self._baseline)
                )
                process.start()
                running[process.sentinel] = (process, number, time.monotonic())
            for sentinel in self._ended(running, limit):
                process, number, began = running.pop(sentinel)
                tell(self._result(process, mutants[number], number, began))

    @staticmethod
    def _ended(running: dict[int, tuple[ForkProcess, int, float]], limit: float) -> list[int]:
        """Wait for a process to end; one that has run too long is ended."""
        found = wait(list(running), timeout=1.0)
        for process, _, began in running.values():
            if time.monotonic() - began > limit:
                process.kill()
        return [int(sentinel) for sentinel in found if isinstance(sentinel, int)]

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:05}"

    def _result(self, process: ForkProcess, mutant: Mutant, number: int, began: float) -> Result:
        process.join()
        folder = self._place(number)
        seconds = round(time.monotonic() - began, 2)
        named = (mutant.operator, mutant.name, mutant.diff)
        path = folder / _RESULT
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))
            shutil.rmtree(folder)
            return Result(*named, **found, seconds=seconds)
        by = TIME_OUT if process.exitcode in (-signal.SIGKILL, -signal.SIGXCPU) else BROKEN
        why = "" if by == TIME_OUT else _end_of(folder / "output.txt")
        return Result(*named, by=by, why=why, seconds=seconds)


def _end_of(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return "\n".join(lines[-5:])


@contextlib.contextmanager
def _kept_in(path: Path) -> Iterator[None]:
    """Send all output of this process to a file."""
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        except BaseException:
            traceback.print_exc()
            raise


def _measure(bench: Bench, folder: Path, checks: tuple[str, ...]) -> None:
    """Run the whole suite as it is and write down what it passes through."""
    own = bench.move(folder)
    with _kept_in(folder / "output.txt"):
        record: dict[str, set[str]] = {}
        own.lend(record)
        # Whole files in the order of the command line.
        failure, seconds = suite.run([*checks, *suite.conversations()], folder, lambda test: "")
        talks = {test: s for test, s in seconds.items() if test in record}
        found = {
            "record": {test: sorted(marks) for test, marks in record.items()},
            "seconds": talks,
            "processor_seconds": time.process_time(),
            "failure": asdict(failure) if failure else None,
        }
        (folder / _RESULT).write_text(json.dumps(found), encoding="utf-8")


def _try(bench: Bench, folder: Path, mutant: Mutant, baseline: Baseline) -> None:
    """Bring a mutant about, run the checks, write the result."""
    limit = int(3 * baseline.processor_seconds + 30)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    own = bench.move(folder)
    with _kept_in(folder / "output.txt"):
        own.lend()
        found = _noticed(own, mutant, baseline)
        (folder / _RESULT).write_text(json.dumps(found), encoding="utf-8")


def _noticed(bench: Bench, mutant: Mutant, baseline: Baseline) -> dict[str, str]:
    try:
        mutant.change.apply(bench)
    except RefusedError as error:
        return {"by": LOADER, "test": "", "why": str(error)}
    order = suite.by_marks(mutant.about, baseline.record, baseline.seconds)
    stages: list[tuple[Sequence[str], suite.Order]] = [
        (mutant.checks, str),
        (suite.conversations(), order),
    ]
    for paths, by in reversed(stages) if mutant.unit_last else stages:
        failure = suite.run(paths, bench.folder, by)[0] if paths else None
        if failure:
            return {"by": failure.room, "test": failure.test, "why": failure.why}
    return {}
