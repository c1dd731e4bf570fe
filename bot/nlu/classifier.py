"""Graph component: intents from sentence vectors by multinomial logistic regression."""

from __future__ import annotations

import logging
from typing import Any, cast

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import Array
from bot.nlu.featurizer import PIECE_VECTORS

logger = logging.getLogger(__name__)

PIECE_RANKINGS = "piece_rankings"
WEIGHTS_FILE = "classifier.npz"

Ranking = list[dict[str, Any]]


class UntrainedError(RasaException):
    """There is nothing to train on, or a model without a trained classifier was loaded."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(GraphComponent):
    """Ranks the intents of a message and of each of its pieces.

    Coefficients are stored as plain arrays: nothing is unpickled at load, and a model whose
    arrays are missing fails loudly. Config: `strength` (inverse regularisation of scikit-learn's
    LogisticRegression on unit vectors), `ranking_length` (intents kept in `intent_ranking`).
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage | None, resource: Resource
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._labels: list[str] = []
        self._coefficients = np.zeros((0, 0))
        self._intercept = np.zeros(0)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration used where config.yml is silent."""
        return {"strength": 30.0, "ranking_length": 5}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            ValueError: `strength` is not positive or `ranking_length` is below 1.
        """
        merged = {**SentenceClassifier.get_default_config(), **config}
        if not merged["strength"] > 0 or merged["ranking_length"] < 1:
            raise ValueError("SentenceClassifier wants strength > 0 and ranking_length >= 1.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceClassifier:
        """Create an untrained classifier.

        Raises:
            ValueError: the configuration is not valid.
        """
        cls.validate_config(config)
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the sentence features of the intent examples and store the coefficients.

        Raises:
            UntrainedError: fewer than three intents have examples.
        """
        # Only training needs scikit-learn; serving starts faster without it.
        from sklearn.linear_model import LogisticRegression

        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        targets = [e.get(INTENT) for e in examples]
        # Of two classes scikit-learn keeps one row of coefficients, which `rank` could not read.
        if len(set(targets)) < 3:
            raise UntrainedError("The classifier needs examples of at least three intents.")
        vectors = np.concatenate([_sentence_vector(e) for e in examples])
        model = LogisticRegression(
            C=self._config["strength"], class_weight="balanced", max_iter=2000, random_state=0
        )
        model.fit(vectors, targets)
        self._adopt(model.classes_.tolist(), model.coef_, model.intercept_)
        self._persist()
        return self._resource

    def _adopt(self, labels: list[str], coefficients: Array, intercept: Array) -> None:
        self._labels, self._coefficients, self._intercept = labels, coefficients, intercept

    def _persist(self) -> None:
        storage = cast(ModelStorage, self._storage)
        with storage.write_to(self._resource) as folder:
            np.savez(
                folder / WEIGHTS_FILE,
                labels=np.array(self._labels),
                coefficients=self._coefficients,
                intercept=self._intercept,
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceClassifier:
        """Load the coefficients from the model archive.

        Raises:
            UntrainedError: the archive holds none.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            path = folder / WEIGHTS_FILE
            if not path.is_file():
                raise UntrainedError("The model archive has no classifier; run `make train`.")
            with np.load(path, allow_pickle=False) as stored:
                component._adopt(
                    stored["labels"].tolist(), stored["coefficients"], stored["intercept"]
                )
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, intent_ranking and `piece_rankings` (one a piece) on messages in place.

        A message without pieces gets an empty ranking and no intent.
        """
        length = self._config["ranking_length"]
        for message in messages:
            rankings = [self.rank(vector) for vector in message.get(PIECE_VECTORS, ())]
            message.set(PIECE_RANKINGS, rankings)
            whole = rankings[0] if rankings else []
            top = whole[0] if whole else {"name": None, "confidence": 0.0}
            message.set(INTENT, dict(top), add_to_output=True)
            message.set("intent_ranking", whole[:length], add_to_output=True)
        return messages

    def rank(self, vector: Array) -> Ranking:
        """Return all intents for a vector [384], most likely first, confidences summing to 1."""
        logits = self._coefficients @ vector + self._intercept
        exponentials = np.exp(logits - logits.max())
        probabilities = exponentials / exponentials.sum()
        order = np.argsort(-probabilities, kind="stable")
        return [
            {"name": self._labels[index], "confidence": float(probabilities[index])}
            for index in order
        ]


def _sentence_vector(message: Message) -> Array:
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise UntrainedError("A training example has no sentence feature; check config.yml.")
    return cast(Array, sentence.features)
