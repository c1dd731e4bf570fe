"""From Rasa's training examples to what the tuner learns from."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import text as texts
from bot.nlu.encoder import Array, Examples
from bot.reply.outcomes import SAFETY, URGENT, outcome_of

# What an example's metadata may name: its further intents.
ALSO = "also"
# One example in so many is kept from the tuner, to calibrate on.
HELD_OUT = 12
# One safe piece in so many is learnt from: all would cost half as much time again.
PIECES_KEPT = 3
_PIECE_WEIGHT = 0.4
# One short example in so many is also learnt as a follow-up to an unrelated one.
PAIRED = 12
_SHORT_WORDS = 10


@dataclass(frozen=True)
class Labelled:
    """A text and the intents it holds, the primary one first.

    A follow-up brings what was said before it, joined by `text.CONTEXT_MARK`.
    """

    text: str
    intents: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        """Whether it is kept from the tuner; depends on the text alone."""
        return _bucket(self.text, HELD_OUT) == 0

    @property
    def fragments(self) -> list[str]:
        """What of it can be read apart; nothing of a follow-up, which is one thing."""
        return [] if texts.CONTEXT_MARK in self.text else texts.fragments(self.text)


def label_of(message: Message) -> Labelled | None:
    """Return a training example with its label, or None without a text or an intent."""
    if not message.get(TEXT) or not message.get(INTENT):
        return None
    metadata = (message.get("metadata") or {}).get("example") or {}
    intents = (message.get(INTENT), *(metadata.get(ALSO) or ()))
    return Labelled(texts.clean(message.get(TEXT)), intents)


def labelled(messages: Sequence[Message]) -> list[Labelled]:
    """Return the labelled ones among the messages."""
    return [example for message in messages if (example := label_of(message))]


def intents_of(found: Sequence[Labelled]) -> list[str]:
    """Return the intents of examples in the order in which every model scores them."""
    return sorted({intent for example in found for intent in example.intents})


def to_tune_on(found: Sequence[Labelled], labels: Sequence[str]) -> Examples:
    """Return what the encoder learns from.

    Besides the examples themselves: pieces of those that are safe as a whole, of which it is
    known only that none is a danger. Read alone, a sentence of somebody's long story must not
    look like a cry for help. Rare labels count more, by the square root of their rarity.
    """
    place = {label: index for index, label in enumerate(labels)}
    found = [*found, *_after_others(found)]
    counts = Counter(example.intents[0] for example in found)
    mean = len(found) / len(counts)
    lines: list[str] = []
    rows: list[Array] = []
    weights: list[float] = []
    for example in found:
        row = np.zeros(len(labels), dtype=np.float32)
        row[[place[intent] for intent in example.intents]] = 1 / len(example.intents)
        lines.append(example.text)
        rows.append(row)
        weights.append((mean / counts[example.intents[0]]) ** 0.5)
    whole = len(lines)
    for piece, impossible in _safe_pieces(found):
        lines.append(piece)
        rows.append(np.array([outcome_of(label) not in impossible for label in labels], dtype="f4"))
        weights.append(_PIECE_WEIGHT)
    partial = np.arange(len(lines)) >= whole
    return Examples(lines, np.stack(rows), partial, np.array(weights, dtype=np.float32))


def _bucket(text: str, buckets: int) -> int:
    return zlib.crc32(text.casefold().encode()) % buckets


def _after_others(found: Sequence[Labelled]) -> list[Labelled]:
    """Return some short examples as they would follow unrelated ones: the meaning stays."""
    short = [e for e in found if len(e.text.split()) <= _SHORT_WORDS]
    calm = [e.text for e in short if not URGENT & {outcome_of(intent) for intent in e.intents}]
    return [
        Labelled(texts.in_context([calm[_bucket(e.text, len(calm))]], e.text), e.intents)
        for e in short
        if calm and _bucket(e.text, PAIRED) == 1
    ]


def _safe_pieces(found: Sequence[Labelled]) -> list[tuple[str, frozenset[str]]]:
    """Return pieces of safe examples with the outcomes that none of them can have."""
    pieces: dict[str, frozenset[str]] = {}
    for example in found:
        outcomes = {outcome_of(intent) for intent in example.intents}
        if outcomes & URGENT:
            continue
        impossible = frozenset(URGENT if outcomes & SAFETY else SAFETY)
        for piece in example.fragments:
            if _bucket(piece, PIECES_KEPT):
                continue
            pieces[piece] = pieces.get(piece, impossible) & impossible
    return list(pieces.items())
