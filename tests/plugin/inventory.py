"""What of the bot a conversation can exercise, read from its domain, rules, actions and content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.content import Content, load_content
from bot.reply.outcomes import ANSWER_TOPICS, OUTCOMES, SMALLTALK_TOPICS
from bot.settings import ROOT

Inventory = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Rule:
    """A rule of data/rules: an action for an intent, where the slots are so."""

    name: str
    intent: str
    action: str
    slots: Mapping[str, Any]


@lru_cache(maxsize=1)
def inventory() -> Inventory:
    """Return the names of all that can be covered, by group, from the project as it stands."""
    return listed(load_content(), rules(ROOT), domain(ROOT))


def listed(content: Content, known: tuple[Rule, ...], about: Mapping[str, list[str]]) -> Inventory:
    """Return the same for any content, rules and domain."""
    groups: dict[str, Iterator[str] | tuple[str, ...]] = {
        "intents": iter(about["intents"]),
        "outcomes": OUTCOMES,
        "topics": (*ANSWER_TOPICS, *SMALLTALK_TOPICS),
        "rules": (rule.name for rule in known),
        "actions": iter(about["actions"]),
        "answers": (name for topic in content.answers for name in (topic, f"{topic}, more")),
        "messages": iter(content.messages),
        "disclaimers": (
            f"{name}, {form}" for name in content.disclaimers for form in ("full", "short")
        ),
        "referrals": iter(content.referrals),
        "contacts": iter(content.contacts),
        "claims": iter(dict.fromkeys(c for a in content.answers.values() for c in a.claims)),
        "suggestions": suggestions(content),
        "buttons tapped": tappable(content),
    }
    return {group: tuple(names) for group, names in groups.items()}


def suggestions(content: Content) -> Iterator[str]:
    """Yield `where > payload` for every button that content offers beneath a text."""
    for topic, answer in content.answers.items():
        yield from (f"{topic} > {payload(content, name)}" for name in answer.suggestions)
    for name, message in content.messages.items():
        yield from (f"{name} > {payload(content, other)}" for other in message.suggestions)


def tappable(content: Content) -> Iterator[str]:
    """Yield the payload of every button that content offers anywhere, once."""
    yield from dict.fromkeys(name.split(" > ")[1] for name in suggestions(content))


def payload(content: Content, name: str) -> str:
    """Return what the button for a topic or an intent sends."""
    return f"/ask_{name}" if name in content.answers else f"/{name}"


def rules(root: Path) -> tuple[Rule, ...]:
    """Return the rules of a project's data/rules, in the order of its files."""
    return tuple(
        _rule(rule)
        for path in sorted((root / "data/rules").glob("*.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    )


def _rule(rule: Mapping[str, Any]) -> Rule:
    steps = {key: value for step in rule["steps"] for key, value in step.items()}
    slots = {
        name: value
        for condition in rule.get("condition", ())
        for slot in condition["slot_was_set"]
        for name, value in slot.items()
    }
    return Rule(rule["rule"], steps["intent"], steps["action"], slots)


def domain(root: Path) -> Mapping[str, list[str]]:
    """Return the intents and actions of a project's bot/domain."""
    found: dict[str, list[str]] = {"intents": [], "actions": []}
    for path in sorted((root / "bot/domain").glob("*.yml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key, names in found.items():
            names += data.get(key, [])
    return found
