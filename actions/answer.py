"""Educational answers, and "tell me more"."""

from __future__ import annotations

from actions.base import ReplyAction, Slots
from actions.clarify import ActionClarify
from actions.services import Services
from actions.turn import Turn
from bot.reply.contract import Reply
from bot.reply.outcomes import Part, part_of


class ActionAnswer(ReplyAction):
    """Answers every educational question of the message."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Compose the curated answers, with disclaimers, sources and next questions."""
        try:
            parts = turn.parts or (part_of(turn.intent),)
        except ValueError:
            # A call without a message, or of an intent that is gone, asks for nothing we know.
            return ActionClarify().respond(turn, use)
        return use.composer.answer(parts, turn.view), {}


class ActionAnswerMore(ReplyAction):
    """Goes deeper into the latest topic, and on to the next one after that."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_answer_more"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Compose the topic's deeper text, the next topic, or a question which topic it is."""
        topic = turn.slots.get("last_topic")
        if not topic:
            return use.composer.ask("nothing_to_explain", (), turn.view), {}
        deepened = turn.listed("topics_deepened")
        if topic not in deepened:
            reply = use.composer.answer([Part("answer", topic)], turn.view, deeper=True)
            return reply, {"topics_deepened": [*deepened, topic]}
        following = use.composer.next_topic(topic, turn.listed("topics_seen"))
        if following is None:
            return use.composer.ask("more_exhausted", (), turn.view), {}
        return use.composer.answer([Part("answer", following)], turn.view), {}
