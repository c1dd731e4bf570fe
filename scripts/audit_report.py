"""Judges what pip-audit wrote; see scripts/audit for the exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

CLEAN, TO_MEND, SKIPPED, NOT_ASKED = range(4)
CONTROL = "jinja2"


class NotAskedError(RuntimeError):
    """The database of vulnerabilities was not asked; the text says how that is known."""


def packages(report: str) -> list[dict[str, Any]]:
    """Return the packages of a report.

    Raises:
        NotAskedError: there is no report, since pip-audit failed.
    """
    try:
        found: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NotAskedError("pip-audit failed and wrote no report: is there a network?") from None
    return found


def check_control(report: str) -> None:
    """Check that a package known to be vulnerable is found to be so.

    Raises:
        NotAskedError: it is not.
    """
    control = [package for package in packages(report) if package["name"] == CONTROL]
    if not control or not control[0].get("vulns"):
        reason = control[0].get("skip_reason") if control else None
        raise NotAskedError(f"the control was not found vulnerable ({reason or 'no reason given'})")


def judge(report: str, accepted: Sequence[Mapping[str, str]]) -> tuple[int, list[str]]:
    """Return the exit code of an audit, and what there is to say.

    An accepted advisory counts under any of its names, and for the version it was read for: an
    update has it read anew. One that is not found is only told, since databases differ.

    Args:
        report: pip-audit's JSON.
        accepted: reviewed advisories, with `id`, `package`, `version` and `why`.

    Raises:
        NotAskedError: there is no report.
    """
    audited = packages(report)
    versions = {p["name"]: p.get("version") for p in audited}
    skipped = [p for p in audited if "skip_reason" in p]
    entries = [entry for entry in accepted if entry["why"].strip()]
    stale = [entry for entry in entries if versions.get(entry["package"]) != entry["version"]]
    known = {(entry["package"], entry["id"]) for entry in entries if entry not in stale}
    found = {(p["name"], v["id"]): v for p in audited for v in p.get("vulns", ())}
    names = {key: {(key[0], name) for name in _names(about)} for key, about in found.items()}
    new = sorted(key for key in found if not names[key] & known)
    lines = [f"skipped: {p['name']} ({p['skip_reason']})" for p in skipped]
    lines += [_told(key, versions[key[0]], found[key]) for key in new]
    lines += [f"accepted for another version: {_named(entry)}" for entry in stale]
    unfound = known - set().union(*names.values())
    lines += [f"accepted, not found: {package}, {name}" for package, name in sorted(unfound)]
    lines.append(f"{len(audited)} packages, {len(found)} advisories, {len(accepted)} accepted")
    if skipped or not audited:
        return SKIPPED, lines
    return (TO_MEND if new or stale else CLEAN), lines


def _named(entry: Mapping[str, str]) -> str:
    return f"{entry['package']} {entry['version']}, {entry['id']}"


def _names(advisory: Mapping[str, Any]) -> list[str]:
    return [advisory["id"], *advisory.get("aliases", ())]


def _told(key: tuple[str, str], version: str | None, advisory: Mapping[str, Any]) -> str:
    names = " = ".join(_names(advisory))
    mended = ", ".join(advisory.get("fix_versions", ())) or "no version"
    return f"vulnerable: {key[0]} {version}, {names}, mended in {mended}"


def main(arguments: Sequence[str]) -> int:
    """Judge the control's report, then the audit's if it is given; return the exit code."""
    control, *given = (Path(name).read_text(encoding="utf-8") for name in arguments)
    try:
        check_control(control)
        if not given:
            return CLEAN
        locked, accepted = given
        code, lines = judge(locked, yaml.safe_load(accepted) or [])
    except NotAskedError as error:
        print(f"NOT AUDITED: {error}", file=sys.stderr)
        return NOT_ASKED
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
