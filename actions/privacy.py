""" "Forget me": deletes what is kept of a conversation."""

from __future__ import annotations

import logging

from actions.base import ReplyAction, Slots
from actions.services import Services
from actions.turn import Turn
from bot.records import RecordsError, new_erasure
from bot.reply.contract import Reply
from bot.reply.outcomes import Part

logger = logging.getLogger(__name__)


class ActionForget(ReplyAction):
    """Deletes feedback and excerpts now; the tracker store deletes the conversation after it."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_forget"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Begin the erasure and give its reference. The worker finishes what a crash leaves.

        While the database is down the tracker store keeps the wish until it can be fulfilled.
        """
        part = Part("smalltalk", "privacy")
        known_as = use.conversation(turn.sender)
        try:
            receipt = use.records.begin_erasure(conversation=known_as, sender=turn.sender)
        except RecordsError as error:
            logger.error("An erasure could not be begun (%s)", type(error).__name__)
            reference = new_erasure()
            said = use.composer.say("forget_waits", part, turn.view, reference=reference)
            return said, {"erasure": reference}
        reply = use.composer.say("forgotten", part, turn.view, reference=receipt.reference)
        return reply, {"erasure": receipt.reference}
