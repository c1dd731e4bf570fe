"""One process of a cluster: started, watched, stopped, with its output in a file."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.settings import ROOT

_LAST_LINES = 20


class Child:
    """A process that can be started again.

    Args:
        name: of its log, which lies in `folder`.
        command: what to run.
        env: its environment.
        cores: processor cores it may use; none: any (Linux only).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        cores: frozenset[int] = frozenset(),
    ) -> None:
        self.name = name
        self._command = command
        self._env = dict(env)
        self._cores = cores
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            # A group of its own, so that a Ctrl-C reaches who started it, and not all at once.
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self._cores:
            os.sched_setaffinity(self._process.pid, self._cores)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number; 0 if it was never started."""
        return self._process.pid if self._process is not None else 0

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self.alive:
            self._process.send_signal(number)

    def ended(self, seconds: float) -> bool:
        """Wait until it has ended; return whether it has."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, seconds: float) -> bool:
        """Ask it to stop, and kill it after so many seconds; return whether it stopped itself."""
        self.signal(signal.SIGTERM)
        if self.ended(seconds):
            return True
        self.signal(signal.SIGKILL)
        self.ended(seconds)
        return False

    def last_lines(self) -> str:
        """Return the end of its log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"{self.name}:", *lines[-_LAST_LINES:]])
