"""Graph component: words and letters score the intents too, beside the encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.context import IN_CONTEXT
from bot.nlu.examples import intents_of, label_of, labelled, to_tune_on
from bot.nlu.ngrams import NgramModel, fit
from bot.nlu.noise import noisy
from bot.nlu.splitter import PIECES

PIECE_NGRAM_SCORES, CONTEXT_NGRAM_SCORES = "piece_ngram_scores", "context_ngram_scores"
MODEL_FILE = "ngrams.npz"
_SEED = 0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramScorer(GraphComponent):
    """Sets `piece_ngram_scores` [pieces, intents] on each message, from its words and letters.

    One that is also read in context gets `context_ngram_scores` [1, intents]. The intents are in
    alphabetical order, as the encoder's are. It learns from what the encoder learns from, but for
    the pieces of safe messages, and from each text once more with typing errors. No configuration.
    """

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        self._storage = storage
        self._resource = resource
        self._model: NgramModel

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramScorer:
        """Create a component that is to be trained."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramScorer:
        """Load the model from the archive."""
        component = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = NgramModel.from_bytes((folder / MODEL_FILE).read_bytes())
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on the examples that are not held out, and store it."""
        found = labelled(training_data.intent_examples)
        intents = intents_of(found)
        examples = to_tune_on([example for example in found if not example.held_out], intents)
        whole = ~examples.partial
        texts = [text for text, kept in zip(examples.texts, whole, strict=True) if kept]
        targets = examples.targets[whole]
        rng = np.random.default_rng(_SEED)
        mistyped = [noisy(text, rng) for text in texts]
        model = fit([*texts, *mistyped], np.concatenate([targets, targets]))
        with self._storage.write_to(self._resource) as folder:
            (folder / MODEL_FILE).write_bytes(model.to_bytes())
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Score the training examples that are held out to calibrate on, in place."""
        for message in training_data.training_examples:
            example = label_of(message)
            if example and example.held_out:
                read = self._model.read([example.text, *example.fragments])
                message.set(PIECE_NGRAM_SCORES, read)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Score the messages in place and return them."""
        for message in messages:
            message.set(PIECE_NGRAM_SCORES, self._model.read(message.get(PIECES) or []))
            if message.get(IN_CONTEXT):
                message.set(CONTEXT_NGRAM_SCORES, self._model.read([message.get(IN_CONTEXT)]))
        return messages
