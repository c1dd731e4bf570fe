"""The workflows: pinned, without secrets, and safe for pull requests of strangers.

What GitHub itself would say of them is asked by scripts/check-workflows, which needs a network.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

FOLDER = ROOT / ".github"
FILES = sorted([*FOLDER.glob("workflows/*.yml"), *FOLDER.glob("actions/*/action.yml")])
PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40}")
CI, COMMENT = FOLDER / "workflows" / "ci.yml", FOLDER / "workflows" / "comment.yml"


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def steps(data: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = data["jobs"].values() if "jobs" in data else [data["runs"]]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_foreign_actions_are_pinned_and_local_ones_exist(path: Path) -> None:
    used = [step["uses"] for step in steps(read(path)) if "uses" in step]

    assert used
    for action in used:
        if action.startswith("./"):
            assert (ROOT / action / "action.yml").is_file()
        else:
            assert PINNED.fullmatch(action), action


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_no_foreign_text_becomes_a_command(path: Path) -> None:
    for step in steps(read(path)):
        assert "${{" not in step.get("run", ""), step.get("name")


def test_the_code_of_a_pull_request_runs_without_secrets_and_may_write_nothing() -> None:
    ci = read(CI)

    assert ci["permissions"] == {"contents": "read"}
    assert "secrets." not in CI.read_text(encoding="utf-8")
    # YAML 1.1 reads `on` as true.
    assert set(ci[True]) == {"push", "pull_request"}
    for job in ci["jobs"].values():
        assert "permissions" not in job
        checkout = job["steps"][0]
        assert checkout["uses"].startswith("actions/checkout@")
        assert checkout["with"]["persist-credentials"] is False


def test_what_may_comment_runs_no_code_of_the_pull_request() -> None:
    data = read(COMMENT)
    job = data["jobs"]["comment"]

    assert data["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "actions": "read", "pull-requests": "write"}
    assert set(data[True]) == {"workflow_run"}
    assert data[True]["workflow_run"]["workflows"] == [read(CI)["name"]]
    assert "ref" not in job["steps"][0]["with"]


def test_every_script_that_ci_calls_exists_and_can_be_run() -> None:
    called = set(re.findall(r"(?<![\w/])scripts/[\w-]+", CI.read_text(encoding="utf-8")))

    assert len(called) > 5
    for name in called:
        path = ROOT / name
        assert path.is_file(), name
        assert path.stat().st_mode & 0o111, name


def test_ci_runs_every_test_in_one_job_or_another() -> None:
    found = re.findall(r'-m ("[^"]+"|\w+) ', CI.read_text(encoding="utf-8"))

    assert sorted(one.strip('"') for one in found) == [
        "browser",
        "model and not browser",
        "not model and not browser",
    ]


def test_each_job_ends_in_time() -> None:
    jobs = read(CI)["jobs"]

    assert all("timeout-minutes" in job for job in jobs.values())
    assert jobs["early"]["timeout-minutes"] <= 15
    assert jobs["checks"]["timeout-minutes"] <= 15


def test_the_audit_is_asked_weekly_and_on_every_change_of_what_is_locked() -> None:
    audit = read(FOLDER / "workflows" / "audit.yml")
    triggers = audit[True]

    assert triggers["schedule"]
    for event in ("push", "pull_request"):
        assert {"uv.lock", "pyproject.toml"} <= set(triggers[event]["paths"])


def test_a_failed_audit_fails_its_job_which_has_no_secrets() -> None:
    path = FOLDER / "workflows" / "audit.yml"
    audit, text = read(path), path.read_text(encoding="utf-8")
    (job,) = audit["jobs"].values()
    command = job["steps"][-1]["with"]["test"]

    assert audit["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    assert "secrets." not in text
    assert "continue-on-error" not in text
    assert "timeout-minutes" in job
    assert command.startswith("scripts/audit 2>&1 | tee ")
    # A pipe ends as its last part does, unless the shell is told otherwise.
    action = read(FOLDER / "actions" / "rasa-conversation-tests" / "action.yml")
    (test,) = (step for step in steps(action) if step["name"] == "Test")
    assert test["run"] == 'bash -euo pipefail -c "$COMMAND"'
