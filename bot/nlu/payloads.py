"""Graph component that decides which button payloads a client may send.

Rasa's own handler turns any `/intent{…}` text into that intent, whoever typed it, and drops what
follows. Here a payload counts only if it is exactly one of the allowed names; of anything else the
pipeline reads the words behind the payload, and the screen the whole text.
"""

from __future__ import annotations

import re

import pluggy
from rasa.engine.graph import SchemaNode
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.decision import DECISION
from bot.reply.outcomes import (
    ANSWER_TOPICS,
    FORGET_INTENT,
    MORE_INTENT,
    SMALLTALK_TOPICS,
    part_of,
)

hookimpl = pluggy.HookimplMarker("rasa")

_PAYLOAD = re.compile(r"/([a-z_]+)")
_ALIASES = {"start": "greet", "help": "capabilities"}
_CONTROL = frozenset({"session_start", MORE_INTENT})
ALLOWED = frozenset(
    {f"ask_{topic}" for topic in ANSWER_TOPICS}
    | set(SMALLTALK_TOPICS)
    | {FORGET_INTENT, "human", "crisis", "emergency"}
    | _CONTROL
)


class AllowedPayloads(RegexMessageHandler):
    """Takes an allowed payload as its intent, and leaves every other text to the pipeline."""

    def process(self, messages: list[Message], domain: Domain | None = None) -> list[Message]:
        """Replace the decision on messages that are exactly one allowed payload, in place."""
        for message in messages:
            found = _PAYLOAD.fullmatch((message.get(TEXT) or "").strip())
            intent = _ALIASES.get(found[1], found[1]) if found else None
            if intent in ALLOWED:
                self._accept(message, str(intent))
        return messages

    @staticmethod
    def _accept(message: Message, intent: str) -> None:
        ranking = [{"name": intent, "confidence": 1.0}]
        parts = [] if intent in _CONTROL else [part_of(intent).as_dict()]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set(DECISION, {"parts": parts}, add_to_output=True)


@hookimpl
def modify_default_recipe_graph_predict_nodes(predict_nodes: dict[str, SchemaNode]) -> None:
    """Rasa plugin hook: put `AllowedPayloads` where the recipe puts its own handler."""
    for node in predict_nodes.values():
        if node.uses is RegexMessageHandler:
            node.uses = AllowedPayloads
