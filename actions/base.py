"""The shape all the actions share: a turn in, a reply and slot changes out."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.services import Services, services
from actions.turn import Turn
from bot import metrics
from bot.reply.contract import Reply, validate
from bot.reply.outcomes import REJECTED

Slots = Mapping[str, Any]


class ReplyAction(Action, ABC):
    """An action that sends exactly one reply. Subclasses say which, in `respond`."""

    @abstractmethod
    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Return the reply and the slots that this action changes beside the common ones."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send the reply and return the slot events."""
        turn = Turn.of(tracker)
        # Records block on the database; the server's loop must stay free for other turns.
        with metrics.action_run(self.name()):
            reply, slots = await asyncio.to_thread(self.respond, turn, services())
        dispatch(dispatcher, reply)
        return _changes(turn, {**_common(turn, reply), **slots})


def dispatch(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Send a reply's messages through the SDK's dispatcher.

    Raises:
        ContractError: the reply breaks the contract; the user then gets the safe reply.
    """
    validate(reply.payload())
    for message in reply.messages():
        if "custom" in message:
            dispatcher.utter_message(json_message=message["custom"])
        else:
            dispatcher.utter_message(text=message["text"], buttons=message.get("buttons"))


def _common(turn: Turn, reply: Reply) -> dict[str, Any]:
    """Return the slots that every reply keeps up to date."""
    topics = [part.topic for part in reply.parts if part.outcome == "answer" and part.topic]
    streak = float(turn.slots.get("uncovered_streak") or 0)
    return {
        "offer": None,
        "crisis_open": bool(turn.slots.get("crisis_open")) or reply.outcome == "crisis",
        "disclaimers_shown": _merged(turn.listed("disclaimers_shown"), reply.disclaimers),
        "topics_seen": _merged(turn.listed("topics_seen"), topics),
        "last_topic": topics[-1] if topics else turn.slots.get("last_topic"),
        "uncovered_streak": streak + 1 if reply.outcome in REJECTED else 0.0,
    }


def _merged(known: list[str], new: Any) -> list[str]:
    return list(dict.fromkeys([*known, *new]))


def _changes(turn: Turn, slots: Slots) -> list[EventType]:
    """Return events for the slots that differ, so that the tracker does not fill with repeats."""
    return [
        SlotSet(name, value)
        for name, value in slots.items()
        if (turn.slots.get(name) or None) != (value or None)
    ]
