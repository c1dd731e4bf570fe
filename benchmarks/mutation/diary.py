"""What was found so far, kept in a file, so that a long run that was stopped can go on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.mutation.mutant import Mutant
from benchmarks.mutation.server import Result


class Diary:
    """Results, a line each.

    Args:
        path: the file.
        resume: whether what it holds already counts; else it starts empty.
    """

    def __init__(self, path: Path, resume: bool) -> None:
        self._path = path
        self._results: dict[tuple[str, str], Result] = {}
        path.parent.mkdir(exist_ok=True)
        if resume and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._keep(Result(**json.loads(line)))
        else:
            path.write_text("", encoding="utf-8")

    def _keep(self, result: Result) -> None:
        self._results[result.id, result.diff] = result

    def write(self, result: Result) -> None:
        """Take a result, and say so."""
        self._keep(result)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
        print(f"{result.by or 'SURVIVED'} {result.seconds:.1f} s  {result.id}", flush=True)

    def known(self, mutant: Mutant) -> Result | None:
        """Return what came of a mutant, if it was tried as it is now."""
        return self._results.get((mutant.id, mutant.diff))

    def result(self, mutant: Mutant) -> Result:
        """Return what came of a mutant.

        Raises:
            KeyError: it was not tried.
        """
        return self._results[mutant.id, mutant.diff]
