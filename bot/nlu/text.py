"""Cleaning of what people type, before anything reads it."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\s*\n+\s*|\s+[-–—]+\s+|;\s+")
_JOIN = re.compile(
    r"\s*(?:,\s*)?\b(?:and also|and|also|plus|but)\b\s+"
    r"(?=(?:what|how|why|who|where|when|which|is|are|does|do|can|could|should|would|will|may)\b)",
    re.IGNORECASE,
)
_PAYLOAD = re.compile(r"^\s*/\w+(?:@[\d.]+)?\s*(?:\{[^{}]*\})?\s*")
MAX_PIECES = 64
# Phones type curly quotes, training examples straight ones.
_QUOTES = str.maketrans("‘’‛“”„", "'''\"\"\"")


def without_payload(text: str | None) -> str:
    """Return the text without a `/name{…}` payload at its start."""
    return _PAYLOAD.sub("", text or "", count=1)


def clean(text: str | None) -> str:
    """Return the text in compatible Unicode form without control or invisible characters."""
    composed = _LINE_ENDS.sub("\n", unicodedata.normalize("NFKC", text or "").translate(_QUOTES))
    # Category C: control, zero-width and private characters; none carries meaning in a question.
    visible = "".join(
        char for char in composed if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return "\n".join(_SPACES.sub(" ", line).strip() for line in visible.split("\n")).strip()


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


def _split_joined(sentence: str) -> list[str]:
    found = [part.strip(" ,") for part in _JOIN.split(sentence)]
    return [part for part in found if has_words(part)]
