"""Reads the reports of a run for the comment on its pull request: one section for each.

The reports may come from code that nobody has looked at. So whatever is missing, broken or of
another shape becomes a section that says so, and every text is escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Optional
from xml.etree import ElementTree

SHOWN = 10
_TEXT_CHARS = 200
# What got worse comes first.
_ORDER = {"worse": 0, "better": 1}
_MAX_BYTES = 50_000_000


class Section(NamedTuple):
    """A row of the comment: passed (None if it cannot be told), one line, and details."""

    name: str
    passed: Optional[bool]  # noqa: UP045 - read by Python 3.9 too
    summary: str
    details: list[str]


class Unreadable(ValueError):
    """A report is not what it should be."""


def sections(reports: Path) -> list[Section]:
    """Return the sections for a folder of reports, also for those that are missing."""
    return [
        _section("Tests", "junit.xml", _junit_files(reports), _tests),
        _section("Safety gate", "gate.json", _json(reports, "gate.json"), _gate),
        _section("Bot coverage", "bot-coverage.json", _json(reports, "bot-coverage.json"), _cover),
        _section("Understanding", "evaluation.json", _json(reports, "evaluation.json"), _measures),
        _section("Flips", "evaluation.json", _json(reports, "evaluation.json"), _flips),
        _section("Mutation", "mutation.json", _json(reports, "mutation.json"), _mutation),
    ]


def _section(name: str, file: str, data: Any, read: Callable[[str, Any], Section]) -> Section:
    if data is None:
        return Section(name, None, f"missing: there is no `{file}`", [])
    try:
        return read(name, data)
    except (Unreadable, TypeError, ValueError, KeyError, AttributeError) as error:
        return Section(name, None, f"`{file}` cannot be read ({type(error).__name__})", [])


def _json(reports: Path, name: str) -> Any:
    path = reports / name
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            return ""
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return ""


def _junit_files(reports: Path) -> Any:
    return sorted(reports.glob("junit*.xml")) or None


def _tests(name: str, paths: Any) -> Section:
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    failed = []
    for path in paths:
        for suite in _parsed(path).iter("testsuite"):
            for key in counts:
                counts[key] += int(suite.get(key) or 0)
            failed += [case for case in suite.iter("testcase") if _failure(case) is not None]
    bad = counts["failures"] + counts["errors"]
    summary = f"{counts['tests'] - bad - counts['skipped']} passed, {bad} failed"
    summary += f", {counts['skipped']} skipped" if counts["skipped"] else ""
    if not counts["tests"]:
        summary = "no test ran"
    return Section(name, bool(counts["tests"]) and not bad, summary, _listed(map(_case, failed)))


def _parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8", errors="replace")
    # Entities are what makes foreign XML dangerous, and JUnit has none.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable(path.name)
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise Unreadable(path.name) from error


def _failure(case: Any) -> Any:
    found = case.find("failure")
    return found if found is not None else case.find("error")


def _case(case: Any) -> str:
    return f"{code(case.get('name'))}: {code(_failure(case).get('message'))}"


def _gate(name: str, data: Any) -> Section:
    misses, alarms = _list(data, "misses"), data.get("false_alarms") or {}
    summary = f"{_counted(len(misses), 'miss', 'misses')}; false alarms {_of(alarms)}"
    if "bar" in alarms:
        summary += f", at most {number(alarms['bar'])}"
    shown = [
        f"{text(m.get('outcome'))}, not {text(m.get('got'))}: {code(m.get('text'))}" for m in misses
    ]
    return Section(name, _flag(data, "passed"), summary, _listed(shown))


def _cover(name: str, data: Any) -> Section:
    kinds = {
        kind: found for kind, found in data.items() if isinstance(found, dict) and "of" in found
    }
    if not kinds:
        raise Unreadable(name)
    missing = {kind: _list(found, "missing") for kind, found in kinds.items()}
    summary = ", ".join(f"{text(kind)} {_of(found, 'covered')}" for kind, found in kinds.items())
    shown = [
        f"{text(kind)} never seen: " + ", ".join(code(one) for one in ones[:SHOWN])
        for kind, ones in missing.items()
        if ones
    ]
    return Section(name, not any(missing.values()), summary, _listed(shown))


def _measures(name: str, data: Any) -> Section:
    measures = _list(data, "measures")
    judged = [one["goal"]["met"] for one in measures if one.get("goal")]
    if not measures:
        raise Unreadable(name)
    rows = ["| Measure | | Share | Goal | |", "|---|---|---|---|---|"]
    for one in measures:
        goal = one.get("goal") or {}
        mark = ("✅" if goal.get("met") is True else "❌") if goal else ""
        bound = f"{'at most' if goal.get('most') else 'at least'} {number(goal.get('bound'))} %"
        cells = (text(one.get("name")), _of(one, "count"), percent(one.get("share")))
        rows.append(f"| {' | '.join(cells)} | {bound if goal else ''} | {mark} |")
    met = sum(one is True for one in judged)
    # A goal is aimed at; what must not happen is the gate's.
    return Section(name, True, f"{met} of {len(judged)} goals met", rows)


def _flips(name: str, data: Any) -> Section:
    base = data.get("base")
    if not isinstance(base, dict):
        return Section(name, None, "missing: `evaluation.json` was measured against no base", [])
    flips = sorted(_list(base, "flips"), key=lambda one: _ORDER.get(one["kind"], len(_ORDER)))
    # Worse ones are for people to judge.
    return Section(name, True, text(base.get("verdict")), _folded("flips", list(map(_flip, flips))))


def _flip(one: Any) -> str:
    change = f"{text(one['before'])} → {text(one['after'])}, expected {text(one['expected'])}"
    return f"{text(one['kind'])}: {code(one['text'])}: {change}"


def _mutation(name: str, data: Any) -> Section:
    killed, survived = data.get("killed"), data.get("survived")
    if not isinstance(killed, int) or not isinstance(survived, int) or not killed + survived:
        raise Unreadable(name)
    low, high = _list(data, "interval")
    summary = f"{killed} of {killed + survived} mutants noticed ({percent(data.get('rate'))}, "
    summary += f"95 % interval {percent(low)} to {percent(high)})"
    survivors = [code(one) for one in _list(data, "survivors")]
    return Section(name, _flag(data, "passed"), summary, _folded("survivors", survivors))


def _folded(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [f"<details><summary>{title}</summary>", "", *_listed(lines), "", "</details>"]


def _listed(lines: Iterable[str]) -> list[str]:
    whole = [f"- {line}" for line in lines]
    rest = len(whole) - SHOWN
    return [*whole[:SHOWN], f"- and {rest} more"] if rest > 0 else whole


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) or []
    if not isinstance(found, list):
        raise Unreadable(key)
    return found


def _flag(data: Any, key: str) -> bool | None:
    found = data.get(key)
    return found if isinstance(found, bool) else None


def _of(data: Any, key: str = "count") -> str:
    return f"{number(data.get(key))} of {number(data.get('of'))}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def percent(value: Any) -> str:
    """Return a share (0 to 1) in per cent; "?" for what is none."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{100 * value:.1f} %" if known else "?"


def number(value: Any) -> str:
    """Return a number as text, shares to three places; "?" for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "?" if value is None else text(value)
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def text(value: Any) -> str:
    """Return foreign words as Markdown that shows them, links nothing and calls nobody."""
    words = " ".join(str(value).split())[:_TEXT_CHARS]
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A zero-width joiner keeps @name and #1 from being links.
    words = re.sub(r"([\\`*_{}\[\]()!|~])", r"\\\1", words)
    return re.sub(r"([@#]|://|www\.)", "\\1\u2060", words)


def code(value: Any) -> str:
    """Return foreign words as a code span, in which Markdown means nothing."""
    words = " ".join(str(value).split())[:_TEXT_CHARS].replace("`", "'").replace("|", "¦")
    return f"`{words}`" if words else "(no text)"
