"""The dependency audit passes only if somebody was asked, about every package."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

_spec = importlib.util.spec_from_file_location("audit_report", ROOT / "scripts/audit_report.py")
assert _spec
assert _spec.loader
audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(audit)

LOCKED = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)
BAD = {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}
CONTROL = {"name": "jinja2", "version": "2.10", "vulns": [BAD]}
# As pip-audit 2.10 writes it behind a mirror that knows no advisories, and calls it a success.
SKIPPED = {"name": "jinja2", "skip_reason": "Dependency not found on PyPI"}
FINE = {"name": "rasa", "version": "3.6.21", "vulns": []}
ALIASED = BAD | {"id": "GHSA-462w-v97r-4m45", "aliases": ["CVE-2019-10906", BAD["id"]]}
ACCEPTED = {
    "id": "PYSEC-2019-217",
    "package": "jinja2",
    "version": "2.10",
    "why": "No template is of a stranger.",
}


def reviewed() -> list[dict[str, str]]:
    path = ROOT / "scripts/audit-accepted.yml"
    entries: list[dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entries


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("package", "accepted", "code", "line"),
    [
        (FINE, [], 0, "1 packages, 0 advisories, 0 accepted"),
        (CONTROL, [], 1, "vulnerable: jinja2 2.10, PYSEC-2019-217, mended in 2.10.1"),
        (CONTROL, [ACCEPTED], 0, "1 packages, 1 advisories, 1 accepted"),
        (CONTROL | {"vulns": [ALIASED]}, [ACCEPTED], 0, "1 packages, 1 advisories, 1 accepted"),
        (CONTROL, [ACCEPTED | {"why": " "}], 1, "vulnerable: jinja2 2.10, PYSEC-2019-217"),
        (CONTROL, [ACCEPTED | {"package": "rasa"}], 1, "vulnerable: jinja2"),
        (CONTROL, [ACCEPTED | {"version": "2.9"}], 1, "vulnerable: jinja2"),
        (CONTROL | {"vulns": []}, [ACCEPTED], 0, "accepted, not found: jinja2, PYSEC-2019-217"),
        (FINE, [ACCEPTED], 1, "accepted for another version: jinja2 2.10, PYSEC-2019-217"),
        (SKIPPED, [], 2, "skipped: jinja2 (Dependency not found on PyPI)"),
    ],
)
def test_a_report_is_judged(package: Any, accepted: Any, code: int, line: str) -> None:
    found, lines = audit.judge(report(package), accepted)

    assert found == code
    assert line in "\n".join(lines)


def test_an_empty_report_is_no_pass() -> None:
    assert audit.judge(report(), [])[0] == 2


@pytest.mark.parametrize(
    "control", ["", "Traceback", "{}", "[]", report(), report(FINE), report(SKIPPED)]
)
def test_without_its_control_nothing_is_audited(
    control: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("control.json", "locked.json", "accepted.yml")
    for name, content in zip(names, (control, report(FINE), "[]"), strict=True):
        (tmp_path / name).write_text(content)

    assert audit.main([str(tmp_path / name) for name in names]) == 3
    assert audit.main([str(tmp_path / names[0])]) == 3, "before anything else is asked"
    assert capsys.readouterr().err.startswith("NOT AUDITED: ")


def test_with_its_control_it_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("control.json", "locked.json", "accepted.yml")
    for name, content in zip(names, (report(CONTROL), report(FINE), ""), strict=True):
        (tmp_path / name).write_text(content)

    assert audit.main([str(tmp_path / names[0])]) == 0
    assert audit.main([str(tmp_path / name) for name in names]) == 0
    assert capsys.readouterr().out == "1 packages, 0 advisories, 0 accepted\n"


def test_each_accepted_advisory_says_why() -> None:
    assert reviewed()
    for entry in reviewed():
        assert set(entry) == {"id", "package", "version", "why"}
        assert len(entry["why"]) > 20


def test_each_accepted_advisory_was_read_for_the_locked_version() -> None:
    locked = dict(LOCKED.findall((ROOT / "uv.lock").read_text(encoding="utf-8")))

    for entry in reviewed():
        assert locked.get(entry["package"]) == entry["version"], entry["id"]


def test_no_advisory_is_accepted_twice() -> None:
    keys = [(entry["package"], entry["id"]) for entry in reviewed()]

    assert len(keys) == len(set(keys))


def test_the_security_document_names_each_accepted_advisory() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")

    for entry in reviewed():
        assert entry["id"] in text
