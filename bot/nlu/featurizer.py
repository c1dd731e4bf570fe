"""Graph component: sentence embeddings as dense features, from an encoder tuned to the examples."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.context import IN_CONTEXT
from bot.nlu.encoder import Array, Encoder, TuningSettings, load_weights, tokenizer_json
from bot.nlu.examples import intents_of, label_of, labelled, to_tune_on
from bot.nlu.splitter import PIECES
from bot.settings import ROOT

PIECE_VECTORS, PIECE_SCORES, CONTEXT_SCORES = "piece_vectors", "piece_scores", "context_scores"
SCORED_INTENTS = "scored_intents"
MODEL_FILE, TOKENIZER_FILE, INTENTS_FILE = "encoder.onnx", "tokenizer.json", "intents.json"
CHECKPOINT = ROOT / "models" / ".tuning" / "state.npz"


class NothingToLearnError(ValueError):
    """There are too few labelled examples to tune on."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(GraphComponent):
    """Encodes texts with MiniLM, tuned to the training examples, and scores the intents.

    The tuned encoder and its head are kept in the model archive as int8 ONNX (24 MB). Every message
    gets the sentence feature of its whole [1, 384], and of each piece `piece_vectors` [pieces, 384]
    and `piece_scores` [pieces, intents], unscaled logits of the intents in `scored_intents`; one
    that is also read in context gets `context_scores` [1, intents].
    Config: the fields of `TuningSettings` (`frozen: 6` leaves the encoder as packaged and learns
    only the head), and `all_examples`: whether every training example gets features, for another
    classifier in the pipeline, or only those held out to calibrate on.
    """

    def __init__(
        self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource
    ) -> None:
        self._all = bool(config["all_examples"])
        self._settings = _tuning(config)
        self._name = name
        self._storage = storage
        self._resource = resource
        self._encoder: Encoder
        self._intents: list[str] = []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration used where config.yml is silent."""
        return {**asdict(TuningSettings()), "all_examples": False}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            ValueError: a setting of the tuning is out of range.
        """
        _tuning({**SentenceFeaturizer.get_default_config(), **config})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Create a component that is to be trained.

        Raises:
            ValueError: the configuration is not valid.
        """
        cls.validate_config(config)
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceFeaturizer:
        """Load the encoder from the model archive."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._encoder = Encoder(
                (folder / MODEL_FILE).read_bytes(),
                (folder / TOKENIZER_FILE).read_text(encoding="utf-8"),
            )
            names = (folder / INTENTS_FILE).read_text(encoding="utf-8")
            component._intents = json.loads(names)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Tune encoder and head on the examples that are not held out, and store them.

        Raises:
            NothingToLearnError: fewer than two intents have examples to learn from.
            WeightsError: the packaged weights are missing or changed.
        """
        # Only training needs TensorFlow and the graph builder.
        from bot.nlu.encoder.graph import build, quantise
        from bot.nlu.encoder.tuning import Tuner

        found = labelled(training_data.intent_examples)
        self._intents = intents_of(found)
        learnt = [example for example in found if not example.held_out]
        if len({example.intents[0] for example in learnt}) < 2:
            raise NothingToLearnError("The encoder needs examples of at least two intents.")
        examples = to_tune_on(learnt, self._intents)
        tokenizer = tokenizer_json()
        tuner = Tuner(load_weights(), tokenizer, examples, self._settings, CHECKPOINT)
        model = quantise(build(tuner.run()))
        with self._storage.write_to(self._resource) as folder:
            (folder / MODEL_FILE).write_bytes(model)
            (folder / TOKENIZER_FILE).write_text(tokenizer, encoding="utf-8")
            (folder / INTENTS_FILE).write_text(json.dumps(self._intents), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to training examples in place: to those held out, or to all."""
        for message in training_data.training_examples:
            example = label_of(message)
            if example and (self._all or example.held_out):
                self._encode(message, [example.text, *example.fragments])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features, `piece_vectors`, `piece_scores` and `scored_intents` in place."""
        for message in messages:
            self._encode(message, message.get(PIECES) or [])
            if message.get(IN_CONTEXT):
                message.set(CONTEXT_SCORES, self._encoder.read([message.get(IN_CONTEXT)])[1])
        return messages

    def _encode(self, message: Message, pieces: list[str]) -> None:
        vectors, scores = self._encoder.read(pieces)
        message.set(PIECE_VECTORS, vectors)
        message.set(PIECE_SCORES, scores)
        message.set(SCORED_INTENTS, self._intents)
        if len(vectors):
            self._add_feature(message, vectors[:1])

    def _add_feature(self, message: Message, vector: Array) -> None:
        message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._name))


def _tuning(config: dict[str, Any]) -> TuningSettings:
    return TuningSettings(**{name: config[name] for name in asdict(TuningSettings())})
