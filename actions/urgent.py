"""Crisis and emergency: help first, and nothing else."""

from __future__ import annotations

import logging
from abc import abstractmethod

from actions.base import ReplyAction, Slots
from actions.escalate import record
from actions.services import Services
from actions.turn import Turn
from bot.reply.contract import Reply
from bot.reply.urgent import urgent_reply

logger = logging.getLogger(__name__)


class _ActionUrgent(ReplyAction):
    @property
    @abstractmethod
    def outcome(self) -> str:
        """Which of the urgent outcomes the action replies to."""

    def name(self) -> str:
        """Name in the domain."""
        return f"action_{self.outcome}"

    def respond(self, turn: Turn, use: Services) -> tuple[Reply, Slots]:
        """Compose the help lines; a record that fails must not hold them back."""
        reference = None
        try:
            reference = record(turn, self.outcome, use)
        except Exception as error:
            # Only its kind: an error's words may quote what the person wrote.
            logger.error("A %s was not recorded (%s)", self.outcome, type(error).__name__)
        return urgent_reply(use.content, self.outcome, use.settings.region, reference), {}


class ActionCrisis(_ActionUrgent):
    """Suicidal thoughts or self-harm, of the writer or somebody close."""

    outcome = "crisis"


class ActionEmergency(_ActionUrgent):
    """Acute physical danger."""

    outcome = "emergency"
