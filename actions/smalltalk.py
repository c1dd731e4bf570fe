"""Greetings, thanks, and questions about the bot itself."""

from __future__ import annotations

from actions.base import ReplyAction, Slots
from actions.clarify import ActionClarify
from actions.services import Services
from actions.turn import Turn
from bot.reply.contract import Reply
from bot.reply.outcomes import SMALLTALK_TOPICS, Part


class ActionSmalltalk(ReplyAction):
    """Says the message of the smalltalk topic."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_smalltalk"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Compose the message; ask, if the intent is none of smalltalk's."""
        if turn.intent not in SMALLTALK_TOPICS:
            return ActionClarify().respond(turn, use)
        days = str(use.settings.retention_days)
        part = Part("smalltalk", turn.intent)
        return use.composer.say(turn.intent, part, turn.view, days=days), {}
