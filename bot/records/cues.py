"""Finding names of persons and places by the words around them.

This is for what the language model misses, lower-case typing above all ("my name is sarah
and i live in leeds"), and it is all there is when the model cannot be loaded.
"""

import re
from collections.abc import Iterator

from .spans import NAME, PLACE, Span
from .vocabulary import first_names, is_nearly_ordinary, is_ordinary, may_be_a_name, word_set

_WORD = re.compile(r"[^\W\d_][\w'’-]*\.?")
_LETTERS = re.compile(r"[^\W\d_]+")
_SURNAME = re.compile(r"[ \t]([^\W\d_]{3,})\b")
_GAP = re.compile(r"[ \t]+")
_APOSTROPHE = "['’]?"
_NAME_CUE = re.compile(
    rf"\b(?:name(?:\s+is|{_APOSTROPHE}s)|(?:am|is|was|{_APOSTROPHE}m|{_APOSTROPHE}s)\s+"
    r"(?:called|named)|(?:they|people|friends)\s+call\s+me|"
    r"this\s+is(?=\s+\w+\s+(?:from|here|speaking|calling)\b))\s+",
    re.IGNORECASE,
)
_TITLE_CUE = re.compile(r"\b(?:(?:mr|mrs|ms|miss|mx|dr|prof)\.?|doctor|nurse)\s+", re.IGNORECASE)
_PLACE_CUE = re.compile(
    rf"\b(?:(?:live|lives|lived|living|based|born|staying|resident)\s+(?:in|near|at|around)|"
    rf"(?:i\s+am|i{_APOSTROPHE}m|we{_APOSTROPHE}re|we\s+are|come|comes|moved)\s+(?:from|to)|near)"
    r"\s+(?:the\s+)?",
    re.IGNORECASE,
)
_PLACE_START = word_set(
    "new north south east west san santa st saint los las el la le port mount great upper lower"
)
_UK_POSTCODE = re.compile(
    r"\b[a-z]{1,2}\d[a-z\d]?\s?\d[abd-hjlnp-uw-z]{2}\b",
    re.IGNORECASE,
)
_US_ZIP = re.compile(r"\b[A-Z]{2}[ ]\d{5}(?:-\d{4})?\b")
_STREET = re.compile(
    r"\b\d{1,5}[a-z]?[ ]+((?:[^\W\d_][\w'’.-]*[ ]+){1,3})"
    r"(?:street|road|rd|avenue|ave|lane|drive|crescent|terrace|boulevard|blvd)\b",
    re.IGNORECASE,
)
_FACILITY = re.compile(
    r"\b((?:[A-Z][\w'’.-]*[ ]+){1,4})"
    r"(?:Hospital|Infirmary|Clinic|Surgery|Hospice|School|University|College|Park|House|"
    r"Street|Road|Avenue|Lane|Drive|Crescent|Terrace)\b"
)


def find_by_cue(text: str) -> Iterator[Span]:
    """Yield the names of persons and places that their surroundings give away."""
    yield from _first_names(text)
    for cue in _NAME_CUE.finditer(text):
        yield from _named(text, cue.end(), NAME, longest=3)
    for cue in _TITLE_CUE.finditer(text):
        yield from _titled(text, cue)
    for cue in _PLACE_CUE.finditer(text):
        yield from _located(text, cue.end())
    for pattern in (_UK_POSTCODE, _US_ZIP):
        yield from (Span(*found.span(), PLACE) for found in pattern.finditer(text))
    yield from _addresses(text)


def _first_names(text: str) -> Iterator[Span]:
    for word in _LETTERS.finditer(text):
        if word[0].casefold() not in first_names():
            continue
        surname = _SURNAME.match(text, word.end())
        known = surname is not None and not is_nearly_ordinary(surname[1])
        yield Span(word.start(), surname.end() if surname and known else word.end(), NAME)


def _named(text: str, start: int, label: str, longest: int) -> Iterator[Span]:
    """Yield the run of words from `start` on that may be a name; lower-case ones two at most,
    since nothing else tells where the name ends."""
    end, position, count = start, start, 0
    while count < longest:
        word = _WORD.match(text, position)
        if word is None or not may_be_a_name(word[0].rstrip(".")):
            break
        if count == 2 and word[0].islower():
            break
        end, count = position + len(word[0].rstrip(".")), count + 1
        gap = _GAP.match(text, word.end())
        if gap is None:
            break
        position = gap.end()
    if end > start:
        yield Span(start, end, label)


def _titled(text: str, cue: "re.Match[str]") -> Iterator[Span]:
    if cue[0].strip() == "MS":  # the illness
        return
    # "doctor" and "nurse" are followed by anything: there a capital must tell.
    spelt_out = cue[0].strip().casefold() in ("doctor", "nurse")
    if not spelt_out or text[cue.end() : cue.end() + 1].isupper():
        yield from _named(text, cue.end(), NAME, longest=2 if spelt_out else 1)


def _located(text: str, start: int) -> Iterator[Span]:
    first = _WORD.match(text, start)
    if first is None:
        return
    gap = _GAP.match(text, first.end())
    if first[0].rstrip(".").casefold() in _PLACE_START and gap is not None:
        for span in _named(text, gap.end(), PLACE, longest=2):
            yield span._replace(start=start)
    else:
        yield from _named(text, start, PLACE, longest=3)


def _addresses(text: str) -> Iterator[Span]:
    for found in _STREET.finditer(text):
        if not any(is_ordinary(word) for word in found[1].split()):
            yield Span(*found.span(), PLACE)
    for found in _FACILITY.finditer(text):
        for word in re.finditer(r"\S+", found[1]):
            if not is_ordinary(word[0]):
                yield Span(found.start() + word.start(), found.end(), PLACE)
                break
