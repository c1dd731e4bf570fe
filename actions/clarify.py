"""Asking instead of guessing."""

from __future__ import annotations

from actions.base import ReplyAction, Slots
from actions.services import Services
from actions.turn import Turn
from bot.reply.contract import Reply

_EMPTY, _NO_WORDS, _TOO_LONG = "clarify_empty", "clarify_no_words", "clarify_too_long"


class ActionClarify(ReplyAction):
    """Offers the likely readings as buttons, or says what was wrong with the message."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_clarify"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Compose the question."""
        reason = turn.decision.get("reason")
        if reason == "too_long":
            limit = str(use.settings.max_message_chars)
            return use.composer.ask(_TOO_LONG, (), turn.view, limit=limit), {}
        if reason == "no_words":
            message = _NO_WORDS if turn.text.strip() else _EMPTY
            return use.composer.ask(message, (), turn.view), {}
        readings = turn.decision.get("readings") or ()
        return use.composer.ask("clarify", readings, turn.view), {}
