"""Cleaning of what people type, before anything reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.nlu.lookalikes import fold

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\s*\n+\s*|\s+[-–—]+\s+|;\s+")
_JOIN = re.compile(
    # Joining words before a question word, or ones that begin something else by themselves.
    r"\s*(?:,\s*)?(?:\b(?:and|but|n)\b\s+"
    r"(?=(?:what|wat|how|why|who|where|when|which|is|are|does|do|did|can|could|should|would|will|may|"
    r"whether|if|i|tell|explain|list)\b)"
    r"|\b(?:and also|also|plus|and then|oh and|btw|by the way)\b,?\s+)",
    re.IGNORECASE,
)
_PAYLOAD = re.compile(r"^\s*/\w+(?:@[\d.]+)?\s*(?:\{[^{}]*\})?\s*")
MAX_PIECES = 64
# Joins a message to those before it; whoever types it means much the same.
CONTEXT_MARK = " / "
# A message of so few words may not stand on its own.
ELLIPTIC_WORDS = 4
_CONTEXT_WORDS = 30
# A piece of more words than this, as dictation without full stops gives, is read in windows too.
_LONG, _WINDOW, _STEP = 40, 24, 12
# Phones type curly quotes, training examples straight ones.
_QUOTES = str.maketrans("‘’‛“”„", "'''\"\"\"")


def without_payload(text: str | None) -> str:
    """Return the text without a `/name{…}` payload at its start."""
    return _PAYLOAD.sub("", text or "", count=1)


def clean(text: str | None) -> str:
    """Return the text in compatible Unicode form: nothing invisible, disguised words as plain."""
    composed = _LINE_ENDS.sub("\n", unicodedata.normalize("NFKC", text or "").translate(_QUOTES))
    # Category C: control, zero-width and private characters; none carries meaning in a question.
    visible = "".join(
        char for char in composed if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    lines = fold(visible).split("\n")
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()


def has_words(text: str) -> bool:
    """Tell whether the text has at least one letter or digit, in any script."""
    return any(char.isalnum() for char in text)


def pieces(text: str) -> list[str]:
    """Split a message into sentences and joined questions, each once; one if it has no parts.

    A very long message comes back as at most `MAX_PIECES` windows of neighbouring sentences.
    """
    sentences = [part for part in _SENTENCE_END.split(text) if part and has_words(part)]
    parts = [piece for sentence in sentences for piece in _split_joined(sentence)]
    # Somebody who pastes a line a hundred times says it once.
    first: dict[str, str] = {}
    for part in parts:
        first.setdefault(part.casefold(), part)
    parts = list(first.values())
    if len(parts) <= MAX_PIECES:
        return parts
    size = -(-len(parts) // MAX_PIECES)
    return [" ".join(parts[start : start + size]) for start in range(0, len(parts), size)]


def in_context(before: Sequence[str], text: str) -> str:
    """Return a message as it is read after others; of a long one before it, its last words."""
    tails = [" ".join(said.split()[-_CONTEXT_WORDS:]) for said in before]
    return CONTEXT_MARK.join([*tails, text])


def fragments(text: str) -> list[str]:
    """Return what of a message can be read apart: its pieces, long ones in overlapping windows.

    Nothing for a message that is one piece; at most `MAX_PIECES`, the longer the more there is.
    """
    found = [window for piece in pieces(text) for window in _windows(piece)]
    if len(found) == 1 and len(found[0]) * 2 >= len(text):
        return []
    size = -(-len(found) // MAX_PIECES) or 1
    return [" ".join(found[start : start + size]) for start in range(0, len(found), size)]


def _windows(piece: str) -> list[str]:
    words = piece.split()
    if len(words) <= _LONG:
        return [piece]
    starts = range(0, len(words) - _WINDOW + _STEP, _STEP)
    return [" ".join(words[start : start + _WINDOW]) for start in starts]


def _split_joined(sentence: str) -> list[str]:
    found = [part.strip(" ,") for part in _JOIN.split(sentence)]
    return [part for part in found if has_words(part)]
