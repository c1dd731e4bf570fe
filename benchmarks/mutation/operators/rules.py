"""Faults in the rules: which action an intent leads to, and when."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.mutation.mutant import Mutant, Operator, diff
from benchmarks.mutation.rules import (
    Rule,
    RuleChange,
    action_of,
    intent_of,
    rules,
    with_action,
)

# Where an intent goes astray: to small talk, or, if it is at home there, to being turned away.
_ASTRAY = ("action_smalltalk", "action_not_covered")


def _about(*found: Rule) -> tuple[str, ...]:
    return tuple(f"intent:{intent_of(rule)}" for rule in found)


def _shown(file: str, rule: Rule, other: Rule | None) -> str:
    return diff(f"{file}: {rule['rule']}", rule, other)


def _changed(file: str, rule: Rule, other: Rule | None, note: str = "") -> Mutant:
    shown = _shown(file, rule, other)
    change = RuleChange(((rule["rule"], other),))
    return Mutant(f"{rule['rule']}{note}", shown, change, _about(rule))


def _dropped() -> Iterator[Mutant]:
    for file, rule in rules():
        yield _changed(file, rule, None)


def _unconditional() -> Iterator[Mutant]:
    for file, rule in rules():
        if "condition" in rule:
            bare = {key: value for key, value in rule.items() if key != "condition"}
            yield _changed(file, rule, bare)


def _astray() -> Iterator[Mutant]:
    for file, rule in rules():
        action = next(name for name in _ASTRAY if name != action_of(rule))
        yield _changed(file, rule, with_action(rule, action), f" -> {action}")


def _swapped() -> Iterator[Mutant]:
    """Swap the action of each rule with the next rule that has another."""
    found = rules()
    for number, (file, rule) in enumerate(found):
        later = [*found[number + 1 :], *found[:number]]
        other_file, other = next(one for one in later if action_of(one[1]) != action_of(rule))
        first, second = with_action(rule, action_of(other)), with_action(other, action_of(rule))
        shown = "\n".join([_shown(file, rule, first), _shown(other_file, other, second)])
        change = RuleChange(((rule["rule"], first), (other["rule"], second)))
        name = f"{rule['rule']} <-> {other['rule']}"
        yield Mutant(name, shown, change, _about(rule, other))


OPERATORS = (
    Operator("rule dropped", "A rule is taken out.", _dropped),
    Operator("rule actions swapped", "Two rules have each other's action.", _swapped),
    Operator("rule condition dropped", "A rule applies whatever was offered.", _unconditional),
    Operator("intent astray", "An intent leads to another action.", _astray),
)
