"""Checks between content files: every id once, every name known, and nothing missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType

from bot.content.model import CONTACT_KINDS, SECTIONS
from bot.content.reading import Entry
from bot.reply.outcomes import (
    ANSWER_TOPICS,
    FORGET_INTENT,
    MORE_INTENT,
    OUTCOMES,
    PRECEDENCE,
    SMALLTALK_TOPICS,
)

# The messages the actions ask for by id, each with the placeholders that the actions fill in.
MESSAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(("personal_advice", "obtaining", "human"), frozenset()),
        **dict.fromkeys(("not_covered", "off_topic", "offer_human", "clarify"), frozenset()),
        **dict.fromkeys(("clarify_empty", "clarify_no_words", "greet", "goodbye"), frozenset()),
        **dict.fromkeys(("thanks", "bot_identity", "capabilities", "affirm", "deny"), frozenset()),
        **dict.fromkeys(("feedback_good", "feedback_bad"), frozenset()),
        **dict.fromkeys(("feedback_comment_saved", "more_exhausted"), frozenset()),
        **dict.fromkeys(("nothing_to_explain", "also_not_covered"), frozenset()),
        **dict.fromkeys(("guide_name", "source_name"), frozenset()),
        **dict.fromkeys(("crisis", "emergency", "unavailable", "dosing"), frozenset({"contacts"})),
        "crisis_reminder": frozenset({"contact"}),
        "escalation_reference": frozenset({"reference"}),
        **dict.fromkeys(("forgotten", "forget_waits"), frozenset({"reference"})),
        "clarify_too_long": frozenset({"limit"}),
        "privacy": frozenset({"days"}),
        "source_line": frozenset({"sections"}),
        **dict.fromkeys(("telegram_topics", "telegram_not_text"), frozenset()),
        "telegram_old_button": frozenset(),
        "telegram_help": frozenset({"commands"}),
        "telegram_group": frozenset({"link"}),
    }
)
# The intents that a button can lead to; a topic's button has the wording of its answer.
INTENTS = tuple(name for name in PRECEDENCE if name not in ("answer", "smalltalk"))
LABELS = (*INTENTS, *SMALLTALK_TOPICS, FORGET_INTENT, MORE_INTENT)
# The commands of the menu that a chat app shows.
COMMANDS = ("start", "help", "topics", "sources", "person", "forgetme", "crisis")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def check_entries(entries: Sequence[Entry]) -> list[str]:
    """Return what is wrong between entries, one line a problem; unsound fields are passed over."""
    return [
        *_duplicates(entries),
        *_unknown_names(entries),
        *_misnamed_answers(entries),
        *_missing(entries),
        *_placeholders(entries),
    ]


def _ids(entries: Sequence[Entry], kind: str) -> list[str]:
    return [entry.id for entry in entries if entry.kind == kind]


def _duplicates(entries: Sequence[Entry]) -> Iterator[str]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.kind == "no_fact":
            continue
        known = first.setdefault((entry.kind, entry.id), entry)
        if known is not entry:
            field = "topic" if entry.kind == "answer" else "id"
            yield entry.problem(field, f"expected an id of its own; {known.file} has it already")


def _unknown_names(entries: Sequence[Entry]) -> Iterator[str]:
    claims, disclaimers, referrals = (
        _ids(entries, kind) for kind in ("claim", "disclaimer", "referral")
    )
    known: dict[tuple[str, str], tuple[str, Collection[str]]] = {
        ("answer", "topic"): ("topic", ANSWER_TOPICS),
        ("answer", "claims"): ("claim", claims),
        ("answer", "disclaimers"): ("disclaimer", disclaimers),
        ("answer", "suggestions"): ("topic", ANSWER_TOPICS),
        ("claim", "passages"): ("section", SECTIONS),
        ("no_fact", "section"): ("section", SECTIONS),
        ("contact", "kind"): ("contact kind", CONTACT_KINDS),
        ("label", "id"): ("intent", LABELS),
        ("command", "id"): ("command", COMMANDS),
        ("message", "outcome"): ("outcome", OUTCOMES),
        ("message", "topic"): ("smalltalk topic", SMALLTALK_TOPICS),
        ("message", "referrals"): ("referral", referrals),
        ("message", "contacts"): ("contact kind", CONTACT_KINDS),
        ("message", "suggestions"): ("topic", (*ANSWER_TOPICS, *SMALLTALK_TOPICS)),
    }
    for entry in entries:
        for field in entry.data:
            what, names = known.get((entry.kind, field), ("", ()))
            for name in _names_in(entry.data[field]) if what else ():
                if name not in names:
                    yield entry.problem(
                        field, f"unknown {what} {name!r}; expected one of {', '.join(names)}"
                    )


def _names_in(value: object) -> list[str]:
    """Return the names that a field refers to, however it is written: one, a list, passages."""
    items = value if isinstance(value, list) else [value]
    names = [item.get("section") if isinstance(item, dict) else item for item in items]
    return [name for name in names if isinstance(name, str)]


def _misnamed_answers(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind == "answer" and PurePosixPath(entry.file).stem != entry.id:
            yield entry.problem("topic", f"expected the file to be named answers/{entry.id}.yml")


def _missing(entries: Sequence[Entry]) -> Iterator[str]:
    needed: tuple[tuple[str, Collection[str], str, str], ...] = (
        ("answer", ANSWER_TOPICS, "answers/{name}.yml: {name}: topic", "an answer to every topic"),
        ("message", MESSAGES, "messages.yml: {name}: id", "a message of this id"),
        ("label", LABELS, "labels.yml: {name}: id", "a label for this intent"),
        ("command", COMMANDS, "telegram.yml: {name}: id", "a description of this command"),
    )
    for kind, names, place, what in needed:
        known = set(_ids(entries, kind))
        for name in names:
            if name not in known:
                yield f"{place.format(name=name)}: missing; expected {what}"


def _placeholders(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        text = entry.data.get("text")
        if entry.kind != "message" or not isinstance(text, str):
            continue
        expected, found = MESSAGES.get(entry.id, frozenset()), set(_PLACEHOLDER.findall(text))
        if found != expected:
            names = ", ".join(f"{{{name}}}" for name in sorted(expected)) or "none"
            yield entry.problem("text", f"wrong placeholders; expected {names}")
