"""Cuts a text that is too long for one message, where a reader would pause."""

from __future__ import annotations

import bisect
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.channels.telegram.markdown import Span, Styled

# Where a cut is best: after a paragraph, else a line, a sentence, a word.
_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?=\n[^\S\n]*\n)",
        r"(?=\n)",
        r"[.!?…][\"')\]”’]*(?=\s)|[。！？][”’」』）]*",
        r"(?=[^\S\u00a0\u202f])",
    )
)
_NON_JOINER, _JOINER = "\u200c", "\u200d"
PHONE = "phone_number"


def units_before(text: str) -> list[int]:
    """Return of each place in a text, its end included, how many UTF-16 units stand before it."""
    widths = (2 if ord(char) > 0xFFFF else 1 for char in text)
    return list(itertools.accumulate(widths, initial=0))


def pieces(whole: Styled, limit: int, most_spans: int) -> Iterator[Styled]:
    """Yield a text in pieces that can be sent; all that is left out are blanks at their ends.

    A span over a cut goes on in the next piece; a phone number is not cut.

    Args:
        whole: the text.
        limit: UTF-16 units that a piece may have, at least 2.
        most_spans: spans that a piece may have.
    """
    units, at = units_before(whole.text), 0
    while at < len(whole.text):
        if whole.text[at].isspace():
            at += 1
            continue
        reach = bisect.bisect_right(units, units[at] + limit) - 1
        end = min(reach, max(at + 1, _crowded(whole, at, most_spans)))
        if end < len(whole.text):
            end = _cut(whole, at, end)
        piece = _part(whole, at, end)
        if _can_be_seen(piece.text):
            yield piece
        at = end


def _crowded(whole: Styled, at: int, most: int) -> int:
    """Return where the first span begins that a piece from here cannot hold any more."""
    begins = sorted(span.start for span in whole.spans if span.end > at)
    return begins[most] if len(begins) > most else len(whole.text)


def _cut(whole: Styled, at: int, end: int) -> int:
    """Return the best place after `at`, up to `end`, at which to cut."""
    for pause in _PAUSES:
        ends = (match.end() for match in pause.finditer(whole.text, at + 1))
        found = [
            place
            for place in itertools.takewhile(lambda place: place <= end, ends)
            if not _in_phone(whole.spans, place)
        ]
        if found:
            return found[-1]
    places = (
        place
        for place in range(end, at, -1)
        if not _in_phone(whole.spans, place) and not belong_together(whole.text, place)
    )
    return next(places, end)


def _in_phone(spans: Sequence[Span], place: int) -> bool:
    return any(span.kind == PHONE and span.start < place < span.end for span in spans)


def _part(whole: Styled, start: int, end: int) -> Styled:
    text = whole.text[start:end].rstrip()
    end = start + len(text)
    cut = (
        Span(max(span.start, start), min(span.end, end), span.kind, span.url)
        for span in whole.spans
    )
    return Styled(text, tuple(span.moved(-start) for span in cut if span.start < span.end))


def _can_be_seen(text: str) -> bool:
    # Telegram refuses a message of nothing but separators, control and format characters.
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


def belong_together(text: str, place: int) -> bool:
    """Tell whether the characters before and after a place are shown as one."""
    before, after = text[place - 1], text[place]
    if after in (_NON_JOINER, _JOINER) or unicodedata.category(after)[0] == "M":
        return True
    if before == _JOINER or _is_modifier(after) or before + after == "\r\n":
        return True
    if _is_flag_letter(before) and _is_flag_letter(after):
        run = itertools.takewhile(_is_flag_letter, reversed(text[:place]))
        return sum(1 for _ in run) % 2 == 1
    jamo = _is_jamo(before), _is_jamo(after)
    return any(jamo) and all((jamo[0] or _is_syllable(before), jamo[1] or _is_syllable(after)))


def _is_modifier(char: str) -> bool:
    """Tell whether it is the tone of an emoji's skin, or a letter of a flag's tag."""
    return "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_jamo(char: str) -> bool:
    """Tell whether it is a part of a Korean syllable."""
    return "\u1100" <= char <= "\u11ff"


def _is_syllable(char: str) -> bool:
    return "가" <= char <= "힣"
