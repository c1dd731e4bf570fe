"""Lays a reply out as Telegram messages: one bubble where it fits, formatted by entities."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.telegram.markdown import Span, Styled, read_line
from bot.channels.telegram.splitting import PHONE, pieces, units_before
from bot.content import Content

# What Telegram takes in one message: UTF-16 units of text, and entities.
LIMIT = 4096
MOST_ENTITIES = 100
_SECTIONS = "{sections}"
# What may stand between two digits of a number as people write it.
_GAP = r"[ \u00a0\u202f().\-\u2010\u2011\u2013]{0,2}"
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True)
class Bubble:
    """One message: its text, and the `entities` that the Bot API takes with it."""

    text: str
    entities: tuple[Mapping[str, Any], ...]


def footer_lines(content: Content) -> frozenset[str]:
    """Return the lines by which the foot of an answer is known, as `bubbles` takes them."""
    limits = content.disclaimers.values()
    known = (line for limit in limits for line in (limit.full, limit.short))
    return frozenset((*known, content.messages["source_line"].text))


def bubbles(body: Mapping[str, Any], disclaimers: Collection[str] = ()) -> list[Bubble]:
    """Return the messages that show a reply: all its texts in one, unless that is too long.

    Args:
        body: `messages` with `text`, and `custom`, the machine-readable message.
        disclaimers: lines to set in italics; `{sections}` stands for the reply's sections.
    """
    custom = body.get("custom") or {}
    small = _filled(disclaimers, custom)
    texts = (str(message.get("text") or "") for message in body["messages"])
    shown = [_styled(text, small) for text in texts if text.strip()]
    whole = _with_phones(_joined(shown, "\n\n"), _phones(custom))
    return [_bubble(piece) for piece in pieces(whole, LIMIT, MOST_ENTITIES)]


def plain(bubble: Bubble) -> Bubble:
    """Return the bubble without its formatting, for when Telegram refuses that."""
    return replace(bubble, entities=())


def _filled(disclaimers: Collection[str], custom: Mapping[str, Any]) -> frozenset[str]:
    sections = "; ".join(source["section"] for source in custom.get("sources", ()))
    lines = (line.replace(_SECTIONS, sections) for one in disclaimers for line in one.split("\n"))
    return frozenset(line for line in lines if line.strip())


def _styled(text: str, small: Collection[str]) -> Styled:
    lines = _LINE_END.sub("\n", text).split("\n")
    shown = (
        read_line(line).marked("italic") if line in small else read_line(line) for line in lines
    )
    return _joined(shown, "\n")


def _joined(parts: Iterable[Styled], between: str) -> Styled:
    texts: list[str] = []
    spans: list[Span] = []
    length = 0
    for part in parts:
        spans += (span.moved(length) for span in part.spans)
        texts.append(part.text)
        length += len(part.text) + len(between)
    return Styled(between.join(texts), tuple(spans))


def _phones(custom: Mapping[str, Any]) -> list[str]:
    contacts = (custom.get("referral") or {}).get("contacts", ())
    numbers = (re.sub(r"\D", "", contact.get("phone") or "") for contact in contacts)
    return list(dict.fromkeys(filter(None, numbers)))


def _with_phones(whole: Styled, phones: Iterable[str]) -> Styled:
    """Mark the numbers, however the text spaces them; not within a link, nor a longer number."""
    spans = list(whole.spans)
    for phone in phones:
        digits = _GAP.join(phone)
        number = re.compile(rf"(?<!\w)(?<!\d[.\-])\+?{digits}(?!\w)(?![.\-]\d)")
        for match in number.finditer(whole.text):
            if not any(_overlap(span, *match.span()) for span in spans if span.kind == "text_link"):
                spans = [*_with_bold(spans, *match.span()), Span(*match.span(), PHONE)]
    return replace(whole, spans=tuple(spans))


def _with_bold(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """Return the spans with one more in bold, grown together with those that it touches."""
    others: list[Span] = []
    for span in spans:
        if span.kind == "bold" and _overlap(span, start, end):
            start, end = min(start, span.start), max(end, span.end)
        else:
            others.append(span)
    return [*others, Span(start, end, "bold")]


def _overlap(span: Span, start: int, end: int) -> bool:
    return span.start < end and start < span.end


def _bubble(piece: Styled) -> Bubble:
    units = units_before(piece.text)
    ordered = sorted(piece.spans, key=lambda span: (span.start, -span.end, span.kind))
    return Bubble(piece.text, tuple(_entity(span, units) for span in ordered))


def _entity(span: Span, units: list[int]) -> dict[str, Any]:
    start, end = units[span.start], units[span.end]
    named = {"url": span.url} if span.url else {}
    return {"type": span.kind, "offset": start, "length": end - start, **named}
