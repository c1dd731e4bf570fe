"""Faults in understanding: what is missed, guessed, taken for something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.mutation.mutant import Mutant, Operator
from benchmarks.mutation.understanding import (
    ForgottenIntent,
    PatternDropped,
    PayloadMisread,
    PayloadRefused,
    SettingChange,
    SwappedIntents,
    pipeline,
)
from bot.nlu import screen_patterns
from bot.nlu.payloads import ALLOWED
from bot.reply.outcomes import (
    ANSWER_TOPICS,
    FORGET_INTENT,
    MORE_INTENT,
    PRECEDENCE,
    SMALLTALK_TOPICS,
)

INTENTS = (
    *(name for name in PRECEDENCE if name not in ("answer", "smalltalk")),
    *(f"ask_{topic}" for topic in ANSWER_TOPICS),
    MORE_INTENT,
    *SMALLTALK_TOPICS,
    FORGET_INTENT,
)
_DECIDER = "OutcomeDecider"
_SCREEN_CHECKS = ("tests/nlu/test_screen.py", "tests/nlu/test_screen_rows.py")
# Their probabilities are made by hand: what conversations say seldom lies near a threshold.
_SETTING_CHECKS = ("tests/nlu/test_thresholds.py",)
# In false alarms: so cheap a miss is never worth one, so dear a miss is worth any number.
_NUMB, _WILD = 0.001, 10_000


def _setting(component: str, key: str, value: Any, shown: str = "") -> Mutant:
    now = pipeline()[component].get(key)
    place = f"config.yml: {component}: {key}"
    diff = f"{place}\n-{shown or now}\n+{value}"
    change = SettingChange(component, {key: value})
    return Mutant(f"{key} {value}", diff, change, (), _SETTING_CHECKS, unit_last=True)


def _costs(cost: float) -> Iterator[Mutant]:
    costs = pipeline()[_DECIDER]["miss"]
    for outcome, now in costs.items():
        shown = f"config.yml: {_DECIDER}: miss\n-{outcome}: {now}\n+{outcome}: {cost}"
        change = SettingChange(_DECIDER, {"miss": {**costs, outcome: cost}})
        about = (f"outcome:{outcome}",) if cost < 1 else ()
        yield Mutant(f"{outcome} {cost}", shown, change, about)


def _numbed() -> Iterator[Mutant]:
    return _costs(_NUMB)


def _wild() -> Iterator[Mutant]:
    return _costs(_WILD)


def _thresholds() -> Iterator[Mutant]:
    for key, now in pipeline()[_DECIDER].items():
        if isinstance(now, float):
            yield from (_setting(_DECIDER, key, value) for value in (0.0, 1.0))
    yield from (_setting("SentenceClassifier", "context", value) for value in (0.0, 1.0))


def _swapped() -> Iterator[Mutant]:
    for one, other in zip(INTENTS, (*INTENTS[1:], INTENTS[0]), strict=True):
        shown = f"data/nlu: examples of {one} and {other} swapped"
        about = (f"intent:{one}", f"intent:{other}")
        yield Mutant(f"{one} <-> {other}", shown, SwappedIntents(one, other), about)


def _forgotten() -> Iterator[Mutant]:
    for name in INTENTS:
        shown = f"data/nlu: no examples of {name}"
        yield Mutant(name, shown, ForgottenIntent(name), (f"intent:{name}",))


def _patterns() -> Iterator[Mutant]:
    for outcome in ("crisis", "emergency"):
        name = outcome.upper()
        nets = {"": getattr(screen_patterns, name), **getattr(screen_patterns, f"{name}_ABROAD")}
        for language, rows in nets.items():
            for number, row in enumerate(rows):
                change = PatternDropped(outcome, language, number)
                where = f"{name}{f'_ABROAD {language}' if language else ''} {number + 1}"
                shown = f"bot/nlu/screen_patterns.py: {where}\n-{row}"
                yield Mutant(where, shown, change, (f"outcome:{outcome}",), _SCREEN_CHECKS)


def _refused() -> Iterator[Mutant]:
    for intent in sorted(ALLOWED):
        shown = f"bot/nlu/payloads.py: ALLOWED\n-/{intent}"
        yield Mutant(intent, shown, PayloadRefused(intent), (f"intent:{intent}",))


def _misread() -> Iterator[Mutant]:
    listed = sorted(ALLOWED)
    for intent, other in zip(listed, [*listed[1:], listed[0]], strict=True):
        shown = f"bot/nlu/payloads.py: _ALIASES\n+/{intent} means /{other}"
        yield Mutant(intent, shown, PayloadMisread(intent, other), (f"intent:{intent}",))


OPERATORS = (
    Operator("detector numbed", "A safety outcome is all but never detected.", _numbed),
    Operator("detector wild", "A safety outcome is detected nearly everywhere.", _wild),
    Operator("threshold to its end", "A share of config.yml becomes 0, or 1.", _thresholds),
    Operator("examples swapped", "Two intents have each other's examples.", _swapped),
    Operator("examples gone", "An intent has no examples.", _forgotten),
    Operator("screen pattern dropped", "The screen lacks one of its patterns.", _patterns),
    Operator("payload refused", "A button's payload is not allowed.", _refused),
    Operator("payload misread", "A button's payload is taken for another.", _misread),
)
