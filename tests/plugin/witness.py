"""Tells from a turn what of the bot it exercised, in the names of the inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot.content import Content, load_content
from bot.settings import ROOT
from tests.plugin.heard import Call, Heard
from tests.plugin.inventory import Rule, payload, rules
from tests.plugin.transcript import Said

_PLACEHOLDER = re.compile(r"\\{[a-z_]+\\}")


class Witness:
    """Knows content and rules, and recognises them in what was said.

    Args:
        content: everything the bot can say.
        known: its rules.
    """

    def __init__(self, content: Content, known: tuple[Rule, ...]) -> None:
        self._content = content
        self._rules = known
        self._answers = {topic: answer.text for topic, answer in content.answers.items()}
        self._answers |= {f"{name}, more": answer.more for name, answer in content.answers.items()}
        self._limits = {
            f"{name}, {form}": getattr(entry, form)
            for name, entry in content.disclaimers.items()
            for form in ("full", "short")
        }
        self._messages = {name: _pattern(m.text) for name, m in content.messages.items()}

    def of(self, said: Said, before: Heard | None) -> set[str]:
        """Return `group: name` of everything that a turn exercised."""
        heard = said.heard
        if heard is None:
            return set()
        shown = dict(self._shown(heard))
        found = {f"{group}: {name}" for name, group in shown.items()}
        found |= set(self._reply(heard, shown)) | set(self._calls(heard.calls))
        tapped = before.find(said.did.strip("[]")) if before else None
        return found | ({f"buttons tapped: {tapped.payload}"} if tapped else set())

    def _shown(self, heard: Heard) -> Iterator[tuple[str, str]]:
        """Yield the answers, messages and disclaimers whose whole text is there."""
        texts = {*heard.texts, *(line for text in heard.texts for line in text.splitlines())}
        yield from ((name, "answers") for name, text in self._answers.items() if text in texts)
        yield from ((name, "disclaimers") for name, text in self._limits.items() if text in texts)
        for name, pattern in self._messages.items():
            if any(pattern.fullmatch(text) for text in texts):
                yield name, "messages"

    def _reply(self, heard: Heard, shown: dict[str, str]) -> Iterator[str]:
        """Yield what the machine-readable message and the buttons say."""
        custom = heard.custom or {}
        yield from _parts(custom)
        for source in custom.get("sources", ()):
            yield from (f"claims: {claim}" for claim in source["claims"])
        referral = custom.get("referral", {})
        yield from (f"referrals: {who}" for who in referral.get("who", ()))
        given = (c["id"] for c in referral.get("contacts", ()) if c["text"] in heard.text)
        yield from (f"contacts: {name}" for name in given)
        offered = {button.payload for button in heard.buttons}
        for place in shown:
            payloads = {payload(self._content, name) for name in self._suggested(place)}
            yield from (f"suggestions: {place} > {one}" for one in payloads & offered)

    def _suggested(self, place: str) -> tuple[str, ...]:
        entry = self._content.answers.get(place) or self._content.messages.get(place)
        return entry.suggestions if entry else ()

    def _calls(self, calls: tuple[Call, ...]) -> Iterator[str]:
        for call in calls:
            yield f"actions: {call.action}"
            if call.intent:
                yield f"intents: {call.intent}"
            rule = self._rule(call)
            if rule:
                yield f"rules: {rule.name}"

    def _rule(self, call: Call) -> Rule | None:
        """Return the rule that led to a call: of those that fit, the one with most conditions."""
        fitting = [
            rule
            for rule in self._rules
            if (rule.intent, rule.action) == (call.intent, call.action)
            and all(call.slots.get(name) == value for name, value in rule.slots.items())
        ]
        return max(fitting, key=lambda rule: len(rule.slots), default=None)


def _parts(custom: Mapping[str, Any]) -> Iterator[str]:
    for part in custom.get("parts", ()):
        yield f"outcomes: {part['outcome']}"
        if "topic" in part:
            yield f"topics: {part['topic']}"


@lru_cache(maxsize=1)
def witness() -> Witness:
    """Return the witness of the project as it stands."""
    return Witness(load_content(), rules(ROOT))


def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches a message with anything in its placeholders."""
    return re.compile(_PLACEHOLDER.sub("(?s:.+?)", re.escape(template)))
