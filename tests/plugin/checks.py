"""Compares a reply with what a turn expects: one function for each key of the format."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.records import Records, RecordsError
from tests.plugin.format import Turn
from tests.plugin.heard import Heard
from tests.plugin.reading import grade, words

Found = Iterator[tuple[Any, Any]]
# Checks that need the machine-readable message.
_MACHINE = frozenset(
    {
        "outcome", "topic", "parts", "disclaimers", "sources", "claims", "row", "contacts",
        "referral",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Where a reply is not as expected: the key, what the file says, what the bot did."""

    key: str
    expected: str
    got: str


def differences(turn: Turn, heard: Heard, records: Records) -> list[Difference]:
    """Return all differences, in the order of the checks (what matters most comes first)."""
    found = []
    for key, check in CHECKS.items():
        if key not in turn.checks or (heard.custom is None and key in _MACHINE):
            continue
        for expected, got in check(turn, heard, records):
            found.append(Difference(key, str(expected), str(got)))
    return found


def _outcome(turn: Turn, heard: Heard, records: Records) -> Found:
    got = _custom(heard)["outcome"]
    if got != turn.outcome:
        yield turn.outcome, f"{got} ({_custom(heard)['topic'] or 'no topic'})"


def _topic(turn: Turn, heard: Heard, records: Records) -> Found:
    got = _custom(heard)["topic"]
    if got != turn.topic:
        yield turn.topic or "no topic", got or "no topic"


def _parts(turn: Turn, heard: Heard, records: Records) -> Found:
    expected, got = turn.checks["parts"], _custom(heard)["parts"]
    if expected != got:
        yield _parted(expected), _parted(got)


def _contains(turn: Turn, heard: Heard, records: Records) -> Found:
    for wanted in turn.texts("contains"):
        if wanted not in heard.text:
            lines = heard.text.splitlines()
            near = difflib.get_close_matches(wanted, lines, 1, cutoff=0.5)
            yield repr(wanted), f"a text without it; nearest: {near[0]!r}" if near else "no such"


def _lacks(turn: Turn, heard: Heard, records: Records) -> Found:
    for unwanted in turn.texts("lacks"):
        for line in heard.text.splitlines():
            if unwanted in line:
                yield f"no {unwanted!r}", repr(line)


def _disclaimers(turn: Turn, heard: Heard, records: Records) -> Found:
    return _subset(turn.checks["disclaimers"], _custom(heard)["disclaimers"])


def _sources(turn: Turn, heard: Heard, records: Records) -> Found:
    return _subset(turn.checks["sources"], [source["section"] for source in _sourced(heard)])


def _claims(turn: Turn, heard: Heard, records: Records) -> Found:
    got = [claim for source in _sourced(heard) for claim in source["claims"]]
    return _subset(turn.checks["claims"], got)


def _buttons(turn: Turn, heard: Heard, records: Records) -> Found:
    names = [name for button in heard.buttons for name in button]
    shown = [f"{button.title} ({button.payload})" for button in heard.buttons]
    return _subset(turn.checks["buttons"], names, shown)


def _row(turn: Turn, heard: Heard, records: Records) -> Found:
    wanted, reference = turn.checks["row"], _custom(heard).get("escalation")
    if wanted is False:
        if reference:
            yield "nothing recorded", _recorded(records, reference)
        return
    row = {"status": "open", **({"outcome": wanted} if isinstance(wanted, str) else wanted)}
    expected = f"{row['outcome']}, {row['status']}"
    got = _recorded(records, reference) if reference else "nothing recorded"
    if got != expected:
        yield expected, got


def _grade(turn: Turn, heard: Heard, records: Records) -> Found:
    got = grade(heard.texts[0])
    if got > turn.checks["grade"]:
        yield f"grade {turn.checks['grade']} or lower", f"{got:.1f}: {heard.texts[0]}"


def _words(turn: Turn, heard: Heard, records: Records) -> Found:
    got = words(heard.texts[0])
    if got > turn.checks["words"]:
        yield f"{turn.checks['words']} words or fewer", f"{got}: {heard.texts[0]}"


def _contacts(turn: Turn, heard: Heard, records: Records) -> Found:
    given = {c["id"]: c["text"] for c in (_custom(heard).get("referral") or {}).get("contacts", ())}
    yield from _subset(turn.checks["contacts"], given)
    for name in turn.checks["contacts"]:
        if name in given and given[name] not in heard.text:
            yield f"{given[name]!r} in the text", "a text without it"


def _referral(turn: Turn, heard: Heard, records: Records) -> Found:
    wanted, got = turn.checks["referral"], _custom(heard).get("referral")
    if wanted is False or got is None:
        if bool(wanted) != bool(got):
            yield wanted or "no referral", got or "no referral"
        return
    full: Mapping[str, Any] = {"kind": wanted} if isinstance(wanted, str) else wanted
    if full["kind"] != got["kind"]:
        yield full["kind"], got["kind"]
    yield from _missing(full.get("who", ()), got["who"])


CHECKS: Mapping[str, Callable[[Turn, Heard, Records], Found]] = {
    "outcome": _outcome,
    "topic": _topic,
    "parts": _parts,
    "row": _row,
    "contacts": _contacts,
    "referral": _referral,
    "disclaimers": _disclaimers,
    "lacks": _lacks,
    "contains": _contains,
    "sources": _sources,
    "claims": _claims,
    "buttons": _buttons,
    "words": _words,
    "grade": _grade,
}


def _custom(heard: Heard) -> Mapping[str, Any]:
    assert heard.custom is not None
    return heard.custom


def _sourced(heard: Heard) -> list[Mapping[str, Any]]:
    return list(_custom(heard).get("sources", ()))


def _subset(wanted: list[str], got: Iterable[str], shown: Iterable[str] | None = None) -> Found:
    """Every wanted one must be there; where none is wanted, none may be."""
    got = list(got)
    if not wanted and got:
        yield "none", _listed(got if shown is None else shown)
    yield from _missing(wanted, got, shown)


def _missing(wanted: Iterable[str], got: list[str], shown: Iterable[str] | None = None) -> Found:
    missing = [name for name in wanted if name not in got]
    if missing:
        yield _listed(missing), _listed(got if shown is None else shown)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _parted(parts: list[Mapping[str, str]]) -> str:
    return ", ".join("/".join(part.values()) for part in parts)


def _recorded(records: Records, reference: str) -> str:
    try:
        row = records.escalation(reference)
    except RecordsError:
        return f"no row {reference}"
    return f"{row.outcome}, {row.status}"
