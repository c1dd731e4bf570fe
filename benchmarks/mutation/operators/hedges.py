"""Faults of strength: an answer says more than the source does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmarks.mutation.content import ANSWER_CHECKS, Place, answers, entries, mutant
from benchmarks.mutation.mutant import Mutant, Operator

# The longer ones first: "could possibly" is one hedge, not two.
STRONGER = (
    (r"could possibly", "can"),
    (r"[Ss]ome case reports hint", "Studies show"),
    (r"may not all respond", "all respond"),
    (r"may also include", "includes"),
    (r"may", "will"),
    (r"might", "will"),
    (r"could", "will"),
    (r"looks promising", "works"),
    (r"has shown promise", "has been a success"),
    (r"possible treatments", "treatments"),
    (r"not proven", "proven"),
    (r"is not (?:yet )?fully", "is fully"),
    (r"are (?:still )?needed to", "were made to"),
    (r"research is needed", "research was done"),
)
_HEDGE = re.compile("|".join(rf"\b({weak})\b" for weak, _ in STRONGER))
# A sentence that limits what was said: without it, the rest claims more.
_DOUBT = re.compile(
    r"research is needed|not (?:yet )?(?:fully|proven)|not proof|does not (?:say|list|make|call|"
    r"mention|depend)|no promises|gives no|studies are (?:still )?needed|may not all respond|"
    r"only says|not a (?:solution|review)|nobody can promise|early sign|leaves out",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.?!]+[.?!]\s*")
# In a question ("How might it help?") or about the person, these words are no hedge of a benefit.
_ABOUT_PEOPLE = re.compile(r"(?:[Yy]ou|I|[Ww]ho|person)\s$")


def _bodies() -> Iterator[tuple[Place, str]]:
    for place in answers():
        yield from ((place, field) for field in ("text", "more"))
    for place in entries("disclaimers"):
        yield from ((place, field) for field in ("full", "short"))


def _strengthened() -> Iterator[Mutant]:
    for place, field in _bodies():
        text = place.data[field]
        for number, found in enumerate(_hedges(text), start=1):
            stronger = STRONGER[(found.lastindex or 1) - 1][1]
            value = text[: found.start()] + stronger + text[found.end() :]
            note = f"{number}: {' '.join(found[0].split())} -> {stronger}"
            yield mutant(place, field, value, note, ANSWER_CHECKS)


def _hedges(text: str) -> list[re.Match[str]]:
    found = _HEDGE.finditer(re.sub(r"\s", " ", text))
    return [match for match in found if not _ABOUT_PEOPLE.search(text[: match.start()])]


def _doubts_deleted() -> Iterator[Mutant]:
    for place, field in _bodies():
        text = place.data[field]
        for number, found in enumerate(_SENTENCE.finditer(text), start=1):
            if not _DOUBT.search(" ".join(found[0].split())):
                continue
            value = (text[: found.start()] + text[found.end() :]).strip()
            if value:
                yield mutant(place, field, value, f"sentence {number}", ANSWER_CHECKS)


OPERATORS = (
    Operator("hedge strengthened", '"May" becomes "will", and the like.', _strengthened),
    Operator("doubt deleted", "A sentence that limits an answer is left out.", _doubts_deleted),
)
