"""Whether an answer helped, and what people say about it."""

from __future__ import annotations

import logging

from actions.base import ReplyAction, Slots
from actions.clarify import ActionClarify
from actions.services import Services
from actions.turn import Turn
from bot.records import UnknownFeedback
from bot.reply.contract import Reply
from bot.reply.outcomes import Part

logger = logging.getLogger(__name__)

NO_TOPIC = "none"


class ActionFeedback(ReplyAction):
    """Records praise or criticism of the latest answer, with the words if it was typed."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_feedback"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Record it and thank; criticism is invited to say more. What is neither is asked about."""
        if turn.intent not in ("feedback_good", "feedback_bad"):
            return ActionClarify().respond(turn, use)
        helpful = turn.intent == "feedback_good"
        use.records.add_feedback(
            conversation=use.conversation(turn.sender),
            topic=turn.slots.get("last_topic") or NO_TOPIC,
            helpful=helpful,
            comment=turn.text if turn.typed else None,
        )
        reply = use.composer.say(turn.intent, Part("smalltalk", turn.intent), turn.view)
        return reply, {"offer": None if helpful else "comment"}


class ActionFeedbackComment(ReplyAction):
    """Takes the words that follow criticism as its comment."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_feedback_comment"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Add the comment to the latest feedback of the conversation.

        A message without words, or too long to read, is no comment: the bot asks again.
        """
        if turn.decision.get("reason") in ("no_words", "too_long"):
            reply, _ = ActionClarify().respond(turn, use)
            return reply, {"offer": "comment"}
        try:
            if turn.typed:
                use.records.add_comment(use.conversation(turn.sender), turn.text)
        except UnknownFeedback:
            # Deleted meanwhile (retention, "forget me"): there is nothing left to comment on.
            logger.info("A comment came after its feedback was deleted")
        part = Part("smalltalk", "feedback_bad")
        return use.composer.say("feedback_comment_saved", part, turn.view), {}
