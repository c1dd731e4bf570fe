"""Graph component: from the scores of encoder and n-grams to calibrated probabilities."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.detectors import Detector, fit, scales, shares_of
from bot.nlu.encoder import Array
from bot.nlu.examples import Labelled, label_of
from bot.nlu.featurizer import CONTEXT_SCORES, PIECE_SCORES, SCORED_INTENTS
from bot.nlu.ngram_scorer import CONTEXT_NGRAM_SCORES, PIECE_NGRAM_SCORES
from bot.reply.outcomes import SAFETY, outcome_of

PIECE_RANKINGS, DETECTED = "piece_rankings", "detected"
CALIBRATION_FILE = "calibration.json"
# Where the scores come from; a pipeline without n-grams has the first alone.
_PIECES = (PIECE_SCORES, PIECE_NGRAM_SCORES)
_CONTEXT = (CONTEXT_SCORES, CONTEXT_NGRAM_SCORES)

Ranking = list[dict[str, Any]]


class UntrainedError(RasaException):
    """A model without a calibrated classifier was loaded, or there was nothing to calibrate on."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(GraphComponent):
    """Ranks the intents of a message and of each of its pieces, and detects the safety outcomes.

    Training fits nothing but the calibration, on the examples that the encoder was not tuned on:
    how much each source of scores counts, and a detector for each safety outcome. Config:
    `ranking_length` (intents kept in `intent_ranking`), `context` (how much the reading in context
    counts against the message alone, 0 to 1).
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._context: float = config.get("context", 0.4)
        self._storage = storage
        self._resource = resource
        self._scales: list[float] = [1.0]
        self._detectors: dict[str, Detector] = {}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration used where config.yml is silent."""
        return {"ranking_length": 5, "context": 0.4}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            ValueError: `ranking_length` is below 1, or `context` no share.
        """
        if config.get("ranking_length", 1) < 1 or not 0 <= config.get("context", 0) <= 1:
            raise ValueError("SentenceClassifier wants ranking_length >= 1 and 0 <= context <= 1.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceClassifier:
        """Create a classifier that is not calibrated yet.

        Raises:
            ValueError: the configuration is not valid.
        """
        cls.validate_config(config)
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Calibrate on the examples held out from the encoder, and store the result.

        Raises:
            UntrainedError: none was held out, or they were not encoded.
        """
        pairs = [(label_of(message), message) for message in training_data.intent_examples]
        held = [(example, message) for example, message in pairs if example and example.held_out]
        if not held or any(message.get(PIECE_SCORES) is None for _, message in held):
            raise UntrainedError("The classifier needs scored examples; check config.yml.")
        self._calibrate([example for example, _ in held], [message for _, message in held])
        with self._storage.write_to(self._resource) as folder:
            detectors = {name: asdict(found) for name, found in self._detectors.items()}
            known = {"scales": self._scales, "detectors": detectors}
            (folder / CALIBRATION_FILE).write_text(json.dumps(known, indent=1), encoding="utf-8")
        return self._resource

    def _calibrate(self, examples: Sequence[Labelled], messages: Sequence[Message]) -> None:
        wholes = np.stack([_scores(message, _PIECES)[:, 0] for message in messages], axis=1)
        names = messages[0].get(SCORED_INTENTS)
        right = np.array([names.index(example.intents[0]) for example in examples])
        self._scales = scales(wholes, right).tolist()
        readings = [self._outcomes(self._shares(_scores(m, _PIECES)), names) for m in messages]
        meant = [{outcome_of(intent) for intent in example.intents} for example in examples]
        for outcome in sorted(SAFETY):
            present = [outcome in outcomes for outcomes in meant]
            self._detectors[outcome] = fit(outcome, readings, present)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceClassifier:
        """Load the calibration from the model archive.

        Raises:
            UntrainedError: the archive holds none.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            path = folder / CALIBRATION_FILE
            if not path.is_file():
                raise UntrainedError("The model archive has no classifier; run `make train`.")
            known = json.loads(path.read_text(encoding="utf-8"))
        component._scales = known["scales"]
        component._detectors = {n: Detector(**found) for n, found in known["detectors"].items()}
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, intent_ranking, `piece_rankings` (one a piece) and `detected` in place.

        `detected` gives the probability of each safety outcome (0 to 1). A message without pieces
        gets empty rankings, no intent, and nothing detected.
        """
        for message in messages:
            names = message.get(SCORED_INTENTS) or []
            alone = self._shares(_scores(message, _PIECES))
            shares = self._in_context(alone, self._shares(_scores(message, _CONTEXT)))
            rankings = [_ranking(row, names) for row in shares]
            message.set(PIECE_RANKINGS, rankings)
            message.set(DETECTED, self._detect(self._outcomes(shares, names)))
            whole = rankings[0] if rankings else []
            top = whole[0] if whole else {"name": None, "confidence": 0.0}
            message.set(INTENT, dict(top), add_to_output=True)
            kept = whole[: self._config["ranking_length"]]
            message.set("intent_ranking", kept, add_to_output=True)
        return messages

    def _in_context(self, alone: Array, after: Array) -> Array:
        """Return the shares with those of the whole drawn towards its reading in context.

        The surer a reading is, the more it counts: context that only confuses is not heard.
        """
        if not len(after) or not len(alone):
            return alone
        readings, trust = (
            np.stack([after[0], alone[0]]),
            np.array([self._context, 1 - self._context]),
        )
        weights = trust * readings.max(-1) ** 2
        whole = weights @ readings / weights.sum()
        mixed: Array = np.concatenate([whole[None, :], alone[1:]])
        return mixed

    def _shares(self, scores: Array) -> Array:
        if not scores.size:
            return np.zeros((0, 0))
        pooled = np.tensordot(self._scales[: len(scores)], scores, 1)
        exponentials: Array = np.exp(pooled - pooled.max(-1, keepdims=True))
        shares: Array = exponentials / exponentials.sum(-1, keepdims=True)
        return shares

    @staticmethod
    def _outcomes(shares: Array, names: Sequence[str]) -> list[dict[str, float]]:
        """Return the outcomes' shares in the whole and in each piece."""
        found = []
        for row in shares:
            sums: dict[str, float] = {}
            for name, share in zip(names, row, strict=True):
                outcome = outcome_of(name)
                sums[outcome] = sums.get(outcome, 0.0) + float(share)
            found.append(sums)
        return found

    def _detect(self, outcomes: list[dict[str, float]]) -> dict[str, float]:
        if not outcomes:
            return {}
        return {
            name: detector.probability(*shares_of(name, outcomes))
            for name, detector in self._detectors.items()
        }


def _ranking(shares: Array, names: Sequence[str]) -> Ranking:
    order = np.argsort(-shares, kind="stable")
    return [{"name": names[index], "confidence": float(shares[index])} for index in order]


def _scores(message: Message, keys: Sequence[str]) -> Array:
    """Return the scores of each source there is [sources, pieces, intents]."""
    found = [scores for key in keys if (scores := message.get(key)) is not None]
    return np.stack(found) if found else np.zeros((0, 0, 0))
