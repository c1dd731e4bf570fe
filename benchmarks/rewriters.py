"""Ways of writing a message that leave its meaning: a bot that understands it gives the same reply.

Each rewriter is deterministic: what it does to a text depends on the seed, its own name and the
text. It returns the text as it is where it finds nothing to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from benchmarks.spelling import AMERICAN, CONTRACTIONS

SEED = 0
# One word in so many gets a typing error, and at least one.
TYPO_EVERY = 6
# Shorter words are changed beyond recognition by one error.
TYPO_LETTERS = 4
_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}
_WORD = re.compile(r"[A-Za-z]+")
# Signs between two digits belong to the number.
_SIGNS = re.compile(r"(?<!\d)[.,:]|[.,:](?!\d)|[!?;'’‘“”\"…()]")
_BEFORE = ("Hi, ", "Hello, ", "Sorry to bother you, ", "Excuse me, ", "Good morning, ")
_AFTER = (", please", " please", ", many thanks", ". Thank you", ". Thanks in advance")
_FILLERS = (
    "um, ",
    "so, ",
    "well, ",
    "ok so ",
    "erm ",
    "to be honest, ",
    "just saying, ",
    "right, ",
)

Rewriter = Callable[[str, random.Random], str]


def typos(text: str, draw: random.Random) -> str:
    """Swap, drop, double or miss a letter in one word of six, the first letter apart."""
    words = [match for match in _WORD.finditer(text) if len(match[0]) >= TYPO_LETTERS]
    hit = draw.sample(words, min(len(words), max(1, len(text.split()) // TYPO_EVERY)))
    for match in sorted(hit, key=lambda match: -match.start()):
        text = text[: match.start()] + _typo(match[0], draw) + text[match.end() :]
    return text


def _typo(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    near = _NEIGHBOURS.get(letter.lower(), letter)
    ways = (before + after[0] + letter + after[1:], before + after, before + letter * 2 + after)
    return draw.choice((*ways, before + draw.choice(near) + after))


def capitals(text: str, draw: random.Random) -> str:
    """Write it all in capitals."""
    return text.upper()


def lower_case(text: str, draw: random.Random) -> str:
    """Write it without capitals."""
    return text.lower()


def punctuation_dropped(text: str, draw: random.Random) -> str:
    """Leave out commas, stops, question marks, quotes and apostrophes, not those in numbers."""
    return " ".join(_SIGNS.sub("", text).split())


def contractions_opened(text: str, draw: random.Random) -> str:
    """Write "do not" for "don't"."""
    return _replaced(text.replace("’", "'"), CONTRACTIONS)


def contractions_closed(text: str, draw: random.Random) -> str:
    """Write "don't" for "do not"."""
    return _replaced(text, {long: short for short, long in CONTRACTIONS.items()})


def politeness_added(text: str, draw: random.Random) -> str:
    """Add a polite word or two before and after."""
    return draw.choice(_BEFORE) + text.rstrip(" .!?") + draw.choice(_AFTER)


def filler_added(text: str, draw: random.Random) -> str:
    """Begin with a word that says nothing."""
    return draw.choice(_FILLERS) + text


def american_spelling(text: str, draw: random.Random) -> str:
    """Write "color" for "colour"."""
    return _replaced(text, AMERICAN)


def british_spelling(text: str, draw: random.Random) -> str:
    """Write "colour" for "color"."""
    return _replaced(text, {american: british for british, american in AMERICAN.items()})


REWRITERS: Mapping[str, Rewriter] = {
    each.__name__.replace("_", " "): each
    for each in (
        typos,
        capitals,
        lower_case,
        punctuation_dropped,
        contractions_opened,
        contractions_closed,
        politeness_added,
        filler_added,
        american_spelling,
        british_spelling,
    )
}

POLITE = "politeness added"


def rewritten(text: str, name: str, seed: int = SEED) -> str:
    """Return the text as the named rewriter leaves it.

    Raises:
        KeyError: there is no such rewriter.
    """
    return REWRITERS[name](text, random.Random(f"{seed}/{name}/{text}"))


def _replaced(text: str, words: Mapping[str, str]) -> str:
    """Return the text with whole words exchanged, a capital at their start kept."""
    longest_first = sorted(words, key=len, reverse=True)
    pattern = rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest_first))})(?![\w'])"
    return re.sub(pattern, lambda match: _cased(match[0], words), text, flags=re.IGNORECASE)


def _cased(found: str, words: Mapping[str, str]) -> str:
    new = words[found.lower()]
    if found.isupper() and len(found) > 1:
        return new.upper()
    return new[0].upper() + new[1:] if found[0].isupper() else new
