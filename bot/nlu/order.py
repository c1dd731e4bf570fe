"""The order of several questions: as they were asked, not as sure as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.reply.outcomes import Part

# Share of a question in the piece that asks it; below, no piece tells where it stands.
_ASKED = 0.2


def as_asked(
    parts: Iterable[Part],
    pieces: Sequence[Sequence[Mapping[str, Any]]],
    symptoms: Sequence[str],
) -> list[Part]:
    """Return the parts, each once, its answers in the order of the message; the rest behind them.

    Args:
        parts: what a message asks.
        pieces: a ranking of intents for each piece of it, in its order.
        symptoms: the topics that it joins in a list, in its order.
    """
    once = list(dict.fromkeys(parts))
    answers = [part for part in once if part.outcome == "answer"]
    rest = [part for part in once if part.outcome != "answer"]
    return [*sorted(answers, key=lambda part: _place(part, pieces, symptoms)), *rest]


def _place(
    part: Part, pieces: Sequence[Sequence[Mapping[str, Any]]], symptoms: Sequence[str]
) -> tuple[int, int]:
    """Return the piece that asks the question most, and the place in the list."""
    shares = [_share(f"ask_{part.topic}", piece) for piece in pieces]
    most = max(shares, default=0.0)
    piece = shares.index(most) if most >= _ASKED else len(pieces)
    return piece, symptoms.index(part.topic) if part.topic in symptoms else len(symptoms)


def _share(intent: str, piece: Sequence[Mapping[str, Any]]) -> float:
    return next((float(row["confidence"]) for row in piece if row["name"] == intent), 0.0)
