"""Seeds each fault on a branch of its own and proves that it is caught: `scripts/seed-faults`.

Works on clones of the last commit outside the tree, with the model of the current files, changed
where the fault needs it. Trained are the rules, for a swapped rule, and the worse model, from a
tenth of the examples. Prints a table.
Exit code 0 if every check passes without a fault and each fault is caught and named, else 1.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bot.settings import ROOT
from bot.training import fingerprint, model_path
from tests.seeding import archives
from tests.seeding.faults import CONTROLS, FAULTS, CannotSeed, Check, Fault

_SHOWN = 110
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Run(NamedTuple):
    """How a check ended: its exit code, what it printed, and the seconds it took."""

    code: int
    output: str
    seconds: float


class Row(NamedTuple):
    """A row of the table; `good` is whether it is as it must be."""

    good: bool
    fault: str
    check: str
    said: str
    seconds: float


@contextmanager
def branch(name: str, commit: str) -> Iterator[Path]:
    """A clone of a commit on a branch of its own, in the environment of this one."""
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        root = Path(folder) / "project"
        _git(ROOT, "clone", "--quiet", "--shared", str(ROOT), str(root))
        _git(root, "checkout", "--quiet", "-b", f"seeded/{name}", commit)
        for shared in (".venv", ".tools", "tests/exports/botium/node_modules"):
            if (ROOT / shared).exists():
                (root / shared).symlink_to((ROOT / shared).resolve())
        yield root


def seed(fault: Fault, root: Path) -> None:
    """Bring the fault into a clone, commit it, and put its model in place.

    Raises:
        CannotSeed: the project no longer has what the fault changes.
    """
    for edit in fault.edits:
        edit.apply(root)
    if fault.prepare:
        fault.prepare(root)
    if fault.edits or fault.prepare:
        author = ("-c", "user.name=seed", "-c", "user.email=seed@example.invalid")
        _git(root, "add", "--all", "data", "bot")
        _git(root, *author, "commit", "--quiet", "--message", fault.what)
    target = root / "models" / f"guide-{fingerprint(root)}.tar.gz"
    if fault.trained:
        done = run(("python", "-m", "bot.training"), root)
        if done.code:
            raise CannotSeed(f"no model came of it: {done.output[-300:]}")
    elif fault.model is None:
        target.symlink_to(model_path().resolve())
    else:
        archives.write(fault.model(archives.read(model_path()), root), target)


def run(command: tuple[str, ...], root: Path) -> Run:
    """Run a check in a clone."""
    began = time.perf_counter()
    ours = ("PYTHONPATH", "DATA_DIR", "DATABASE_URL", "MODEL")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    env["BASE"] = str(model_path().resolve())
    done = subprocess.run(
        ["scripts/with-env", "--dev", *command],
        cwd=root,
        env={**env, "NO_COLOR": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    output = _COLOUR.sub("", done.stdout)
    return Run(done.returncode, output, time.perf_counter() - began)


def judged(fault: Fault, check: Check, done: Run) -> Row:
    """Return the row of a check that must fail and name the fault."""
    missing = [name for name in check.names if not re.search(name, done.output)]
    if done.code == 0 and check.fails:
        said = "passed: NOT CAUGHT"
    elif missing:
        said = f"failed, but does not say {missing[0]!r}"
    else:
        said = line_with(check.names[-1], done.output)
    good = not missing and bool(done.code) == check.fails
    return Row(good, fault.name, named(check.command), said, done.seconds)


def named(command: tuple[str, ...]) -> str:
    """Return a check as a person would type it, without options."""
    words = [word for word in command if not word.startswith("-") and ":" not in word]
    if command[0] == "pytest":
        return f"pytest {words[-1]}"
    return f"python -m {command[2]}" if command[0] == "python" else command[0]


def line_with(pattern: str, output: str) -> str:
    """Return the first line in which a pattern is found, cut around it."""
    line = next(line.strip() for line in output.split("\n") if re.search(pattern, line))
    found = re.search(pattern, line)
    start = max(0, found.start() - _SHOWN // 2) if found and len(line) > _SHOWN else 0
    return line[start : start + _SHOWN]


def controls(commands: set[tuple[str, ...]], commit: str) -> Iterator[Row]:
    """Yield a row for each check where nothing is seeded: it must pass."""
    with branch("nothing", commit) as root:
        seed(Fault("nothing", "", (), ()), root)
        for command in (one for one in CONTROLS if one in commands):
            done = run(command, root)
            said = done.output.strip().split("\n")[-1][:_SHOWN]
            yield Row(done.code == 0, "(none)", named(command), said, done.seconds)


def seeded(fault: Fault, commit: str) -> Iterator[Row]:
    """Yield a row for each check of a fault."""
    with branch(fault.name, commit) as root:
        try:
            seed(fault, root)
        except CannotSeed as error:
            yield Row(False, fault.name, "", f"cannot be seeded: {error}", 0.0)
            return
        for check in fault.checks:
            yield judged(fault, check, run(check.command, root))


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def main(arguments: list[str] | None = None) -> int:
    """Seed, check, print the table as it grows, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/seed-faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="of faults; all of them if none is given")
    parser.add_argument("--list", action="store_true", help="name the faults and seed none")
    options = parser.parse_args(arguments)
    chosen = [fault for fault in FAULTS if not options.names or fault.name in options.names]
    if options.list or not chosen:
        print("\n".join(f"{fault.name}: {fault.what}" for fault in FAULTS))
        return 0 if options.list else 1
    if not model_path().is_file():
        print(f"error: there is no {model_path().name}: run make train", file=sys.stderr)
        return 1
    print("| Fault | Check | | It says | Seconds |\n|---|---|---|---|---|")
    good = True
    used = {check.command for fault in chosen for check in fault.checks}
    commit = _git(ROOT, "rev-parse", "HEAD")
    for rows in (controls(used, commit), *(seeded(fault, commit) for fault in chosen)):
        for row in rows:
            good = good and row.good
            mark = "ok" if row.good else "WRONG"
            said = row.said.replace("|", "¦")
            cells = (row.fault, row.check, mark, said, f"{row.seconds:.0f}")
            print(f"| {' | '.join(cells)} |", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
