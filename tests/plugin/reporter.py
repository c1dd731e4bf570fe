"""Gathers the transcripts of a run, from all its processes, and says what came of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plugin.ledger import LEDGER


class Reporter:
    """The plugin's end that reports: coverage, the HTML page, and the exit code."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._failures: list[str] = []
        self._table: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the transcript that a report carries."""
        transcript = getattr(report, "conversation", None)
        if transcript is not None:
            ledger = self._config.stash[LEDGER]
            ledger.transcripts.append({**transcript, "seconds": report.duration})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page; fail the run if there was no conversation or something is uncovered."""
        ledger = self._config.stash[LEDGER]
        if ledger.empty:
            self._failures.append("no conversation was collected, though some were asked for")
        if ledger.covers:
            self._measure()
        self._write()
        if self._failures and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _measure(self) -> None:
        from tests.plugin.coverage import Coverage, exceptions, merged
        from tests.plugin.inventory import inventory

        transcripts = self._config.stash[LEDGER].transcripts
        exercised = merged(transcript["exercised"] for transcript in transcripts)
        coverage = Coverage(inventory(), exercised, exceptions())
        self._table = coverage.table()
        path = self._config.getoption("bot_coverage_report")
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(coverage.data(), indent=1), encoding="utf-8")
        if not coverage.complete:
            self._failures.append("the conversations do not exercise all of the bot")

    def _write(self) -> None:
        path = self._config.getoption("conversation_report")
        if path:
            from tests.plugin.report import page

            path.parent.mkdir(parents=True, exist_ok=True)
            transcripts = self._config.stash[LEDGER].transcripts
            path.write_text(page(transcripts, self._table, self._failures), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table of coverage, and why the run fails."""
        if self._table:
            terminalreporter.section("coverage of the bot")
            for line in self._table:
                terminalreporter.write_line(line)
        for failure in self._failures:
            terminalreporter.write_line(f"conversations: {failure}", red=True)
