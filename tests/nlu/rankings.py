"""Rankings as the classifier gives them, and what the decider makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.nlu.classifier import Ranking
from bot.nlu.decision import OutcomeDecider
from bot.reply.outcomes import part_of
from bot.settings import ROOT

# The bot's own settings; the mutants of `benchmarks.mutation` put another file in its place.
CONFIG = ROOT / "config.yml"

# The tests' own: those of the bot are tuned now and then.
SETTINGS: dict[str, Any] = {
    "miss": {"crisis": 9, "emergency": 9, "dosing": 4, "obtaining": 3, "personal_advice": 1},
    "screened": 0.02,
    "clear": 0.8,
    "outweighs": 3.0,
    "together": 0.25,
    "also_answer": 0.6,
    "also_other": 0.7,
    "echo": 0.01,
    "echo_referred": 0.01,
    "sure": 0.7,
    "unsure": 0.3,
    "near": 0.4,
    "reject": 0.5,
    "readings": 3,
}
# The probabilities at which a miss and its false alarms cost the same.
BARS = {"crisis": 0.1, "emergency": 0.1, "dosing": 0.2, "obtaining": 0.25, "personal_advice": 0.5}


def ranking(**confidences: float) -> Ranking:
    ordered = sorted(confidences.items(), key=lambda item: -item[1])
    return [{"name": name, "confidence": confidence} for name, confidence in ordered]


def decide(
    decider: OutcomeDecider,
    *rankings: dict[str, float],
    detected: Mapping[str, float] | None = None,
    danger: str | None = None,
    symptoms: Sequence[str] = (),
) -> tuple[str, dict[str, Any]]:
    found = [ranking(**each) for each in rankings]
    intent, _, decision = decider.decide(found, detected or {}, danger, symptoms)
    return intent, decision


def parts_of(*intents: str) -> dict[str, Any]:
    return {"parts": [part_of(intent).as_dict() for intent in intents]}
