"""Graph component: from ranked intents to what the reply is about.

Reads the rankings of the whole message and of its pieces, applies the thresholds of config.yml,
and settles the primary intent by the precedence of the reply contract. All of it is arithmetic on
probabilities that a reviewer can follow; the text itself is only shown to the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import PIECE_RANKINGS, Ranking
from bot.nlu.screen import screen
from bot.reply.outcomes import (
    FALLBACK_INTENT,
    FORGET_INTENT,
    MORE_INTENT,
    REJECTED,
    SAFETY,
    Part,
    by_precedence,
    part_of,
)

DECISION = "decision"

_DEFAULTS: dict[str, Any] = {
    # Probability of an outcome in the whole message from which it is taken as meant.
    "whole": {
        "crisis": 0.18,
        "emergency": 0.2,
        "dosing": 0.25,
        "obtaining": 0.25,
        "personal_advice": 0.35,
    },
    # The same in one piece of several; higher, since a fragment misleads more easily.
    "piece": {
        "crisis": 0.85,
        "emergency": 0.8,
        "dosing": 0.85,
        "obtaining": 0.9,
        "personal_advice": 0.9,
    },
    # Probability that at least one of several pieces must give an outcome seen in their whole.
    "support": 0.05,
    # The bar for crisis or emergency where the screen's patterns see danger in the text too.
    "screened": 0.02,
    # Probability from which a piece's question is answered beside the others.
    "also_answer": 0.6,
    # The same for a piece that asks for a person, for deletion, or for what is not covered.
    "also_other": 0.7,
    # Below this probability of the best reading, the bot asks instead of guessing.
    "unsure": 0.25,
    # Sum of not_covered and off_topic from which an unsure message is turned away, not asked about.
    "reject": 0.5,
    # Most readings offered when the bot asks.
    "readings": 3,
}
_SHARES = ("support", "screened", "also_answer", "also_other", "unsure", "reject")
_WITHOUT_PART = frozenset({MORE_INTENT})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OutcomeDecider(GraphComponent):
    """Sets the final intent and `decision`: `parts`, or `reason` and `readings` if it must ask."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._whole: Mapping[str, float] = {**_DEFAULTS["whole"], **config.get("whole", {})}
        self._piece: Mapping[str, float] = {**_DEFAULTS["piece"], **config.get("piece", {})}
        self._config = {**_DEFAULTS, **config}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the thresholds used where config.yml is silent."""
        return dict(_DEFAULTS)

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the thresholds.

        Raises:
            ValueError: an unknown outcome, or a threshold outside 0 to 1.
        """
        for scope in ("whole", "piece"):
            unknown = set(config.get(scope, {})) - SAFETY
            if unknown:
                raise ValueError(f"OutcomeDecider: {scope} has unknown outcomes {sorted(unknown)}.")
        numbers = [config.get(key, 0.0) for key in _SHARES]
        numbers += [*config.get("whole", {}).values(), *config.get("piece", {}).values()]
        if not all(0.0 <= number <= 1.0 for number in numbers):
            raise ValueError("OutcomeDecider: thresholds are probabilities between 0 and 1.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OutcomeDecider:
        """Create the component.

        Raises:
            ValueError: a threshold is not valid.
        """
        cls.validate_config(config)
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide each message in place and return the messages."""
        for message in messages:
            danger = screen(message.get(TEXT) or "")
            intent, confidence, decision = self.decide(message.get(PIECE_RANKINGS) or [], danger)
            if _was_shortened(message) and intent not in SAFETY:
                # Half of a message is enough to see danger in, not to answer it.
                intent, decision = FALLBACK_INTENT, {"reason": "too_long"}
            message.set(INTENT, {"name": intent, "confidence": confidence}, add_to_output=True)
            message.set(DECISION, decision, add_to_output=True)
        return messages

    def decide(
        self, rankings: list[Ranking], danger: str | None = None
    ) -> tuple[str, float, dict[str, Any]]:
        """Return intent, confidence (0 to 1) and decision for the rankings of one message.

        The first ranking is that of the whole message, the rest are its pieces. `danger` is the
        urgent outcome that the screen saw in the text: it lowers the bar, it does not decide.
        """
        if not rankings:
            if danger:
                # Words that hide in a payload: the screen has seen them, the model has not.
                return danger, 0.0, {"parts": [Part(danger).as_dict()]}
            return FALLBACK_INTENT, 1.0, {"reason": "no_words"}
        whole, pieces = rankings[0], rankings[1:]
        safety = self._safety(whole, pieces, danger)
        also = self._also(pieces)
        if safety:
            return self._settle([*safety, *also], whole)
        top = whole[0]
        forget = next((p[0] for p in (whole, *pieces) if self._forgets(p[0])), None)
        if forget:
            # What was asked beside it would be answered into a conversation that is gone.
            return FORGET_INTENT, forget["confidence"], {"parts": []}
        if also and top["name"] in SAFETY:
            # The whole reads as danger, no piece bears it out, and the pieces are clear.
            return self._settle(also, whole)
        if top["confidence"] >= self._config["unsure"]:
            if top["name"] in _WITHOUT_PART and not also:
                return top["name"], top["confidence"], {"parts": []}
            return self._settle(self._join(top["name"], also), whole)
        return self._settle(also, whole) if also else self._unsure(whole)

    def _safety(self, whole: Ranking, pieces: list[Ranking], danger: str | None) -> list[Part]:
        lowered = {danger: self._config["screened"]} if danger else {}
        bars = {**self._whole, **lowered}
        parts = [_outcomes(piece) for piece in pieces]
        found = [o for o, p in _outcomes(whole).items() if p >= bars.get(o, 2.0)]
        if parts and not danger:
            # Several calm sentences can read oddly as one: some piece must bear the reading out.
            support = self._config["support"]
            found = [o for o in found if max(part.get(o, 0.0) for part in parts) >= support]
        bars = {**self._piece, **lowered}
        for part in parts:
            found += [o for o, p in part.items() if p >= bars.get(o, 2.0)]
        return [Part(outcome) for outcome in dict.fromkeys(found)]

    def _also(self, pieces: list[Ranking]) -> list[Part]:
        """Return what pieces ask beside the rest: answers, a person, what is not covered."""
        tops = [piece[0] for piece in pieces if piece[0]["name"] not in _WITHOUT_PART]
        parts = [(part_of(top["name"]), top["confidence"]) for top in tops]
        bars = {
            "answer": self._config["also_answer"],
            "human": self._config["also_other"],
            "not_covered": self._config["also_other"],
        }
        return [part for part, sure in parts if sure >= bars.get(part.outcome, 2.0)]

    def _forgets(self, top: dict[str, Any]) -> bool:
        sure: bool = top["confidence"] >= self._config["also_other"]
        return top["name"] == FORGET_INTENT and sure

    @staticmethod
    def _join(top: str, also: list[Part]) -> list[Part]:
        if top in _WITHOUT_PART:
            return also
        part = part_of(top)
        # A greeting, or a stray remark, before a clear question is not worth a part of its own.
        return also if also and part.outcome in ("smalltalk", "off_topic") else [part, *also]

    def _settle(self, parts: list[Part], whole: Ranking) -> tuple[str, float, dict[str, Any]]:
        ordered = by_precedence(parts)
        lead = intent_of(ordered[0])
        confidence = next((row["confidence"] for row in whole if row["name"] == lead), 0.0)
        return lead, confidence, {"parts": [part.as_dict() for part in ordered]}

    def _unsure(self, whole: Ranking) -> tuple[str, float, dict[str, Any]]:
        outcomes = _outcomes(whole)
        rejected = {o: outcomes.get(o, 0.0) for o in REJECTED}
        if sum(rejected.values()) >= self._config["reject"]:
            return self._settle([Part(max(rejected, key=lambda o: rejected[o]))], whole)
        readings = [row["name"] for row in whole if _can_offer(row["name"])]
        chosen = readings[: self._config["readings"]]
        return FALLBACK_INTENT, whole[0]["confidence"], {"reason": "unsure", "readings": chosen}


def intent_of(part: Part) -> str:
    """Return the intent that stands for a part."""
    if part.outcome == "answer":
        return f"ask_{part.topic}"
    return str(part.topic) if part.outcome == "smalltalk" else part.outcome


def _outcomes(ranking: Ranking) -> dict[str, float]:
    """Return the probability of each outcome, most likely first met first."""
    sums: dict[str, float] = {}
    for row in ranking:
        if row["name"] not in _WITHOUT_PART:
            outcome = part_of(row["name"]).outcome
            sums[outcome] = sums.get(outcome, 0.0) + row["confidence"]
    return sums


def _was_shortened(message: Message) -> bool:
    return bool((message.get("metadata") or {}).get("shortened"))


def _can_offer(intent: str) -> bool:
    return intent not in _WITHOUT_PART and part_of(intent).outcome in ("answer", "human")
