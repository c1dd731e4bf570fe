"""Stretches of a text to be redacted, and how they are replaced."""

import re
from collections.abc import Iterable
from typing import NamedTuple

EMAIL, LINK, PHONE, NAME, PLACE = "[email]", "[link]", "[phone]", "[name]", "[place]"
# Where two findings overlap, the earlier of these labels wins.
_ORDER = (EMAIL, LINK, PHONE, NAME, PLACE)
_REPEATED = re.compile(r"(\[(?:name|place)\])(?:[\s,.]*\1)+")


class Span(NamedTuple):
    """One finding: from where to where, and what it is."""

    start: int
    end: int
    label: str


def replace(text: str, spans: Iterable[Span]) -> str:
    """Return text with every span replaced by its label; overlapping ones become one."""
    pieces, done = [], 0
    for start, end, label in _merged(spans):
        pieces += [text[done:start], label]
        done = end
    return _REPEATED.sub(r"\1", "".join(pieces) + text[done:])


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            label = min(last.label, span.label, key=_ORDER.index)
            span = Span(last.start, max(last.end, span.end), label)
        merged.append(span)
    return merged
