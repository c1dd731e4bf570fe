"""What was expected of one message, and what the bot made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.reply.outcomes import FALLBACK_INTENT, MORE_INTENT, Part, outcome_of, part_of

CLARIFY = "clarify"


class Understood(NamedTuple):
    """What the bot would act on: the primary part, all parts in order, the readings it offers."""

    lead: Part
    parts: tuple[Part, ...] = ()
    readings: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Result:
    """One message: what was expected, what was understood, and how long it took (seconds).

    `source` is the file of tests/evaluation it stands in, for a turn followed by its dialogue.
    """

    source: str
    text: str
    expected: Part
    expected_parts: frozenset[Part]
    got: Part
    got_parts: frozenset[Part]
    readings: frozenset[Part]
    confidence: float
    seconds: float


def outcome_for(intent: str | None) -> str:
    """Return the outcome of a parsed message's intent; a fallback, or none at all, asks back."""
    return CLARIFY if intent in (None, FALLBACK_INTENT) else outcome_of(str(intent))


def understood(parsed: Mapping[str, Any], last_topic: str | None = None) -> Understood:
    """Return what the bot would act on.

    `last_topic` is the topic answered last in the conversation: "tell me more" goes on with it.
    """
    intent, decision = parsed["intent"]["name"], parsed["decision"]
    if intent == FALLBACK_INTENT:
        readings = tuple(part_of(name) for name in decision.get("readings", ()))
        return Understood(Part(CLARIFY), readings=readings)
    if intent == MORE_INTENT:
        more = Part("answer", last_topic) if last_topic else Part("smalltalk", MORE_INTENT)
        return Understood(more, (more,))
    lead = part_of(intent)
    parts = tuple(_part(part) for part in decision.get("parts", ()))
    return Understood(lead, parts or (lead,))


def result(
    source: str,
    row: Mapping[str, Any],
    parsed: Mapping[str, Any],
    seconds: float,
    last_topic: str | None = None,
) -> Result:
    """Return the result of a row of the development set, or of a dialogue's turn."""
    expected = _part(row)
    got = understood(parsed, last_topic)
    return Result(
        source=source,
        text=row["text"],
        expected=expected,
        expected_parts=frozenset(_part(part) for part in row.get("parts") or (row,)),
        got=got.lead,
        got_parts=frozenset(got.parts),
        readings=frozenset(got.readings),
        confidence=parsed["intent"]["confidence"],
        seconds=seconds,
    )


def _part(row: Mapping[str, Any]) -> Part:
    return Part(row["outcome"], row.get("topic"))
