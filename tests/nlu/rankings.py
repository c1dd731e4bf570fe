"""Rankings as the classifier gives them, and what the decider makes of them."""

from __future__ import annotations

from typing import Any

from bot.nlu.classifier import Ranking
from bot.nlu.decision import OutcomeDecider
from bot.reply.outcomes import part_of


def ranking(**confidences: float) -> Ranking:
    ordered = sorted(confidences.items(), key=lambda item: -item[1])
    return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def decide(decider: OutcomeDecider, *rankings: dict[str, float]) -> tuple[str, dict[str, Any]]:
    intent, _, decision = decider.decide([ranking(**each) for each in rankings])
    return intent, decision


def parts_of(*intents: str) -> dict[str, Any]:
    return {"parts": [part_of(intent).as_dict() for intent in intents]}
