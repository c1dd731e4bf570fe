"""Runs the checks on a mutant: pytest in this very process, stopped at the first failure.

Pytest is the one way in, so that it does not matter in which form conversations are written, as
long as tests get their bot from `tests.harness.Bot.start`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import ROOT

# Conversations are pytest items of their own where the plugin is, else parameters of one test.
FOLDER = "tests/conversations"
# Checks that are no conversations, and who they are in the report.
_ROOMS = {
    "tests/content/": "content checks",
    "tests/reply/": "content checks",
    "tests/nlu/test_screen": "content checks",
    "tests/test_conversations.py": "conversations",
    f"{FOLDER}/": "conversations",
}
UNIT_TESTS = "unit tests"
_SAID = 3

Order = Callable[[str], Any]


def conversations() -> list[str]:
    """Return what pytest has to be given to hold the conversations."""
    return ["--no-bot-coverage", FOLDER]


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
        if report.failed:
            self._keep(report.nodeid, str(report.longrepr))

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        self._keep(report.nodeid, str(call.excinfo.value))

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def _keep(self, test: str, text: str) -> None:
        if self.failure is None:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            self.failure = Failure(test, "\n".join(lines[:_SAID]))


def run(
    paths: Sequence[str], folder: Path, order: Order = str
) -> tuple[Failure | None, dict[str, float]]:
    """Run test files; return the first failure, if any, and the seconds that each test took.

    Args:
        paths: files or folders of tests, relative to the project; options too.
        folder: for the tests' temporary files, databases among them.
        order: sort key of a test's id; the smallest runs first.

    Raises:
        SuiteError: pytest found no test, or broke.
    """
    import pytest

    watcher = _Watcher(order)
    # Plugins that no test here needs cost more than many a check.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Rasa is imported already, with what the caller of this wanted of it.
    os.environ.pop("TESTS_WITHOUT_TENSORFLOW", None)
    unused = ("cacheprovider", "unraisableexception", "threadexception", "junitxml")
    # To show a failure in full takes pytest longer than to find it.
    options = ["-x", "-q", "--no-header", "--tb=native", "-p", "pytest_asyncio.plugin"]
    options += [word for name in unused for word in ("-p", f"no:{name}")]
    places = [path if path.startswith("-") else str(ROOT / path) for path in paths]
    options += [f"--rootdir={ROOT}", f"--basetemp={folder / 'pytest'}"]
    code = int(pytest.main([*options, *places], plugins=[watcher]))
    if watcher.failure is None and code != 0:
        raise SuiteError(f"pytest ended with {code} on {', '.join(paths)}")
    return watcher.failure, watcher.seconds


def by_marks(
    about: Sequence[str], record: Mapping[str, set[str]], seconds: Mapping[str, float]
) -> Order:
    """Return an order: what passes through most of `about` first, then the quickest.

    Args:
        about: the mutant's marks.
        record: the marks of each conversation, as seen without a mutant.
        seconds: how long each took.
    """
    wanted = set(about)

    def key(test: str) -> tuple[int, float, str]:
        return (-len(wanted & record.get(test, set())), seconds.get(test, 0.0), test)

    return key
