"""Faults in what helps: contacts, referrals, and the messages for danger."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from benchmarks.mutation.content import (
    CONTACT_CHECKS,
    MESSAGE_CHECKS,
    ContentChange,
    Place,
    entries,
    mutant,
    swap,
)
from benchmarks.mutation.mutant import Mutant, Operator, diff

URGENT = ("crisis", "emergency", "unavailable")
_ABOUT = ("outcome:crisis", "outcome:emergency", "outcome:dosing")


def _phones() -> Iterator[Mutant]:
    for place in entries("contacts"):
        number = place.data["phone"]
        if number is None:
            continue
        yield _phone(place, "last digit dropped", number[:-1])
        for at, (one, other) in enumerate(itertools.pairwise(number)):
            if one != other:
                wrong = f"{number[:at]}{other}{one}{number[at + 2 :]}"
                yield _phone(place, f"digits {at + 1} and {at + 2} swapped", wrong)
                break
        yield _phone(place, "last digit changed", number[:-1] + str((int(number[-1]) + 1) % 10))


def _phone(place: Place, note: str, wrong: str) -> Mutant:
    """Return the mutant with a wrong number where it is dialled, and the same where it is read."""
    text = _with_digits(place.data["text"], wrong)
    shown = f"{place.shown('phone', wrong)}\n{place.shown('text', text)}"
    change = ContentChange((place.edit("phone", wrong), place.edit("text", text)))
    return Mutant(f"{place.id} {note}", shown, change, _ABOUT, CONTACT_CHECKS)


def _with_digits(text: str, digits: str) -> str:
    """Return the text with these digits in place of its own, its spaces and dashes kept."""
    left = list(digits)
    return re.sub(r"\d", lambda _: left.pop(0) if left else "", text)


def _texts_only() -> Iterator[Mutant]:
    for place in entries("contacts"):
        number = place.data["phone"]
        if number is not None:
            wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
            value = _with_digits(place.data["text"], wrong)
            yield mutant(place, "text", value, "", CONTACT_CHECKS)


def _contacts() -> Iterator[Mutant]:
    for place in entries("contacts"):
        shown = diff(place.file, place.data, None)
        change = ContentChange((place.drop(),))
        yield Mutant(place.id, shown, change, _ABOUT, CONTACT_CHECKS)


def _regions() -> Iterator[Mutant]:
    for place in entries("contacts"):
        regions = place.data["regions"]
        for region in regions if len(regions) > 1 else ():
            left = [other for other in regions if other != region]
            yield mutant(place, "regions", left, f"- {region}", CONTACT_CHECKS)


def _messages() -> dict[str, Place]:
    return {place.id: place for place in entries("messages")}


def _urgent_texts() -> Iterator[Mutant]:
    found = _messages()
    for one, other in itertools.combinations(URGENT, 2):
        yield swap(found[one], found[other], "text", MESSAGE_CHECKS)


def _messages_swapped() -> Iterator[Mutant]:
    """Swap each text with the next that takes the same placeholders."""
    places = list(_messages().values())
    for number, place in enumerate(places):
        for other in places[number + 1 :]:
            if _slots(other) == _slots(place):
                yield swap(place, other, "text", MESSAGE_CHECKS)
                break


def _slots(place: Place) -> set[str]:
    return set(re.findall(r"\{\w+\}", place.data["text"]))


def _kinds() -> Iterator[Mutant]:
    yield from _members_dropped("contacts")


def _referrals() -> Iterator[Mutant]:
    yield from _members_dropped("referrals")


def _members_dropped(field: str) -> Iterator[Mutant]:
    for place in _messages().values():
        listed = place.data.get(field) or []
        for name in listed:
            left = [other for other in listed if other != name]
            yield mutant(place, field, left, f"- {name}", MESSAGE_CHECKS)


OPERATORS = (
    Operator("phone number broken", "A number is wrong, dialled and as text alike.", _phones),
    Operator("phone text broken", "A number as people read it is wrong.", _texts_only),
    Operator("contact dropped", "A service is taken out of its file.", _contacts),
    Operator("region dropped", "A service no longer counts for one of its regions.", _regions),
    Operator("contact kind dropped", "A message shows one kind of service less.", _kinds),
    Operator("referral dropped", "A message refers to one professional less.", _referrals),
    Operator("urgent texts swapped", "Crisis, emergency, unavailable: two change places.",
             _urgent_texts),
    Operator("messages swapped", "Two other messages have each other's text.", _messages_swapped),
)  # fmt: skip
