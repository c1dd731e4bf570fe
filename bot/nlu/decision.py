"""Graph component: from probabilities to what the reply is about.

Reads the detectors' probabilities and the rankings of the whole message and of its pieces, weighs
them by the costs of config.yml, and settles the primary intent by the precedence of the reply
contract. All of it is arithmetic that a reviewer can follow; the text itself is only shown to the
screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import DETECTED, PIECE_RANKINGS, Ranking
from bot.nlu.order import as_asked
from bot.nlu.readings import in_doubt, likely
from bot.nlu.screen import screen
from bot.nlu.splitter import PIECES
from bot.nlu.symptoms import listed
from bot.reply.outcomes import (
    FALLBACK_INTENT,
    FORGET_INTENT,
    MORE_INTENT,
    REFERRED,
    REJECTED,
    SAFETY,
    URGENT,
    Part,
    by_precedence,
    outcome_of,
    part_of,
)

DECISION = "decision"

_DEFAULTS: dict[str, Any] = {
    # What missing an outcome costs, in false alarms. It is taken as meant from the probability at
    # which both expectations are equal, 1 / (1 + miss) (Elkan 2001).
    "miss": {"crisis": 12, "emergency": 9, "dosing": 5, "obtaining": 2, "personal_advice": 1},
    # The probability of crisis or emergency that is enough where the screen sees danger too.
    "screened": 0.005,
    # Share of dosing, obtaining or personal advice in a piece that stands for itself.
    "clear": 0.9,
    # How many times likelier an emergency must be to come before a crisis that is also seen.
    "outweighs": 4.0,
    # Share of an intent in the whole message from which it is one of several that are meant.
    "together": 0.3,
    # Share of an intent in a piece from which its question is answered beside the others.
    "also_answer": 0.6,
    # The same for a piece that asks for a person, for deletion, or for what is not covered.
    "also_other": 0.75,
    # Share that a piece's question must have of a whole that is sure of something else: "and what
    # causes it?", read alone, could be about anything.
    "echo": 0.001,
    "echo_referred": 0.01,  # The same for a referral: "can't think straight" seems to be one.
    # From this share of its best reading, the whole is sure.
    "sure": 0.7,
    # Below this share of the best reading, the bot asks instead of guessing.
    "unsure": 0.3,
    # So near the best reading, another answer is as good a one, and the bot asks which is meant.
    "near": 0.35,
    # Sum of not_covered and off_topic from which an unsure message is turned away, not asked about.
    "reject": 0.5,
    # Most readings offered when the bot asks.
    "readings": 3,
}
_SHARES = tuple(key for key in _DEFAULTS if key not in ("miss", "outweighs", "readings"))
_WITHOUT_PART = frozenset({MORE_INTENT})
# A referral beside a likelier one is a part of its own if it is likelier than not; and a message
# that asks to be forgotten more likely than not is obeyed.
_LIKELY = 0.5
# From here on one question leads wherever it stands: what else is asked is but its context.
_CERTAIN = 0.99


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OutcomeDecider(GraphComponent):
    """Sets the final intent and `decision`: `parts`, or `reason` and `readings` if it must ask."""

    def __init__(self, config: dict[str, Any]) -> None:
        costs = {**_DEFAULTS["miss"], **config.get("miss", {})}
        self._bars: Mapping[str, float] = {name: 1 / (1 + cost) for name, cost in costs.items()}
        self._config = {**_DEFAULTS, **config}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the thresholds used where config.yml is silent."""
        return dict(_DEFAULTS)

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the thresholds.

        Raises:
            ValueError: an unknown outcome, a cost of 0 or less, or a threshold outside 0 to 1.
        """
        costs = config.get("miss", {})
        if unknown := set(costs) - SAFETY:
            raise ValueError(f"OutcomeDecider: miss has unknown outcomes {sorted(unknown)}.")
        if not all(cost > 0 for cost in costs.values()):
            raise ValueError("OutcomeDecider: the cost of a miss is more than 0 false alarms.")
        if not all(0.0 <= config.get(key, 0.0) <= 1.0 for key in _SHARES):
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
            pieces = message.get(PIECES) or [""]
            intent, confidence, decision = self.decide(
                message.get(PIECE_RANKINGS) or [],
                message.get(DETECTED) or {},
                screen(message.get(TEXT) or ""),
                listed(pieces[0]),
            )
            if _was_shortened(message) and intent not in SAFETY:
                # Half of a message is enough to see danger in, not to answer it.
                intent, decision = FALLBACK_INTENT, {"reason": "too_long"}
            message.set(INTENT, {"name": intent, "confidence": confidence}, add_to_output=True)
            message.set(DECISION, decision, add_to_output=True)
        return messages

    def decide(
        self,
        rankings: list[Ranking],
        detected: Mapping[str, float],
        danger: str | None = None,
        symptoms: Sequence[str] = (),
    ) -> tuple[str, float, dict[str, Any]]:
        """Return intent, confidence (0 to 1) and decision for the rankings of one message.

        The first ranking is that of the whole message, the rest are its pieces; `detected` holds
        the probabilities of the safety outcomes. `danger` is the urgent outcome that the screen
        saw in the text: it lowers the bar, it does not decide. `symptoms` are the topics that the
        text joins in a list.
        """
        if not rankings:
            if danger:
                # Words that hide in a payload: the screen has seen them, the model has not.
                return danger, 0.0, {"parts": [Part(danger).as_dict()]}
            return FALLBACK_INTENT, 1.0, {"reason": "no_words"}
        whole, pieces = rankings[0], self._heard(rankings[0], rankings[1:])
        calm = [row for row in whole if not _is_safety(row["name"])]
        safety = self._safety(detected, pieces, danger)
        also = [*self._also(calm, pieces), *_listed(calm[0], symptoms)]

        def settle(parts: list[Part]) -> tuple[str, float, dict[str, Any]]:
            certain = whole[0]["confidence"] >= _CERTAIN
            return self._settle(parts if certain else as_asked(parts, pieces, symptoms), whole)

        if safety:
            return settle([*safety, *also])
        forget = self._asks_to_forget(calm[0], pieces)
        if forget is not None:
            # What was asked beside it would be answered into a conversation that is gone.
            return FORGET_INTENT, forget, {"parts": []}
        if calm[0]["confidence"] < self._config["unsure"]:
            return settle(also) if also else self._unsure(calm)
        if not also and (found := self._alone(calm)):
            return found
        return settle(self._join(calm[0]["name"], also))

    def _alone(self, calm: Ranking) -> tuple[str, float, dict[str, Any]] | None:
        """Return what stands without parts: to go on, or to ask which of two is meant."""
        top = calm[0]
        if top["name"] in _WITHOUT_PART:
            return top["name"], top["confidence"], {"parts": []}
        either = in_doubt(calm, self._config["near"])
        return self._ask(either, calm) if either else None

    def _heard(self, whole: Ranking, pieces: list[Ranking]) -> list[Ranking]:
        """Return the pieces but for those that mean what they seem to only out of their context."""
        top = whole[0]
        if top["confidence"] < self._config["sure"] or _is_safety(top["name"]):
            return pieces
        doubted = REFERRED | ({"answer"} if top["name"] in REJECTED else set())
        share = {row["name"]: row["confidence"] for row in whole}

        def heard(intent: str) -> bool:
            outcome = outcome_of(intent)
            least = self._config["echo_referred" if outcome in REFERRED else "echo"]
            return outcome not in doubted or share.get(intent, 0.0) >= least

        return [piece for piece in pieces if heard(piece[0]["name"])]

    def _safety(
        self, detected: Mapping[str, float], pieces: list[Ranking], danger: str | None
    ) -> list[Part]:
        bars = {**self._bars, **({danger: self._config["screened"]} if danger else {})}
        if not danger and max((detected.get(name, 0.0) for name in REFERRED), default=0) >= _LIKELY:
            # A referral is followed up by a person: taken for one, a danger is half missed.
            bars.update({name: 2 * bars[name] for name in URGENT})
        seen = {name: share for name, share in detected.items() if share >= bars[name]}
        urgent = {name: share for name, share in seen.items() if name in URGENT}
        if urgent:
            crisis = urgent.get("crisis", 0.0) * self._config["outweighs"]
            lead = "emergency" if urgent.get("emergency", 0.0) > crisis else "crisis"
            return [Part(lead)]
        for top in (piece[0] for piece in pieces):
            if top["name"] in REFERRED and top["confidence"] >= self._config["clear"]:
                seen[top["name"]] = max(seen.get(top["name"], 0.0), top["confidence"])
        referred = sorted(seen, key=lambda name: -seen[name])
        return [Part(name) for name in referred if name == referred[0] or seen[name] >= _LIKELY]

    def _also(self, calm: Ranking, pieces: list[Ranking]) -> list[Part]:
        """Return what is asked beside the rest: answers, a person, what is not covered."""
        bars = {
            "answer": self._config["also_answer"],
            "human": self._config["also_other"],
            "not_covered": self._config["also_other"],
        }
        together = self._config["together"]
        rows = [row for row in calm if row["confidence"] >= together]
        found = [_part(row) for row in rows if outcome_of(row["name"]) in bars]
        # One reading alone is the message's own; beside what is turned away, it is only a doubt.
        several = found if len(rows) > 1 and outcome_of(calm[0]["name"]) == "answer" else []
        tops = [(_part(piece[0]), piece[0]["confidence"]) for piece in pieces]
        clear = [part for part, sure in tops if part and sure >= bars.get(part.outcome, 2.0)]
        return [part for part in dict.fromkeys([*clear, *several]) if part]

    def _asks_to_forget(self, whole: dict[str, Any], pieces: list[Ranking]) -> float | None:
        """Return how sure it is that all is to be deleted, if the whole or a piece asks for it."""
        bars = [(whole, _LIKELY), *((piece[0], self._config["also_other"]) for piece in pieces)]
        found = (top["confidence"] for top, bar in bars if _forgets(top, bar))
        return next(found, None)

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

    def _unsure(self, calm: Ranking) -> tuple[str, float, dict[str, Any]]:
        rejected = {row["name"]: row["confidence"] for row in calm if row["name"] in REJECTED}
        if sum(rejected.values()) >= self._config["reject"]:
            return self._settle([Part(max(rejected, key=lambda name: rejected[name]))], calm)
        return self._ask(likely(calm, self._config["readings"]), calm)

    @staticmethod
    def _ask(readings: list[str], calm: Ranking) -> tuple[str, float, dict[str, Any]]:
        return FALLBACK_INTENT, calm[0]["confidence"], {"reason": "unsure", "readings": readings}


def intent_of(part: Part) -> str:
    """Return the intent that stands for a part."""
    if part.outcome == "answer":
        return f"ask_{part.topic}"
    return str(part.topic) if part.outcome == "smalltalk" else part.outcome


def _is_safety(intent: str) -> bool:
    return outcome_of(intent) in SAFETY


def _part(row: Mapping[str, Any]) -> Part | None:
    return None if row["name"] in _WITHOUT_PART else part_of(row["name"])


def _listed(top: Mapping[str, Any], symptoms: Sequence[str]) -> list[Part]:
    """Return a part for each listed symptom, if the question is about one of them."""
    asked = [Part("answer", topic) for topic in symptoms]
    return asked if _part(top) in asked else []


def _forgets(top: Mapping[str, Any], bar: float) -> bool:
    return bool(top["name"] == FORGET_INTENT and top["confidence"] >= bar)


def _was_shortened(message: Message) -> bool:
    return bool((message.get("metadata") or {}).get("shortened"))
