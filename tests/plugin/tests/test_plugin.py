"""The plugin in pytest runs of its own, on the real bot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.model

GOOD = """\
conversation: Shows a good <one>.
turns:
  - user: [what is long covid, "what's long covid?"]
    outcome: answer
    topic: long_covid_definition
  - button: What are the symptoms?
    outcome: answer
    topic: long_covid_symptoms
"""
BAD = """\
conversation: Expects what is not so.
tags: [bad]
turns:
  - user: what is long covid
    outcome: answer
  - user: how many mg of ketamine should I take
    outcome: dosing
    contains: [take two]
    row: false
"""
LOST = """\
conversation: Taps a button that is not there.
turns:
  - user: I want to die
    outcome: crisis
  - button: Is it safe?
    outcome: answer
"""
ELSEWHERE = GOOD.replace("turns:", "channel: telegram\nturns:", 1)


@dataclass
class Run:
    """A finished run: exit code, what it printed, and its folder."""

    code: int
    out: str
    folder: Path

    def files(self) -> Path:
        """The folder of conversations."""
        return self.folder / "tests/conversations"


def run(folder: Path, *arguments: str, **files: str) -> Run:
    """Run pytest on a project of these conversations."""
    there = folder / "tests/conversations/answers"
    there.mkdir(parents=True)
    (folder / "pytest.ini").touch()
    for name, text in files.items():
        (there / f"user_{name}.yml").write_text(text, encoding="utf-8")
    command = [
        sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider",
        "-c", str(folder / "pytest.ini"), "--rootdir", str(folder), "-o", "asyncio_mode=auto",
        "-o", "asyncio_default_fixture_loop_scope=session", *arguments, "tests/conversations",
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=400)
    return Run(done.returncode, done.stdout + done.stderr, folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of all kinds of conversations in two processes, with both reports."""
    folder = tmp_path_factory.mktemp("project")
    reports = ("--junitxml=junit.xml", "--conversation-report=out/report.html", "--bot-coverage")
    return run(folder, "-n", "2", *reports, good=GOOD, bad=BAD, lost=LOST, elsewhere=ELSEWHERE)


def test_each_paraphrase_is_a_test_and_what_is_for_another_channel_is_none(whole: Run) -> None:
    assert "2 failed, 2 passed" in whole.out
    assert whole.code == 1


def test_a_failing_turn_prints_the_transcript_and_the_first_difference(whole: Run) -> None:
    assert "turn 2 is not as expected:" in whole.out
    assert "user_bad.yml:6: turn 2" in whole.out
    told = whole.out.split("user_bad.yml:6: turn 2")[1]
    assert told.index(">>> row") < told.index("also contains: expected 'take two'")
    assert ">>>   expected: nothing recorded" in told
    assert ">>>   got:      dosing, open" in told
    assert "  1  user what is long covid\n     bot  [answer/long_covid_definition]" in whole.out
    assert "Traceback" not in whole.out


def test_a_button_that_is_not_there_is_named(whole: Run) -> None:
    assert ">>> no button 'Is it safe?' to tap; offered: —" in whole.out


def test_junit_counts_the_conversations(whole: Run) -> None:
    suite = ET.parse(whole.folder / "junit.xml").getroot()[0]
    names = {case.get("name") for case in suite}

    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")
    assert names == {"as_written", "turn_1_paraphrase_2"}


def test_the_page_holds_the_transcripts_of_both_processes(whole: Run) -> None:
    page = (whole.folder / "out/report.html").read_text(encoding="utf-8")

    assert "2 of 4 conversations passed, with 8 turns" in page
    assert "Shows a good &lt;one&gt;." in page
    assert "expected: nothing recorded" in page


def test_coverage_adds_up_over_processes_and_fails_the_run(whole: Run) -> None:
    missing = {line for line in whole.out.splitlines() if line.startswith("not covered: ")}

    assert "conversations: the conversations do not exercise all of the bot" in whole.out
    assert "not covered: topics: pain" in missing
    for seen in (
        "intents: ask_long_covid_definition",
        "topics: long_covid_symptoms",
        "rules: help first in a crisis",
        "rules: refer dosing",
        "buttons tapped: /ask_long_covid_symptoms",
        "disclaimers: education_only, short",
    ):
        assert f"not covered: {seen}" not in missing


def test_no_conversation_at_all_is_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.code == 1
    assert "no conversation was collected, though some were asked for" in done.out


def test_a_broken_file_is_an_error_that_names_line_and_column(tmp_path: Path) -> None:
    done = run(tmp_path, broken=GOOD.replace("topic", "topik", 1))

    assert done.code == 2
    assert "user_broken.yml:5:5: the key `topik` is unknown" in done.out
    assert "Traceback" not in done.out


def test_tags_select(tmp_path: Path) -> None:
    done = run(tmp_path, "--collect-only", "-q", "--conversation-tags", "bad", good=GOOD, bad=BAD)

    assert "user_bad.yml::as_written" in done.out
    assert "user_good.yml" not in done.out


def test_coverage_is_refused_where_rules_cannot_be_seen(tmp_path: Path) -> None:
    done = run(tmp_path, "--bot-coverage", "--channel", "rest", good=GOOD)

    assert done.code == 4
    assert "--bot-coverage needs --channel inprocess" in done.out


FAULT = """\
conversation: Asks while the action server is down, and once more when it is back.
turns:
  - user: Can ketamine help with brain fog?
    given: action server down
    outcome: unavailable
  - user: Can ketamine help with brain fog?
    given: action server up
    outcome: answer
    topic: brain_fog
  - button: Is it proven?
    outcome: answer
    topic: evidence
"""


@pytest.mark.parametrize("channel", ["rest", "website", "telegram"])
def test_the_same_is_held_over_a_channel(tmp_path: Path, channel: str) -> None:
    if channel == "telegram" and not shutil.which("node"):
        pytest.skip("the emulated Telegram needs Node")
    page = tmp_path / "report.html"

    done = run(tmp_path, "--channel", channel, f"--conversation-report={page}", fault=FAULT)

    assert "1 passed" in done.out, done.out
    assert done.code == 0
    assert f"as written, {channel}" in page.read_text(encoding="utf-8")
