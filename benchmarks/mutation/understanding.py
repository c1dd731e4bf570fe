"""Faults in understanding: thresholds, what was learnt, patterns and payloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutation.bench import Bench
from bot.settings import ROOT

# A score so low that the share of its intent is nothing.
_NEVER = -1e9


@lru_cache(maxsize=1)
def pipeline() -> dict[str, dict[str, Any]]:
    """Return the settings of each component of config.yml, by class name."""
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    return {
        entry["name"].rpartition(".")[2]: {k: v for k, v in entry.items() if k != "name"}
        for entry in config["pipeline"]
    }


@dataclass(frozen=True)
class SettingChange:
    """Other settings of a component.

    A model keeps the settings it was trained with in the metadata of its archive, and Rasa hands
    them to the component when it loads; the loaded component is given the changed ones here. Tests
    that read config.yml read a changed copy.
    """

    component: str
    settings: Mapping[str, Any]

    def apply(self, bench: Bench) -> None:
        """Make the component anew, or set what a trained one read from its settings."""
        from tests.nlu import rankings

        rankings.CONFIG = self._written(bench.folder / "config.yml")
        node = bench.node(self.component)
        config = {**node._component_config, **self.settings}
        if self.component == "OutcomeDecider":
            node._component = type(node._component)(config)
        else:
            node._component._config = config
            node._component._context = config["context"]

    def _written(self, path: Path) -> Path:
        known = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
        for entry in known["pipeline"]:
            if entry["name"].endswith(f".{self.component}"):
                entry.update(self.settings)
        path.write_text(yaml.safe_dump(known), encoding="utf-8")
        return path


@dataclass(frozen=True)
class SwappedIntents:
    """Two intents learnt from each other's examples.

    Training is blind to what an intent is called: from swapped examples it would learn the same
    scores under each other's names, up to the order of the columns, which only seeds see. So the
    names of the two columns are swapped in the model instead, for the encoder and for the n-grams,
    which share them.
    """

    one: str
    other: str

    def apply(self, bench: Bench) -> None:
        """Swap the names of their columns."""
        swapped = {self.one: self.other, self.other: self.one}
        featurizer = bench.node("SentenceFeaturizer")._component
        featurizer._intents = [swapped.get(name, name) for name in featurizer._intents]


@dataclass(frozen=True)
class ForgottenIntent:
    """An intent without examples.

    Trained without its examples, a model has no column for the intent, and shares what a message
    means among the others. The same comes of a column whose score is never reached: its share is 0,
    the others' add up to 1. What retraining would also change is where the other borders lie; the
    outcome that is lost is the same.
    """

    name: str

    def apply(self, bench: Bench) -> None:
        """Put the score of its column out of reach, for the encoder and for the n-grams."""
        featurizer = bench.node("SentenceFeaturizer")._component
        column = featurizer._intents.index(self.name)
        encoder, ngrams = featurizer._encoder, bench.node("NgramScorer")._component._model
        # The readers are frozen or have no place for it: what they return is changed instead.
        featurizer._encoder = _Without(encoder, column)
        bench.node("NgramScorer")._component._model = _Without(ngrams, column)


class _Without:
    """An encoder or n-gram model that never scores one column."""

    def __init__(self, reader: Any, column: int) -> None:
        self._reader = reader
        self._column = column

    def read(self, texts: Any) -> Any:
        """Read as the real one does, and put the column out of reach."""
        found = self._reader.read(texts)
        scores = found[1] if isinstance(found, tuple) else found
        scores[:, self._column] = _NEVER
        return found


@dataclass(frozen=True)
class PatternDropped:
    """The screen without one of its patterns; `language` names a row of another language."""

    outcome: str
    language: str
    number: int

    def apply(self, bench: Bench) -> None:
        """Build the outcome's net again from what is left."""
        from bot.nlu import screen, screen_patterns

        name = self.outcome.upper()
        english: tuple[str, ...] = getattr(screen_patterns, name)
        abroad: dict[str, tuple[str, ...]] = dict(getattr(screen_patterns, f"{name}_ABROAD"))
        if self.language:
            abroad[self.language] = _but(abroad[self.language], self.number)
        else:
            english = _but(english, self.number)
        screen._NETS[self.outcome] = screen._net(english, abroad)


def _but(rows: tuple[str, ...], number: int) -> tuple[str, ...]:
    return rows[:number] + rows[number + 1 :]


@dataclass(frozen=True)
class PayloadRefused:
    """A button whose payload is read as words, because the allow-list lacks it."""

    intent: str

    def apply(self, bench: Bench) -> None:
        """Take it off the list."""
        from bot.nlu import payloads

        payloads.ALLOWED = payloads.ALLOWED - {self.intent}


@dataclass(frozen=True)
class PayloadMisread:
    """A button whose payload is taken for another one."""

    intent: str
    other: str

    def apply(self, bench: Bench) -> None:
        """Make it an alias of the other."""
        from bot.nlu import payloads

        payloads._ALIASES[self.intent] = self.other
