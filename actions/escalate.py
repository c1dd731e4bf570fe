"""What the bot does not answer: it refers, records and gives a reference."""

from __future__ import annotations

from actions.base import ReplyAction, Slots
from actions.services import Services
from actions.turn import Turn
from bot.reply.contract import Reply
from bot.reply.outcomes import REFERRED, REJECTED, Part

STREAK_BEFORE_OFFER = 3


def record(turn: Turn, outcome: str, use: Services) -> str:
    """Open the turn's escalation, or find the one it has; return its reference."""
    return use.records.open_escalation(
        outcome=outcome,
        channel=turn.channel,
        conversation=use.conversation(turn.sender),
        message_key=turn.message_key,
        text=turn.text,
    )


class ActionEscalate(ReplyAction):
    """Refers dosing, obtaining and personal advice to professionals, and `human` to a person."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_escalate"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Record the escalation and compose the referral; a "yes" to the offer means a person."""
        outcome = turn.intent if turn.intent in REFERRED else "human"
        parts = turn.parts if turn.parts and turn.parts[0].outcome == outcome else ()
        reference = record(turn, outcome, use)
        return use.composer.refer(outcome, parts or (Part(outcome),), reference, turn.view), {}


class ActionNotCovered(ReplyAction):
    """Turns away what the source does not cover; the third time in a row it offers a person."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_not_covered"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Record the escalation and say who could answer, and what the bot can."""
        outcome = turn.intent if turn.intent in REJECTED else "off_topic"
        streak = float(turn.slots.get("uncovered_streak") or 0) + 1
        offer = streak >= STREAK_BEFORE_OFFER
        reference = record(turn, outcome, use)
        reply = use.composer.turn_away(Part(outcome), reference, turn.view, offer)
        return reply, {"offer": "human" if offer else None}
