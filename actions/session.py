"""The start of a session: what is kept of the one before, and the greeting."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import dispatch
from actions.services import services
from actions.turn import Turn
from bot.reply.outcomes import Part

# A crisis is not over because an hour went by; all else starts afresh.
CARRIED_OVER = ("crisis_open",)


class ActionSessionStart(Action):
    """Starts a session; greets only if a client opened one without asking anything yet.

    Rasa also runs this before the first message of a conversation is handled. A greeting there
    would stand before the reply to that message, and before help in a crisis.
    """

    def name(self) -> str:
        """Name in the domain."""
        return "action_session_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Return the events of a new session."""
        turn = Turn.of(tracker)
        if turn.intent == "session_start" and not _answered(tracker.events):
            part = Part("smalltalk", "greet")
            dispatch(dispatcher, services().composer.say("greet", part, turn.view))
        kept = [SlotSet(name, turn.slots[name]) for name in CARRIED_OVER if turn.slots.get(name)]
        return [SessionStarted(), *kept, ActionExecuted("action_listen")]


def _answered(events: list[dict[str, Any]]) -> bool:
    """Tell whether the latest user message has been acted on already."""
    for event in reversed(events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action":
            return True
    return False
