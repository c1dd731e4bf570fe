"""The outcomes and topics of the reply contract, and how intents name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ANSWER_TOPICS = (
    "long_covid_definition",
    "long_covid_symptoms",
    "long_covid_impact",
    "ketamine_overview",
    "inflammation",
    "brain_fog",
    "mental_health",
    "pain",
    "fatigue",
    "evidence",
    "individual_response",
    "safe_administration",
    "treatment_plan",
    "outlook",
    "consult_provider",
    "source",
)
SMALLTALK_TOPICS = (
    "greet",
    "goodbye",
    "thanks",
    "bot_identity",
    "capabilities",
    "affirm",
    "deny",
    "feedback_good",
    "feedback_bad",
    "privacy",
)
# Most urgent first: where one message has several readings, the first of these leads the reply.
PRECEDENCE = (
    "crisis",
    "emergency",
    "dosing",
    "obtaining",
    "personal_advice",
    "human",
    "answer",
    "not_covered",
    "off_topic",
    "smalltalk",
)
OUTCOMES = (*PRECEDENCE, "clarify", "unavailable")
URGENT = frozenset({"crisis", "emergency"})
REFERRED = frozenset({"dosing", "obtaining", "personal_advice"})
REJECTED = frozenset({"not_covered", "off_topic"})
SAFETY = URGENT | REFERRED

FALLBACK_INTENT = "nlu_fallback"
MORE_INTENT = "ask_more"
FORGET_INTENT = "forget_me"

# Smalltalk that somebody may want to know, rather than only say.
_ASKED = frozenset({"capabilities", "bot_identity", "privacy"})


class Part(NamedTuple):
    """One thing that a message asks: its outcome and, for answers and smalltalk, its topic."""

    outcome: str
    topic: str | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the part as it stands in the contract; no topic, no key."""
        return {key: value for key, value in self._asdict().items() if value is not None}


def part_of(intent: str) -> Part:
    """Return what an intent asks for.

    Raises:
        ValueError: the intent is none of the domain's.
    """
    if intent == FORGET_INTENT:
        return Part("smalltalk", "privacy")
    if intent in SMALLTALK_TOPICS:
        return Part("smalltalk", intent)
    if intent in PRECEDENCE and intent not in ("answer", "smalltalk"):
        return Part(intent)
    topic = intent.removeprefix("ask_")
    if topic in ANSWER_TOPICS and topic != intent:
        return Part("answer", topic)
    raise ValueError(f"Unknown intent: {intent!r}")


def outcome_of(intent: str) -> str:
    """Return the outcome of any intent of the domain, "tell me more" being smalltalk."""
    return "smalltalk" if intent == MORE_INTENT else part_of(intent).outcome


def can_offer(intent: str) -> bool:
    """Tell whether the bot can offer an intent as a button when it asks what was meant."""
    return intent in _ASKED or (intent != MORE_INTENT and outcome_of(intent) in ("answer", "human"))


def by_precedence(parts: Iterable[Part]) -> list[Part]:
    """Return the parts without repeats, the most urgent first, otherwise in their order."""
    unique = list(dict.fromkeys(parts))
    return sorted(unique, key=lambda part: PRECEDENCE.index(part.outcome))
