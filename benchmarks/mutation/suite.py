"""Runs the checks on a mutant: pytest in this very process, stopped at the first failure.

Pytest is the one way in, so that it does not matter in which form conversations are written, as
long as tests get their bot from `tests.harness.Bot.start`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import ROOT

CONVERSATIONS = "tests/test_conversations.py"
# Checks that are no conversations, and who they are in the report.
_ROOMS = {
    "tests/content/": "content checks",
    "tests/reply/": "content checks",
    "tests/nlu/test_screen.py": "content checks",
    CONVERSATIONS: "conversations",
    "tests/conversations/": "conversations",
}
UNIT_TESTS = "unit tests"
_SAID = 3

Order = Callable[[str], Any]


class SuiteError(RuntimeError):
    """The checks could not be run; this says nothing about the mutant."""


@dataclass(frozen=True)
class Failure:
    """The first check that failed, and the first lines of why."""

    test: str
    why: str

    @property
    def room(self) -> str:
        """Who noticed."""
        return next((w for path, w in _ROOMS.items() if self.test.startswith(path)), UNIT_TESTS)


class _Watcher:
    """A pytest plugin: puts the tests in order and keeps what failed first."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.failure: Failure | None = None
        self.seconds: dict[str, float] = {}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: self._order(item.nodeid))

    def pytest_collectreport(self, report: Any) -> None:
        self._keep(report)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        self._keep(report)

    def _keep(self, report: Any) -> None:
        if report.failed and self.failure is None:
            crash = getattr(report.longrepr, "reprcrash", None)
            text = str(crash.message if crash else report.longrepr)
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            self.failure = Failure(report.nodeid, "\n".join(lines[:_SAID]))


def run(paths: Sequence[str], order: Order, folder: Path) -> tuple[Failure | None, dict[str, float]]:
    """Run test files; return the first failure, if any, and the seconds that each test took.

    Args:
        paths: files or folders of tests, relative to the project.
        order: sort key of a test's id; the smallest runs first.
        folder: for the tests' temporary files, databases among them.

    Raises:
        SuiteError: pytest found no test, or broke.
    """
    import pytest

    watcher = _Watcher(order)
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    # Only what is asked for: an option of somebody's environment must not change what is measured.
    places = [str(ROOT / path) for path in paths]
    options += [f"--rootdir={ROOT}", f"--basetemp={folder / 'pytest'}"]
    code = int(pytest.main([*options, *places], plugins=[watcher]))
    if watcher.failure is None and code != 0:
        raise SuiteError(f"pytest ended with {code} on {', '.join(paths)}")
    return watcher.failure, watcher.seconds


def by_marks(
    about: Sequence[str], record: Mapping[str, set[str]], seconds: Mapping[str, float], first: str
) -> Order:
    """Return an order: what passes through most of `about` first, then the quickest.

    Args:
        about: the mutant's marks.
        record: the marks of each conversation, as seen without a mutant.
        seconds: how long each took.
        first: tests whose id begins so run before (or, with "", only by their marks).
    """
    wanted = set(about)

    def key(test: str) -> tuple[bool, int, float, str]:
        unit = test not in record
        found = len(wanted & record.get(test, set()))
        return (unit != (first == "checks"), -found, seconds.get(test, 0.0), test)

    return key
