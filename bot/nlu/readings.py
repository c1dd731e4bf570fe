"""What can be offered when the bot asks: the readings of a message that a button can stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.reply.outcomes import can_offer, outcome_of


def likely(calm: Sequence[Mapping[str, Any]], most: int) -> list[str]:
    """Return the likeliest intents that can be offered, `most` at most.

    Args:
        calm: `name` and `confidence` of each intent that is no safety outcome, the likeliest first.
        most: how many are offered.
    """
    return [row["name"] for row in calm if can_offer(row["name"])][:most]


def in_doubt(calm: Sequence[Mapping[str, Any]], near: float) -> list[str]:
    """Return the two likeliest intents if both are answers and the message may well mean either.

    Args:
        calm: as for `likely`.
        near: from this share of the likeliest's probability, the next is as good a reading.
    """
    names = [row["name"] for row in calm[:2] if row["confidence"] >= near * calm[0]["confidence"]]
    return names if [outcome_of(name) for name in names] == ["answer", "answer"] else []
