"""Graph component: intents from sentence vectors, by a few small neural networks that vote."""

from __future__ import annotations

import math
import warnings
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

from bot.nlu.encoder import EMBEDDING_SIZE, Array
from bot.nlu.featurizer import PIECE_VECTORS

PIECE_RANKINGS = "piece_rankings"
WEIGHTS_FILE = "classifier.npz"

BATCH = 64
_ARRAYS = ("weights_in", "weights_out", "bias_in", "bias_out")

Ranking = list[dict[str, Any]]
Network = tuple[Array, ...]


class UntrainedError(RasaException):
    """There is nothing to train on, or a model without a trained classifier was loaded."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(GraphComponent):
    """Ranks the intents of a message and of each of its pieces.

    Networks of one hidden layer (scikit-learn's MLPClassifier), alike but for their seed, whose
    probabilities are averaged: measured by `make evaluate`, they beat logistic regression on the
    same vectors (docs/understanding.md). Weights are stored as plain arrays: nothing is unpickled
    at load, and a model whose arrays are missing fails loudly. Config: `networks` (how many),
    `hidden` (units of each), `decay` (L2 penalty), `epochs`, `ranking_length` (intents kept in
    `intent_ranking`).
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage | None, resource: Resource
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._labels: list[str] = []
        self._networks: list[Network] = []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration used where config.yml is silent."""
        return {"networks": 5, "hidden": 512, "decay": 0.03, "epochs": 12, "ranking_length": 5}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            ValueError: `decay` is not positive or another setting is below 1.
        """
        merged = {**SentenceClassifier.get_default_config(), **config}
        whole = ("networks", "hidden", "epochs", "ranking_length")
        if not merged["decay"] > 0 or any(merged[name] < 1 for name in whole):
            raise ValueError(f"SentenceClassifier wants decay > 0 and {', '.join(whole)} >= 1.")

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
        """Fit on the sentence features of the intent examples and store the weights.

        Raises:
            UntrainedError: fewer than three intents have examples.
        """
        # Only training needs scikit-learn; serving starts faster without it.
        from sklearn.neural_network import MLPClassifier

        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        targets = [e.get(INTENT) for e in examples]
        # Of two classes the networks would keep one output, which `rank` could not read.
        if len(set(targets)) < 3:
            raise UntrainedError("The classifier needs examples of at least three intents.")
        vectors = _scaled(np.concatenate([_sentence_vector(e) for e in examples]))
        for seed in range(self._config["networks"]):
            network = MLPClassifier(
                (self._config["hidden"],),
                alpha=self._config["decay"],
                max_iter=self._config["epochs"],
                batch_size=min(BATCH, len(examples)),
                random_state=seed,
            )
            with warnings.catch_warnings():
                # Stopping after so many epochs is the plan, not a failure to converge.
                warnings.simplefilter("ignore")
                network.fit(vectors, targets)
            self._labels = network.classes_.tolist()
            self._networks.append((*network.coefs_, *network.intercepts_))
        self._persist()
        return self._resource

    def _persist(self) -> None:
        storage = cast(ModelStorage, self._storage)
        with storage.write_to(self._resource) as folder:
            arrays = {
                f"{name}_{index}": value
                for index, network in enumerate(self._networks)
                for name, value in zip(_ARRAYS, network, strict=True)
            }
            np.savez(folder / WEIGHTS_FILE, labels=np.array(self._labels), **arrays)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceClassifier:
        """Load the weights from the model archive.

        Raises:
            UntrainedError: the archive holds none.
        """
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            path = folder / WEIGHTS_FILE
            if not path.is_file():
                raise UntrainedError("The model archive has no classifier; run `make train`.")
            with np.load(path, allow_pickle=False) as stored:
                component._labels = stored["labels"].tolist()
                count = (len(stored.files) - 1) // len(_ARRAYS)
                component._networks = [
                    tuple(stored[f"{name}_{index}"] for name in _ARRAYS) for index in range(count)
                ]
                if not count or len(stored.files) != 1 + count * len(_ARRAYS):
                    raise UntrainedError("The model's classifier is not whole; run `make train`.")
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
        x = _scaled(vector)
        votes = [_probabilities(network, x) for network in self._networks]
        probabilities = np.mean(votes, axis=0)
        order = np.argsort(-probabilities, kind="stable")
        return [
            {"name": self._labels[index], "confidence": float(probabilities[index])}
            for index in order
        ]


def _scaled(vectors: Array) -> Array:
    """Bring unit vectors to unit variance, which the networks' initialisation expects."""
    return (vectors * math.sqrt(EMBEDDING_SIZE)).astype(np.float32)


def _probabilities(network: Network, x: Array) -> Array:
    weights_in, weights_out, bias_in, bias_out = network
    logits = np.maximum(x @ weights_in + bias_in, 0) @ weights_out + bias_out
    exponentials = np.exp(logits - logits.max())
    shares: Array = exponentials / exponentials.sum()
    return shares


def _sentence_vector(message: Message) -> Array:
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise UntrainedError("A training example has no sentence feature; check config.yml.")
    return cast(Array, sentence.features)
