"""Faults in the answers: texts, disclaimers, claims, buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.mutation.content import (
    ANSWER_CHECKS,
    MESSAGE_CHECKS,
    ContentChange,
    Place,
    answers,
    entries,
    mutant,
    swap,
)
from benchmarks.mutation.mutant import Mutant, Operator, diff

Checks = tuple[str, ...]


def _cycle(places: Sequence[Place], field: str, checks: Checks) -> Iterator[Mutant]:
    """Swap a field of each entry with that of the next one, the last with the first."""
    for one, other in zip(places, [*places[1:], *places[:1]], strict=True):
        yield swap(one, other, field, checks)


def _texts() -> Iterator[Mutant]:
    for field in ("text", "more"):
        yield from _cycle(answers(), field, ANSWER_CHECKS)


def _depths() -> Iterator[Mutant]:
    for place in answers():
        text, more = place.data["text"], place.data["more"]
        shown = "\n".join([place.shown("text", more), place.shown("more", text)])
        change = ContentChange((place.edit("text", more), place.edit("more", text)))
        yield Mutant(f"{place.id}.text <-> more", shown, change, place.about, ANSWER_CHECKS)


def _questions() -> Iterator[Mutant]:
    return _cycle(answers(), "question", ANSWER_CHECKS)


def _without(place: Place, field: str, checks: Checks) -> Iterator[Mutant]:
    """Drop each member of a list."""
    listed = place.data.get(field) or []
    for number, name in enumerate(listed):
        left = [*listed[:number], *listed[number + 1 :]]
        yield mutant(place, field, left, f"- {name}", checks)


def _with_next(place: Place, field: str, names: Sequence[str], checks: Checks) -> Iterator[Mutant]:
    """Put another name in the place of each member of a list: the next that it does not hold."""
    listed = place.data.get(field) or []
    for number, name in enumerate(listed):
        at = names.index(name) if name in names else 0
        later = [*names[at + 1 :], *names[:at]]
        other = next(one for one in later if one not in listed and one != place.id)
        value = [*listed[:number], other, *listed[number + 1 :]]
        yield mutant(place, field, value, f"{name} -> {other}", checks)


def _disclaimers() -> Iterator[Mutant]:
    for place in answers():
        yield from _without(place, "disclaimers", ANSWER_CHECKS)


def _claims_dropped() -> Iterator[Mutant]:
    for place in answers():
        yield from _without(place, "claims", ANSWER_CHECKS)


def _claims_swapped() -> Iterator[Mutant]:
    names = [place.id for place in entries("claims")]
    for place in answers():
        yield from _with_next(place, "claims", names, ANSWER_CHECKS)


def _buttons() -> Iterable[tuple[Place, Checks]]:
    yield from ((place, ANSWER_CHECKS) for place in answers())
    yield from ((place, MESSAGE_CHECKS) for place in entries("messages"))


def _buttons_dropped() -> Iterator[Mutant]:
    for place, checks in _buttons():
        yield from _without(place, "suggestions", checks)


def _buttons_retargeted() -> Iterator[Mutant]:
    topics = [place.id for place in answers()]
    for place, checks in _buttons():
        yield from _with_next(place, "suggestions", topics, checks)


def _shared_dropped() -> Iterator[Mutant]:
    for place in entries("disclaimers"):
        change = ContentChange((place.drop(),))
        shown = diff(place.file, place.data, None)
        yield Mutant(place.id, shown, change, ("outcome:answer",), ANSWER_CHECKS)


def _shared_swapped() -> Iterator[Mutant]:
    places = list(entries("disclaimers"))
    for field in ("full", "short"):
        yield from _cycle(places, field, ANSWER_CHECKS)


OPERATORS = (
    Operator("answer texts swapped", "Two topics have each other's text, or deeper text.", _texts),
    Operator("depths swapped", "A topic's text and its deeper text change places.", _depths),
    Operator("questions swapped", "Two topics have each other's button wording.", _questions),
    Operator("disclaimer off an answer", "An answer names one disclaimer less.", _disclaimers),
    Operator("disclaimer gone", "A shared disclaimer is taken out of its file.", _shared_dropped),
    Operator("disclaimers swapped", "Two disclaimers have each other's wording.", _shared_swapped),
    Operator("claim dropped", "An answer no longer names a claim it makes.", _claims_dropped),
    Operator("claim swapped", "An answer names a claim that it does not make.", _claims_swapped),
    Operator("button dropped", "An answer or message offers one button less.", _buttons_dropped),
    Operator("button retargeted", "A button leads to another topic.", _buttons_retargeted),
)
