"""What came of the mutants: a table by operator, every survivor with its diff, the rate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from benchmarks.measures import interval
from benchmarks.mutation.server import BROKEN, LOADER, TIME_OUT, Result
from benchmarks.mutation.suite import UNIT_TESTS

GOAL = 0.95
EQUIVALENTS = Path(__file__).with_name("equivalents.yml")
_ROOMS = (LOADER, "content checks", "conversations", UNIT_TESTS, TIME_OUT)


@dataclass(frozen=True)
class Row:
    """Counts of one operator, or of all: `by` counts the noticed ones by who noticed."""

    name: str
    mutants: int
    equivalent: int
    survived: int
    by: Mapping[str, int]

    @property
    def killed(self) -> int:
        """How many were noticed."""
        return sum(self.by.values())

    @property
    def rate(self) -> float:
        """Share of the mutants that were noticed, but for the equivalent ones; 1 of none."""
        counted = self.killed + self.survived
        return self.killed / counted if counted else 1.0


@dataclass(frozen=True)
class Report:
    """The results of a run.

    Args:
        results: one a mutant.
        equivalents: ids of mutants that change nothing, with the reason.
        everything: how many mutants there are; with fewer results, they are a sample.
    """

    results: Sequence[Result]
    equivalents: Mapping[str, str]
    everything: int = 0

    def row(self, name: str, results: Iterable[Result]) -> Row:
        """Return the counts of some results."""
        found = list(results)
        survivors = [one for one in found if not one.by]
        equivalent = [one for one in survivors if one.id in self.equivalents]
        by = {room: sum(one.by == room for one in found) for room in _ROOMS}
        return Row(name, len(found), len(equivalent), len(survivors) - len(equivalent), by)

    @property
    def rows(self) -> list[Row]:
        """The counts of each operator."""
        names = dict.fromkeys(one.operator for one in self.results)
        return [self.row(name, (r for r in self.results if r.operator == name)) for name in names]

    @property
    def total(self) -> Row:
        """The counts of all."""
        return self.row("all", self.results)

    @property
    def survivors(self) -> list[Result]:
        """What nobody noticed, but for what changes nothing."""
        return [one for one in self.results if not one.by and one.id not in self.equivalents]

    @property
    def broken(self) -> list[Result]:
        """What could not be tried."""
        return [one for one in self.results if one.by == BROKEN]

    @property
    def mistaken(self) -> list[Result]:
        """What stands among the equivalents and was noticed all the same."""
        return [one for one in self.results if one.by and one.id in self.equivalents]

    @property
    def code(self) -> int:
        """Exit code: 0 at the goal, 1 below it, 2 if the run says nothing.

        A sample is below the goal if that is more than chance: the whole interval is.
        """
        if self.broken or self.mistaken or not self.results:
            return 2
        sampled = len(self.results) < self.everything
        return 0 if (self.interval[1] if sampled else self.total.rate) >= GOAL else 1

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the rate (Wilson 1927)."""
        return interval(self.total.killed, self.total.killed + self.total.survived)

    def markdown(self) -> str:
        """Return the report as a Markdown document."""
        total = self.total
        head = ("operator", "mutants", "equivalent", "killed", "survived", "rate", *_ROOMS)
        lines = [
            "# Mutation testing",
            f"{total.killed} of {total.killed + total.survived} mutants were noticed: "
            f"{total.rate:.1%} (95 % interval {self.interval[0]:.1%} to {self.interval[1]:.1%}; "
            f"goal {GOAL:.0%}).",
            "",
            f"| {' | '.join(head)} |",
            f"|{'---|' * len(head)}",
            *(_line(row) for row in (*self.rows, total)),
        ]
        for title, found in (
            ("Survivors", self.survivors),
            ("Could not be tried", self.broken),
            ("Listed as equivalent, but noticed", self.mistaken),
        ):
            if found:
                lines += ["", f"## {title}", *(_entry(one) for one in found)]
        return "\n".join([*lines, ""])

    def write(self, folder: Path, command: str) -> None:
        """Write mutation.json (every mutant) and mutation.md."""
        folder.mkdir(exist_ok=True)
        (folder / "mutation.md").write_text(self.markdown(), encoding="utf-8")
        total = self.total
        body = {
            "command": command,
            "goal": GOAL,
            "passed": self.code == 0,
            "rate": round(total.rate, 4),
            "interval": [round(end, 4) for end in self.interval],
            "killed": total.killed,
            "survived": total.survived,
            "equivalent": total.equivalent,
            "survivors": [one.id for one in self.survivors],
            "mutants": [asdict(one) for one in self.results],
        }
        text = json.dumps(body, indent=1, ensure_ascii=False)
        (folder / "mutation.json").write_text(text, encoding="utf-8")


def _line(row: Row) -> str:
    cells = (row.name, row.mutants, row.equivalent, row.killed, row.survived, f"{row.rate:.0%}")
    return f"| {' | '.join(map(str, (*cells, *(row.by[room] for room in _ROOMS))))} |"


def _entry(one: Result) -> str:
    noticed = f"\n{one.by}: {one.test} {one.why}" if one.by else ""
    return f"\n### {one.id}\n```diff\n{one.diff}\n```{noticed}"


def equivalents(known: Iterable[str], path: Path = EQUIVALENTS) -> dict[str, str]:
    """Return the equivalent mutants with the reasons.

    Args:
        known: ids of all mutants there are.
        path: the list.

    Raises:
        ValueError: one of them has no reason, or does not exist.
    """
    found = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    listed = {str(entry["mutant"]): str(entry.get("why") or "") for entry in found}
    unknown = set(listed) - set(known)
    if unknown or not all(listed.values()):
        raise ValueError(f"{path.name}: unknown or without a reason: {sorted(unknown)}")
    return listed
