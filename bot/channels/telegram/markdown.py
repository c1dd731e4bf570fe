"""Reads the Markdown that the widget shows as well: **bold**, '- ' lists and links.

Whatever is not exactly one of these stays as it was written, character for character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

# A link's label and address, a bare web address, or bold whose marks touch words on the inside.
_TOKEN = re.compile(
    r"\[([^\[\]\n]+)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|(https?://[^\s<>\"'`)\]]*[^\s<>\"'`)\].,;:!?*])"
    r"|(?<![A-Za-z0-9_*])\*\*(?=[^\s*])([^\n]{0,999}?[^\s*])\*\*(?![A-Za-z0-9_*])",
    re.IGNORECASE,
)
_ITEM = re.compile(r"- +(?=\S)")
_BULLET = "• "
# Whitespace, control and invisible characters hide a scheme or a host from the reader.
_HIDDEN = re.compile(
    r"[\s\x00-\x1f\x7f-\xa0\xad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\\<>\"'`]"
)
_ABSOLUTE = re.compile(r"(https?)://[^/]|(mailto):[^/]|(tel):[+\d]", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """A part of a text that is shown otherwise; places count characters of Python."""

    start: int
    end: int
    kind: str
    url: str | None = None

    def moved(self, by: int) -> Span:
        """Return the span of the same text further on."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True)
class Styled:
    """A text and what of it is shown otherwise."""

    text: str = ""
    spans: tuple[Span, ...] = ()

    def __add__(self, other: Styled) -> Styled:
        moved = (span.moved(len(self.text)) for span in other.spans)
        return Styled(self.text + other.text, (*self.spans, *moved))

    def marked(self, kind: str, url: str | None = None) -> Styled:
        """Return the text with one more span, over all of it."""
        return replace(self, spans=(*self.spans, Span(0, len(self.text), kind, url)))


def read_line(line: str) -> Styled:
    """Return one line as it is to be shown."""
    item = _ITEM.match(line)
    return Styled(_BULLET) + _read(line[item.end() :]) if item else _read(line)


def _read(line: str, bold: bool = True) -> Styled:
    done, end = Styled(), 0
    for match in _TOKEN.finditer(line):
        piece = _piece(match, bold)
        if piece:
            done, end = done + Styled(line[end : match.start()]) + piece, match.end()
    return done + Styled(line[end:])


def _piece(match: re.Match[str], bold: bool) -> Styled | None:
    """Return what stands for a match, None if it is to stay as it is."""
    label, address, _, strong = match.groups()
    if strong is not None:
        return _read(strong, bold=False).marked("bold") if bold else None
    # Telegram finds bare addresses by itself; here they only keep their stars.
    return _link(label, address) if label else None


def _link(label: str, address: str) -> Styled | None:
    scheme = scheme_of(address)
    if scheme in ("http", "https"):
        return Styled(label).marked("text_link", address)
    # Telegram takes no other addresses: the number itself can be tapped, or copied.
    plain = address.partition(":")[2].partition("?")[0]
    same = plain == label or (scheme == "tel" and _digits(plain) == _digits(label))
    return Styled(label if same else f"{label} ({plain})") if scheme else None


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit() or char == "+")


def scheme_of(address: str) -> str:
    """Return the scheme of an address that may be a link, '' of any other.

    It is absolute, of the web, mail or telephone, names a host and no user, and hides nothing.
    """
    match = _ABSOLUTE.match(address)
    if not match or _HIDDEN.search(address):
        return ""
    scheme = next(filter(None, match.groups())).lower()
    return scheme if scheme in ("mailto", "tel") or _names_a_host(address) else ""


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
