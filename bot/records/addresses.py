"""Finding what reaches a person: e-mail addresses, handles, links and phone numbers."""

import re
from collections.abc import Iterator, Sequence

from phonenumbers import Leniency, PhoneNumberMatcher

from .spans import EMAIL, LINK, NAME, PHONE, Span

REGIONS = ("US", "GB", "IE", "AU", "NZ", "IN")
_FEWEST_DIGITS = 7
_LONG_GROUP = re.compile(r"\d{3}")

_WORD = re.compile(r"\S+")
_OPENING, _CLOSING = "([{<\"'", ".,;:!?)]}>\"'"
_SPACED_EMAIL = re.compile(
    r"(?<![^\s(\[{<\"'])[^\s@(\[{<\"'][^\s@]{0,63}(?:\s{1,3}@\s{0,3}|@\s{1,3})"
    r"[^\s@]{1,200}\.[^\W\d_]{2,}"
)
_DOT = r"(?:\(dot\)|\[dot\]|\bdot\b)"
# Either sign must be spelt out oddly: "look at example.com" is a link.
_SPOKEN_EMAIL = re.compile(
    r"(?<!\S)[\w.+-]{1,64}\s{0,3}"
    rf"(?:[(\[]at[)\]]\s{{0,3}}[\w-]{{1,63}}\s{{0,3}}(?:{_DOT}|\.)"
    rf"|\bat\b\s{{0,3}}[\w-]{{1,63}}\s{{0,3}}{_DOT})"
    r"\s{0,3}(?:com|org|net|edu|gov|co|ac|uk|ie|io|info|me)\b",
    re.IGNORECASE,
)
# Punctuation that follows a link is not part of it.
_REST = r"\S*[^\s.,;:!?)\]}>\"']"
# Endings such as .in and .me are left to the form with a path: "it hurts.me too".
_LINKS = (
    re.compile(rf"\b[a-z][a-z0-9+.-]{{1,20}}://{_REST}", re.IGNORECASE),
    re.compile(rf"\bwww\.{_REST}", re.IGNORECASE),
    re.compile(
        r"\b(?:[a-z0-9-]{1,63}\.){1,6}"
        rf"(?:(?:com|org|net|edu|gov|io|info|biz|app|dev|uk|ie|eu)\b(?:/{_REST})?|[a-z]{{2,6}}/{_REST})",
        re.IGNORECASE,
    ),
)
# Beside the library, which knows real numbers only: what has the look of one. Groups of
# digits alone do not: amounts and years come in groups too.
_PHONE_LIKE = (
    re.compile(r"\+\d[\d\s().-]{6,20}\d"),
    re.compile(r"(?<![\w.])\(?0\d[\d\s().-]{7,16}\d(?!\w)"),
    re.compile(r"(?<![\w.])\(?\d{3}\)?[\s.-]?\d{3}[\s.-]?\d{4}(?!\w)"),
    re.compile(r"(?<![\w.-])\d{3}[.-]\d{4}(?![\w-])"),
    re.compile(r"\d{9,}"),
)


def find_addresses(text: str, regions: Sequence[str] = REGIONS) -> Iterator[Span]:
    """Yield every e-mail address, handle, link and phone number."""
    yield from _emails(text)
    for pattern in _LINKS:
        yield from (Span(*found.span(), LINK) for found in pattern.finditer(text))
    if sum(character.isdigit() for character in text) >= _FEWEST_DIGITS:
        yield from _phones(text, regions)


def _emails(text: str) -> Iterator[Span]:
    # Whatever is written around an "@" without a space: no rule about what an address may
    # hold could be broken by an odd one.
    if "@" in text:
        for found in _WORD.finditer(text):
            yield from _email_or_handle(found[0], found.start())
    for pattern in (_SPACED_EMAIL, _SPOKEN_EMAIL):
        yield from (Span(*found.span(), EMAIL) for found in pattern.finditer(text))


def _email_or_handle(word: str, offset: int) -> Iterator[Span]:
    start = offset + len(word) - len(word.lstrip(_OPENING))
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    if "@" in bare and len(bare) > 1:
        handle = bare.rfind("@") == 0
        yield Span(start, start + len(bare), NAME if handle else EMAIL)


def _phones(text: str, regions: Sequence[str]) -> Iterator[Span]:
    for region in regions:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            # Short groups only are a list of amounts, though a number may look so.
            if _LONG_GROUP.search(match.raw_string):
                yield Span(match.start, match.end, PHONE)
    for pattern in _PHONE_LIKE:
        yield from (Span(*found.span(), PHONE) for found in pattern.finditer(text))
