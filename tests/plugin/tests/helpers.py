"""Makes turns, replies and transcripts for the tests of the plugin."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.plugin.format import Conversation, Turn, Variant
from tests.plugin.heard import Button, Call, Heard
from tests.plugin.transcript import Said, Transcript

ANSWER = {
    "schema": "reply/1",
    "outcome": "answer",
    "topic": "pain",
    "parts": [{"outcome": "answer", "topic": "pain"}],
    "disclaimers": ["education_only", "ketamine_early_evidence"],
    "sources": [{"section": "Pain Management", "claims": ["may_ease_pain", "nmda_blocking"]}],
}
DOSING = {
    "schema": "reply/1",
    "outcome": "dosing",
    "topic": None,
    "parts": [{"outcome": "dosing"}],
    "disclaimers": [],
    "referral": {
        "kind": "professional",
        "who": ["prescriber", "pharmacist"],
        "contacts": [
            {"id": "nhs_111", "kind": "poison", "name": "NHS 111", "text": "Call NHS 111."}
        ],
    },
}
SAFE = Button("Is it safe?", "/ask_safe_administration")


def turn(number: int = 1, **checks: Any) -> Turn:
    """A turn with these checks."""
    return Turn(number, 3, ("hi",), None, (), 0, MappingProxyType(checks))


def heard(
    text: str = "It may help.",
    custom: dict[str, Any] | None = ANSWER,
    buttons: tuple[Button, ...] = (SAFE,),
    calls: tuple[Call, ...] = (),
) -> Heard:
    """A reply of one text."""
    return Heard((text,), buttons, custom, calls)


def transcript(*said: Said) -> Transcript:
    """A transcript of a conversation of these turns."""
    turns = tuple(one.turn for one in said)
    conversation = Conversation(Path("user_asks.yml"), "Shows <this>.", turns)
    variant = Variant(conversation, "as_written", tuple("hi" for _ in turns))
    return Transcript(variant, "inprocess", list(said), {"topics: pain"})
