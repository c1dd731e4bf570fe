"""Graph component that finds the pieces of a message which may ask different things."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import text as texts

PIECES = "pieces"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MessageSplitter(GraphComponent):
    """Sets `pieces` on each message: the cleaned whole first, then its parts if there are several.

    A message without a word gets no piece at all. A payload in front of words is left out: it is
    a program's, and must not colour how the words are read.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageSplitter:
        """Create the component; it has no configuration."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training examples whole: each has one label."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the pieces to the messages in place and return them."""
        for message in messages:
            whole = texts.clean(texts.without_payload(message.get(TEXT)))
            found = [whole, *texts.fragments(whole)] if texts.has_words(whole) else []
            message.set(PIECES, found)
        return messages
