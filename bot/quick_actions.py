"""Custom actions whose results are checked by a validator that is built once.

Rasa builds the validator of action results anew for each result, and checks its schema each time.
The check is the same here; only the building is left out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import Action, RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.trackers import DialogueStateTracker

from bot import metrics


class QuickAction(RemoteAction):
    """A custom action that checks its result in a millisecond."""

    def _validate_action_result(self, result: dict[str, Any]) -> bool:
        _validator().validate(result)
        return True


class QuickProcessor(MessageProcessor):
    """Rasa's processor with quick actions, whose stages are timed."""

    @classmethod
    def of(cls, processor: MessageProcessor) -> QuickProcessor:
        """Return one that goes on with the model and stores of a processor: loaded once."""
        made = cls.__new__(cls)
        made.__dict__.update(processor.__dict__)
        return made

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Handle a message, whose conversation is locked by now; see Rasa's."""
        metrics.lock_held()
        messages: list[dict[str, Any]] | None = await super().handle_message(message)
        return messages

    @metrics.timed("understanding")
    async def parse_message(
        self,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        """Understand a message; see Rasa's."""
        args = (message, tracker, only_output_properties)
        parsed: dict[str, Any] = await super().parse_message(*args)
        return parsed

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """Return the next action and the prediction; see Rasa's."""
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        return _quick(action), prediction

    def _get_action(self, action_name: str) -> Action:
        return _quick(super()._get_action(action_name))


def _quick(action: Action) -> Action:
    if type(action) is RemoteAction:
        return QuickAction(action.name(), action.action_endpoint)
    return action


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
