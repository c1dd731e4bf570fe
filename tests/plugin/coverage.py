"""How much of the bot the conversations exercised, and what they must but did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.plugin.inventory import Inventory

EXCEPTIONS = Path(__file__).with_name("uncovered.yml")


@dataclass(frozen=True)
class Coverage:
    """What was exercised of what could be. Names are `group: name`.

    Args:
        inventory: all that can be exercised, by group.
        exercised: what was.
        excepted: what need not be, with the reason.
    """

    inventory: Inventory
    exercised: Set[str]
    excepted: Mapping[str, str]

    @property
    def known(self) -> list[str]:
        """All names, in order."""
        return [f"{group}: {name}" for group, names in self.inventory.items() for name in names]

    @property
    def missing(self) -> list[str]:
        """What must be exercised and was not."""
        return [n for n in self.known if n not in self.exercised and n not in self.excepted]

    @property
    def stale(self) -> list[str]:
        """Exceptions that are none: exercised after all, or not in the bot."""
        known = set(self.known)
        return [n for n in self.excepted if n in self.exercised or n not in known]

    @property
    def complete(self) -> bool:
        """Whether all is exercised that must be, and no exception is out of date."""
        return not self.missing and not self.stale

    def table(self) -> list[str]:
        """Return lines: how much of each group was exercised, then what is wrong."""
        lines = [f"{'':<16}{'covered':>9}{'of':>6}{'excepted':>10}{'':>7}"]
        for group, names in self.inventory.items():
            lines.append(self._row(group, [f"{group}: {name}" for name in names]))
        lines.append(self._row("all", self.known))
        lines += [f"not covered: {name}" for name in self.missing]
        lines += [f"excepted, but needs no exception: {name}" for name in self.stale]
        return lines

    def data(self) -> dict[str, dict[str, Any]]:
        """Return for each group how many are `covered`, of how many, and which are `missing`."""
        found = {}
        for group, names in self.inventory.items():
            wanted = [n for n in names if f"{group}: {n}" not in self.excepted]
            missing = [n for n in wanted if f"{group}: {n}" not in self.exercised]
            covered = len(wanted) - len(missing)
            found[group] = {"covered": covered, "of": len(wanted), "missing": missing}
        return found

    def _row(self, title: str, names: list[str]) -> str:
        covered = sum(name in self.exercised for name in names)
        excepted = sum(name in self.excepted and name not in self.exercised for name in names)
        share = 100 * covered / max(1, len(names) - excepted)
        return f"{title:<16}{covered:>9}{len(names):>6}{excepted:>10}{share:>6.0f}%"


def exceptions(path: Path = EXCEPTIONS) -> dict[str, str]:
    """Return what need not be covered, with the reason for each.

    Raises:
        ValueError: an entry gives no reason.
    """
    found: dict[str, str] = {}
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        if not str(entry.get("reason") or "").strip():
            raise ValueError(f"{path.name}: no reason for {entry}")
        found |= dict.fromkeys(entry["names"], entry["reason"])
    return found


def merged(exercised: Iterable[Iterable[str]]) -> set[str]:
    """Return all that was exercised in any conversation, of any process."""
    return {name for names in exercised for name in names}
