"""Graph component: a short message is also read together with what was said just before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import Event, Restarted, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import text as texts
from bot.nlu.splitter import PIECES
from bot.reply.outcomes import URGENT

IN_CONTEXT = "in_context"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ContextReader(GraphComponent):
    """Sets `in_context` on a short message: the person's last messages and this one, joined.

    "And headaches?" asks for a symptom after one question, for pain relief after another. The
    memory fades: only the last messages of the session count, as far back as one that stands on
    its own, and only for a while. Words of danger never colour a later message. Config: `words`
    (up to how many a message is read in context), `messages` (how many may come before it),
    `minutes` (how old the last of them may be).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._words: int = config["words"]
        self._messages: int = config["messages"]
        self._seconds: float = config["minutes"] * 60

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the configuration used where config.yml is silent."""
        return {"words": 10, "messages": 3, "minutes": 30}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            ValueError: a number is below 0.
        """
        if min({**ContextReader.get_default_config(), **config, "name": 0}.values(), default=0) < 0:
            raise ValueError("ContextReader: words, messages and minutes are 0 or more.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContextReader:
        """Create the component.

        Raises:
            ValueError: the configuration is not valid.
        """
        cls.validate_config(config)
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training examples as they are: they bring their context with them."""
        return training_data

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Add `in_context` to the short messages in place and return them all."""
        before = self._before(tracker.events) if tracker else []
        for message in messages:
            pieces = message.get(PIECES) or []
            if before and pieces and len(pieces[0].split()) <= self._words:
                message.set(IN_CONTEXT, texts.in_context(before, pieces[0]))
        return messages

    def _before(self, events: Iterable[Event]) -> list[str]:
        """Return the last messages, the oldest first, back to one that stands on its own."""
        found: list[str] = []
        latest: float | None = None
        for event in reversed(list(events)):
            if isinstance(event, (SessionStarted, Restarted)) or len(found) >= self._messages:
                break
            if not isinstance(event, UserUttered):
                continue
            latest = latest or event.timestamp
            if event.intent_name in URGENT or latest - event.timestamp > self._seconds:
                break
            said = texts.clean(texts.without_payload(event.text))
            if said:
                found.insert(0, said)
            if len(said.split()) > texts.ELLIPTIC_WORDS:
                break
        return found
