"""Does the suite notice? `python -m benchmarks.mutation` brings about small faults and counts.

Exit code 0 at the goal or above, 1 below it, 2 if something kept the run from saying anything.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.mutation.diary import Diary
from benchmarks.mutation.mutant import Mutant
from bot.lean import hush, keep_tensorflow_out
from bot.settings import ROOT

REPORTS = ROOT / "reports"


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return so many mutants, from as many operators as can be; the same for the same seed."""
    chance = random.Random(seed)
    groups: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.operator, []).append(mutant)
    for group in groups.values():
        chance.shuffle(group)
    turns = list(groups.values())
    chance.shuffle(turns)
    found: list[Mutant] = []
    while len(found) < min(size, len(mutants)):
        found += [group.pop() for group in turns if group][: size - len(found)]
    chosen = {mutant.id for mutant in found}
    return [mutant for mutant in mutants if mutant.id in chosen]


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants only")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--only", action="append", metavar="OPERATOR", help="this operator only")
    parser.add_argument("--list", action="store_true", help="name operators and mutants, try none")
    parser.add_argument("--again", action="store_true", help="only the last run's survivors")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    parser.add_argument("--tried", action="store_true", help="report what was tried, and try none")
    parser.add_argument("--conversations", default="", help="hold only those below this folder")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="where reports are written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    return parser.parse_args(given)


def _chosen(options: argparse.Namespace, mutants: list[Mutant]) -> list[Mutant]:
    if options.only:
        mutants = [mutant for mutant in mutants if mutant.operator in options.only]
    if options.again:
        known = json.loads((options.reports / "mutation.json").read_text(encoding="utf-8"))[
            "mutants"
        ]
        left = {f"{one['operator']}: {one['name']}" for one in known if not one["by"]}
        mutants = [mutant for mutant in mutants if mutant.id in left]
    return sample(mutants, options.sample, options.seed) if options.sample else mutants


def main(given: list[str] | None = None) -> int:
    """Run as the command line says; return the exit code."""
    options = _arguments(given)
    # Before anything of Rasa is imported, which the operators and the bench do.
    keep_tensorflow_out()
    hush()
    from benchmarks.mutation.operators import OPERATORS

    everything = [mutant for operator in OPERATORS for mutant in operator.mutants()]
    if options.list:
        for operator in OPERATORS:
            print(f"{operator.name}: {operator.description}")
            for mutant in operator.mutants():
                print(f"  {mutant.name}")
        return 0
    chosen = _chosen(options, everything)
    if not chosen:
        print("No such mutant; `--list` names them.", file=sys.stderr)
        return 2
    if options.tried:
        return _tell(chosen, everything, options)
    return _try(chosen, everything, options)


def _tell(chosen: list[Mutant], everything: list[Mutant], options: argparse.Namespace) -> int:
    """Report what a run that was stopped has tried."""
    from benchmarks.mutation.report import Report, equivalents

    diary = Diary(options.reports / "mutation.part.jsonl", resume=True)
    results = [found for mutant in chosen if (found := diary.known(mutant))]
    listed = equivalents(mutant.id for mutant in everything)
    report = Report(results, listed, len(everything))
    report.write(options.reports, _command())
    print(report.markdown())
    return report.code


def _command() -> str:
    return f"python -m benchmarks.mutation {' '.join(sys.argv[1:])}".strip()


def _try(chosen: list[Mutant], everything: list[Mutant], options: argparse.Namespace) -> int:
    from benchmarks.mutation import suite
    from benchmarks.mutation.bench import load
    from benchmarks.mutation.report import Report, equivalents
    from benchmarks.mutation.server import Server
    from benchmarks.mutation.suite import SuiteError

    began = time.monotonic()
    if options.conversations:
        suite.FOLDER = options.conversations
    listed = equivalents(mutant.id for mutant in everything)
    diary = Diary(options.reports / "mutation.part.jsonl", options.resume)
    left = [mutant for mutant in chosen if diary.known(mutant) is None]
    bench = asyncio.run(load())
    server = Server(bench, options.jobs, bench.folder)
    # What is loaded by now is shared by all processes, not copied when one looks for garbage.
    gc.collect()
    gc.freeze()
    try:
        baseline = server.baseline(sorted({path for one in left for path in one.checks}))
    except SuiteError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(baseline.record)} conversations in {baseline.total:.1f} s", flush=True)
    # In no order, so that what is known of a run that is stopped stands for the rest.
    random.Random(options.seed).shuffle(left)
    server.run(left, diary.write)
    report = Report([diary.result(mutant) for mutant in chosen], listed, len(everything))
    print(report.markdown())
    print(f"{time.monotonic() - began:.0f} s in all")
    if not options.again:
        report.write(options.reports, _command())
    if report.broken:
        print(f"What was printed lies in {bench.folder}")
    else:
        shutil.rmtree(bench.folder, ignore_errors=True)
    return report.code


if __name__ == "__main__":
    sys.exit(main())
