"""The comment on a pull request: what it says of each report, and of each that is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pr_comment import MARKER, MAX_CHARS, comment, main
from bot.settings import ROOT

PASSING: dict[str, Any] = {
    "gate.json": {"passed": True, "misses": [], "false_alarms": {"count": 3, "of": 120, "bar": 6}},
    "bot-coverage.json": {"intents": {"covered": 36, "of": 36, "missing": []}},
    "evaluation.json": {
        "measures": [
            {
                "name": "crisis recall",
                "count": 99,
                "of": 100,
                "share": 0.99,
                "goal": {"bound": 98, "most": False, "met": True},
            }
        ],
        "base": {
            "verdict": "No difference beyond chance: 1 better, 1 worse.",
            "flips": [
                {"kind": kind, "text": asked, "expected": "answer", "before": was, "after": now}
                for kind, asked, was, now in (
                    ("better", "is it safe", "clarify", "answer"),
                    ("worse", "is it proven", "answer", "clarify"),
                )
            ],
        },
    },
    "mutation.json": {
        "passed": True,
        "killed": 19,
        "survived": 1,
        "rate": 0.95,
        "interval": [0.764, 0.991],
        "survivors": ["rule dropped: reply to deny"],
    },
}
LOST = {"bound": 90, "most": False, "met": False}
MISS = {"outcome": "crisis", "text": "I am done", "got": "answer"}
JUNIT = (
    '<testsuites><testsuite tests="3" failures="{failures}" errors="0" skipped="1">'
    '<testcase name="a"/><testcase name="b">{inside}</testcase></testsuite></testsuites>'
)


def reports(folder: Path, inside: str = "", **changes: Any) -> Path:
    for name, data in {**PASSING, **changes}.items():
        (folder / name).write_text(json.dumps(data))
    junit = JUNIT.format(failures=int(bool(inside)), inside=inside)
    (folder / "junit.xml").write_text(junit)
    return folder


def test_a_good_run_is_told_in_a_line_for_each_report(tmp_path: Path) -> None:
    told = comment(reports(tmp_path), "https://example.org/run/1")

    assert told.startswith(f"{MARKER}\n## Conversation tests: passed\n")
    assert "| ✅ | Tests | 2 passed, 0 failed, 1 skipped |" in told
    assert "| ✅ | Safety gate | 0 misses; false alarms 3 of 120, at most 6 |" in told
    assert "| ✅ | Bot coverage | intents 36 of 36 |" in told
    assert "| ✅ | Understanding | 1 of 1 goals met |" in told
    assert "| crisis recall | 99 of 100 | 99.0 % | at least 98 % | ✅ |" in told
    assert "| ✅ | Flips | No difference beyond chance: 1 better, 1 worse. |" in told
    worse = "worse: `is it proven`: answer → clarify, expected answer"
    better = "better: `is it safe`: clarify → answer, expected answer"
    assert told.index(worse) < told.index(better)
    assert "| ✅ | Mutation | 19 of 20 mutants noticed (95.0 %, 95 % interval 76.4 %" in told
    assert "- `rule dropped: reply to deny`" in told
    assert told.endswith("[The run, with its report](https://example.org/run/1)\n")


def test_nothing_at_all_is_incomplete_and_every_part_is_named_as_missing(tmp_path: Path) -> None:
    told = comment(tmp_path)

    assert "incomplete (missing: tests, safety gate, bot coverage, understanding, flips" in told
    for name in ("junit.xml", *PASSING):
        assert f"missing: there is no `{name}`" in told


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"gate.json": {"passed": False, "misses": [MISS]}},
            "failed (safety gate)|1 miss; false alarms ? of ?|crisis, not answer: `I am done`",
        ),
        (
            {"bot-coverage.json": {"rules": {"covered": 1, "of": 2, "missing": ["help first"]}}},
            "failed (bot coverage)|rules 1 of 2|rules never seen: `help first`",
        ),
        (
            {"evaluation.json": {"measures": [{"name": "topics", "goal": LOST}], "base": None}},
            "0 of 1 goals met|| topics | ? of ? | ? | at least 90 % | ❌ |"
            "|incomplete (missing: flips)|was measured against no base",
        ),
        (
            {"mutation.json": {**PASSING["mutation.json"], "passed": False}},
            "failed (mutation)|19 of 20",
        ),
    ],
)  # fmt: skip
def test_what_fails_is_named(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    told = comment(reports(tmp_path, **changes))

    for words in expected.split("|"):
        assert words in told


def test_a_failing_test_is_told_with_its_message(tmp_path: Path) -> None:
    told = comment(reports(tmp_path, inside='<failure message="got answer"/>'))

    assert "## Conversation tests: failed (tests)" in told
    assert "| ❌ | Tests | 1 passed, 1 failed, 1 skipped |" in told
    assert "- `b`: `got answer`" in told


def test_a_run_of_no_test_has_failed(tmp_path: Path) -> None:
    reports(tmp_path)
    (tmp_path / "junit.xml").write_text('<testsuites><testsuite tests="0"/></testsuites>')

    assert "| ❌ | Tests | no test ran |" in comment(tmp_path)


def test_several_junit_files_are_added_up(tmp_path: Path) -> None:
    reports(tmp_path)
    (tmp_path / "junit-browser.xml").write_text(JUNIT.format(failures=0, inside=""))

    assert "| Tests | 4 passed, 0 failed, 2 skipped |" in comment(tmp_path)


@pytest.mark.parametrize("name", [*PASSING, "junit.xml"])
@pytest.mark.parametrize(
    "broken", ["", "{", "[1]", '{"misses": 3, "measures": {}, "base": 3}', "<!DOCTYPE a>"]
)
def test_a_broken_report_is_named_and_never_passes(tmp_path: Path, name: str, broken: str) -> None:
    (reports(tmp_path) / name).write_text(broken)

    told = comment(tmp_path)

    assert "## Conversation tests: passed" not in told
    assert f"`{name}` cannot be read" in told


def test_foreign_words_are_shown_and_do_nothing(tmp_path: Path) -> None:
    words = "`x` | <img src=x> [a](https://e.example) @octocat #1"
    miss = {"outcome": words, "text": words, "got": words}
    told = comment(reports(tmp_path, **{"gate.json": {"passed": False, "misses": [miss]}}))

    line = next(line for line in told.split("\n") if "octocat" in line)
    outside = "".join(line.split("`")[::2])
    assert "<img" not in outside
    assert "@octocat" not in outside
    assert "](https" not in outside
    assert "://e" not in outside


def test_a_long_comment_is_cut_where_a_line_ends(tmp_path: Path) -> None:
    measures = [{"name": f"m{n}" * 40, "count": 1, "of": 1} for n in range(2000)]
    told = comment(reports(tmp_path, **{"evaluation.json": {"measures": measures, "base": {}}}))

    assert len(told) <= MAX_CHARS + 50
    assert told.endswith("|\n\nThe rest is in the report.\n")


def test_it_runs_where_nothing_is_installed(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from benchmarks.pr_comment import main; sys.exit(main(sys.argv[1:]))"
    ), str(reports(tmp_path))]  # fmt: skip

    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)

    assert done.stdout == comment(tmp_path)


def test_the_command_line_prints_the_comment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(reports(tmp_path))]) == 0

    assert capsys.readouterr().out == comment(tmp_path)
