"""Graph component: sentence embeddings as dense features."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import text as texts
from bot.nlu.encoder import Array, Encoder, load_weights, tokenizer_json
from bot.nlu.splitter import PIECES

PIECE_VECTORS = "piece_vectors"
MODEL_FILE, TOKENIZER_FILE = "encoder.onnx", "tokenizer.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(GraphComponent):
    """Encodes texts with MiniLM and keeps the encoder in the model archive (int8 ONNX, 23 MB).

    Training examples get a sentence feature [1, 384]; at run time every piece gets its vector,
    in `piece_vectors` [pieces, 384].
    """

    def __init__(self, encoder: Encoder, name: str, resource: Resource) -> None:
        self._encoder = encoder
        self._name = name
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Build the encoder from the packaged weights and store it with the model.

        Raises:
            WeightsError: the weights are missing or changed.
        """
        # Only training needs the graph builder and its `onnx` package.
        from bot.nlu.encoder.graph import build, quantise

        model, tokenizer = quantise(build(load_weights())), tokenizer_json()
        with model_storage.write_to(resource) as folder:
            (folder / MODEL_FILE).write_bytes(model)
            (folder / TOKENIZER_FILE).write_text(tokenizer, encoding="utf-8")
        return cls(Encoder(model, tokenizer), execution_context.node_name, resource)

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
        with model_storage.read_from(resource) as folder:
            model = (folder / MODEL_FILE).read_bytes()
            tokenizer = (folder / TOKENIZER_FILE).read_text(encoding="utf-8")
        return cls(Encoder(model, tokenizer), execution_context.node_name, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learnt yet: the encoder stays as packaged."""
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the sentence feature to every training example in place."""
        for example in training_data.training_examples:
            if example.get(TEXT):
                self._add_feature(example, self._encoder.encode([texts.clean(example.get(TEXT))]))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add `piece_vectors` and the sentence feature of the whole to messages in place."""
        for message in messages:
            vectors = self._encoder.encode(message.get(PIECES) or [])
            message.set(PIECE_VECTORS, vectors)
            if len(vectors):
                self._add_feature(message, vectors[:1])
        return messages

    def _add_feature(self, message: Message, vector: Array) -> None:
        message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._name))
