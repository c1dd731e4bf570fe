"""Typing errors, as tired people on phones make them, for training texts."""

from __future__ import annotations

import re
import string

import numpy as np

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    for row in _ROWS
    for at, key in enumerate(row)
}
# What people type for a word, by ear or to save a tap.
_HEARD = {
    "you": "u", "are": "r", "what": "wat", "their": "there", "there": "their",
    "your": "ur", "you're": "your", "because": "cuz", "with": "w", "please": "plz", "to": "too",
    "too": "to", "know": "no", "people": "ppl", "about": "abt", "would": "wuld", "though": "tho",
    "really": "rly", "doctor": "dr", "and": "n", "covid": "cov", "ketamine": "ketamin",
    "thanks": "thx", "want": "wanna", "going": "goin", "i'm": "im", "don't": "dont", "it's": "its",
    "can't": "cant", "have": "av", "should": "shud", "think": "thnik", "from": "form",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z']+")


def noisy(text: str, rng: np.random.Generator) -> str:
    """Return the text with typing errors: about one in eight words, at least one, at most six."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    count = int(min(6, max(1, rng.poisson(len(words) / 8))))
    chosen = sorted(rng.choice(len(words), size=min(count, len(words)), replace=False))
    pieces, end = [], 0
    for index in chosen:
        match = words[index]
        pieces += [text[end : match.start()], _mistyped(match.group(), rng)]
        end = match.end()
    return _carelessly("".join([*pieces, text[end:]]), rng)


def _mistyped(word: str, rng: np.random.Generator) -> str:
    heard = _HEARD.get(word.lower())
    if heard and rng.random() < 0.5:
        return heard
    if len(word) < 4:
        return word
    # The first letter is the one that people get right.
    at = int(rng.integers(1, len(word) - 1))
    left, here, right = word[:at], word[at], word[at + 1 :]
    kinds = (
        left + right[:1] + here + right[1:],
        left + right,
        left + here + here + right,
        left + (_NEIGHBOURS.get(here.lower()) or here)[0] + right,
        word.replace("'", ""),
    )
    return kinds[int(rng.choice(len(kinds), p=(0.35, 0.3, 0.15, 0.15, 0.05)))]


def _carelessly(text: str, rng: np.random.Generator) -> str:
    """Drop what phones make tedious: capitals, punctuation, a space."""
    draw = rng.random()
    if draw < 0.3:
        return text.lower()
    if draw < 0.5:
        return text.lower().translate(str.maketrans("", "", string.punctuation))
    if draw < 0.55:
        return text.upper()
    spaces = [at for at, char in enumerate(text) if char == " "]
    if draw < 0.6 and spaces:
        at = spaces[int(rng.integers(len(spaces)))]
        return text[:at] + text[at + 1 :]
    return text
