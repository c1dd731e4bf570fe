"""Redaction: what could tell who wrote a text is replaced before the text is kept or logged.

`Redactor` uses patterns and a language model. `redact_patterns` uses patterns alone: quick,
and what remains when the model cannot be loaded.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .addresses import REGIONS, find_addresses
from .cues import find_by_cue
from .entities import MODELS, EntityFinder, load_model
from .spans import Span, replace

# Ten times what is kept of a text; all that is longer would only cost time.
LONGEST_TEXT = 5000


class Redactor:
    """Replaces e-mail addresses, phone numbers, links, and names of persons and places."""

    def __init__(
        self,
        *,
        regions: Sequence[str] = REGIONS,
        models: Sequence[str] = MODELS,
        load: Callable[[str], Any] = load_model,
    ) -> None:
        """Prepare; the language model is loaded at the first text or question, once.

        `regions` are the countries whose phone numbers are known without a country code.
        """
        self._regions = regions
        self._entities = EntityFinder(models, load)

    @property
    def degraded(self) -> bool:
        """Whether names are found by patterns only, because no language model could be
        loaded. Asking loads it: ask at start-up to warm it."""
        return self._entities.missing

    def __call__(self, text: str) -> str:
        """Return text with [email], [phone], [link], [name] and [place] in place of what
        they stand for; at most the first 5000 characters of it. Never raises."""
        text = _beginning(text)
        return replace(text, [*_by_pattern(text, self._regions), *self._entities.find(text)])


def redact_patterns(text: str, regions: Sequence[str] = REGIONS) -> str:
    """Redact as `Redactor` does, without a language model."""
    text = _beginning(text)
    return replace(text, _by_pattern(text, regions))


def _beginning(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    # Between words, if it can be: half an address is no longer known for one.
    words, _, word = text[:LONGEST_TEXT].rpartition(" ")
    return words or word


def _by_pattern(text: str, regions: Sequence[str]) -> Iterator[Span]:
    yield from find_addresses(text, regions)
    yield from find_by_cue(text)
