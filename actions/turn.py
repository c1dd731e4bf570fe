"""What an action needs to know of a turn, read from Rasa's tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from bot.records import message_key
from bot.reply.compose import View
from bot.reply.outcomes import Part


@dataclass(frozen=True)
class Turn:
    """One user message and the conversation's state before it is answered."""

    sender: str
    channel: str
    message_key: str
    text: str
    intent: str
    parts: tuple[Part, ...]
    decision: Mapping[str, Any]
    slots: Mapping[str, Any]

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """Read the latest turn of a tracker."""
        latest = tracker.latest_message or {}
        decision = latest.get("decision") or {}
        said = [event for event in tracker.events if event.get("event") == "user"]
        message_id = said[-1].get("message_id") if said else None
        return cls(
            sender=tracker.sender_id,
            channel=tracker.get_latest_input_channel() or "unknown",
            message_key=message_key(tracker.sender_id, message_id, len(said)),
            text=latest.get("text") or "",
            intent=(latest.get("intent") or {}).get("name") or "",
            parts=tuple(Part(p["outcome"], p.get("topic")) for p in decision.get("parts", ())),
            decision=decision,
            slots=dict(tracker.slots),
        )

    @property
    def view(self) -> View:
        """What of the conversation shapes a reply."""
        shown = frozenset(self.listed("disclaimers_shown"))
        return View(shown, bool(self.slots.get("crisis_open")))

    @property
    def typed(self) -> bool:
        """Whether the message was written, not a button's payload."""
        return not self.text.lstrip().startswith("/")

    def listed(self, slot: str) -> list[str]:
        """Return a list slot's value."""
        return list(self.slots.get(slot) or ())
