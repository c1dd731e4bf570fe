"""Telling names from ordinary words: the list a maintainer can add to, and near misspellings."""

import re
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_POSSESSIVE = re.compile(r"['’]s?$")
# Endings of drugs and conditions, which no list holds all of, and which no name has.
_MEDICAL = re.compile(
    r"(?:mab|azole|statin|pril|itis|osis|a?emia|algia|opathy|cillin|azepam|oxetine|triptan|"
    r"kinase|ologist|ectomy)s?$"
)
# Longer ones only: with short words, one letter makes another word, or a name.
_FUZZY_LENGTH = 6


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Return the words that are never taken for names."""
    return _words("ordinary_words.txt")


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Return the first names that are redacted wherever they stand."""
    return _words("first_names.txt")


def is_ordinary(word: str) -> bool:
    """Tell whether a word is on the list, also in the possessive or as a compound."""
    plain = word.casefold().replace("’", "'").strip(".")
    words = ordinary_words()
    if plain in words or _POSSESSIVE.sub("", plain) in words or _MEDICAL.search(plain):
        return True
    parts = re.split(r"[-/]", plain)
    return len(parts) > 1 and all(part in words or part.isdigit() for part in parts)


def is_nearly_ordinary(word: str) -> bool:
    """Tell whether a word is a misspelling (one letter off) of a longer one on the list."""
    plain = word.casefold()
    if is_ordinary(plain):
        return True
    return len(plain) >= _FUZZY_LENGTH and not _variants(plain).isdisjoint(_long_variants())


@lru_cache(maxsize=1)
def _long_variants() -> frozenset[str]:
    long = (word for word in ordinary_words() if len(word) >= _FUZZY_LENGTH)
    return frozenset(variant for word in long for variant in _variants(word))


def _variants(word: str) -> set[str]:
    # Two words one letter apart share a form with one letter left out.
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


# Ordinary words that people are called by too: names when written so after "my name is".
_ALSO_NAMES = word_set(
    "april august autumn bill christmas dawn drew easter grace hope joy june mark may rich rose "
    "summer will winter"
)


def may_be_a_name(word: str) -> bool:
    """Tell whether a word that stands where a name belongs is one."""
    if word.istitle() and word.casefold() in _ALSO_NAMES:
        return True
    return not is_ordinary(word)


def _words(file: str) -> frozenset[str]:
    lines = (_HERE / file).read_text(encoding="utf-8").splitlines()
    return word_set(" ".join(line for line in lines if not line.startswith("#")))
