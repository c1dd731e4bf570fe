"""Results and parses for the tests of the benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.readings import Reading
from benchmarks.results import Result
from bot.reply.outcomes import Part


def made(
    expected: Part,
    got: Part,
    *,
    source: str = "answer",
    text: str = "a message",
    expected_parts: Iterable[Part] = (),
    got_parts: Iterable[Part] = (),
    readings: Iterable[Part] = (),
    seconds: float = 0.001,
) -> Result:
    """Return a result; without parts, the primary one is the only one."""
    return Result(
        source=source,
        text=text,
        expected=expected,
        expected_parts=frozenset(expected_parts or [expected]),
        got=got,
        got_parts=frozenset(got_parts or [got]),
        readings=frozenset(readings),
        confidence=0.9,
        seconds=seconds,
    )


def parsed(intent: str | None, **decision: Any) -> dict[str, Any]:
    """Return what the pipeline gives for a message."""
    named = {"name": intent, "confidence": 0.8}
    return {"text": "a message", "intent": named, "entities": [], "decision": decision}


def reading(
    text: str = "a message",
    intent: str | None = "ask_pain",
    *,
    shares: Sequence[Mapping[str, float]] = ({"ask_pain": 1.0},),
    detected: Mapping[str, float] | None = None,
    decision: Mapping[str, Any] | None = None,
) -> Reading:
    """Return what a model made of a message; it has words unless there are no shares."""
    return Reading(
        text=text,
        intent=intent,
        confidence=0.9,
        decision=decision or {},
        shares=list(shares),
        detected=detected or {},
        pieces=[text] if shares else [],
        seconds=0.001,
    )
