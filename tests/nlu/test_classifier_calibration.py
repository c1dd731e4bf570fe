"""Calibration: on held-out examples alone, and enough of them."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import CALIBRATION_FILE, UntrainedError
from bot.nlu.detectors import Detector
from bot.reply.outcomes import SAFETY

from .conftest import storage_in
from .shares import CALM, CRISIS, RESOURCE, confident, message_of, new, scored, texts
from .small import example


def calibration(storage: ModelStorage) -> dict[str, Any]:
    with storage.read_from(RESOURCE) as folder:
        found: dict[str, Any] = json.loads((folder / CALIBRATION_FILE).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_calibration_finds_a_known_over_or_under_confidence(
    storage: ModelStorage, context: ExecutionContext, factor: float
) -> None:
    assert new(storage, context).train(TrainingData(confident(factor))) == RESOURCE
    assert calibration(storage)["scales"] == [pytest.approx(1 / factor, rel=0.2)]


def test_shares_are_softened_by_the_scale_that_was_found(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    classifier = new(storage, context)
    classifier.train(TrainingData(confident(2.0)))
    (scale,) = calibration(storage)["scales"]
    (message,) = classifier.process([message_of(CALM)])
    expected = 7**scale / (3 + 7**scale)
    assert message.get(INTENT)["confidence"] == pytest.approx(expected)
    assert expected < 0.7


def test_examples_that_were_learnt_have_no_say_in_the_calibration(
    storage: ModelStorage, context: ExecutionContext, tmp_path: Path
) -> None:
    learnt = confident(8.0, held_out=False, size=50)
    bare = [example(text, "ask_pain") for text in islice(texts(held_out=False), 60, 70)]
    new(storage, context).train(TrainingData([*learnt, *bare, *confident(1.0)]))
    other = storage_in(tmp_path / "other")
    new(other, context).train(TrainingData(confident(1.0)))
    assert calibration(storage) == calibration(other)


def marked(
    storage: ModelStorage, context: ExecutionContext, intents: list[tuple[str, ...]]
) -> dict[str, Detector]:
    """Return the detectors fitted on calm examples, and ones with a piece that reads as crisis."""
    held = texts()
    calm = [scored(next(held), "ask_pain", np.log([CALM])) for _ in range(40)]
    urgent = [
        scored(next(held), first, np.log([CALM, CALM, CRISIS]), also=also)
        for first, *also in intents
    ]
    new(storage, context).train(TrainingData([*calm, *urgent]))
    return {name: Detector(**found) for name, found in calibration(storage)["detectors"].items()}


def test_an_outcome_with_enough_examples_is_detected_by_what_tells_it_apart(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    found = marked(storage, context, [("crisis",)] * 20)
    assert set(found) == SAFETY
    assert found["crisis"].piece > found["crisis"].whole, "the wholes all look alike"
    assert found["crisis"].probability(0.1, [0.85]) > 0.5 > found["crisis"].probability(0.1, [0.1])
    assert all(found[name] == Detector() for name in SAFETY - {"crisis"})


def test_an_outcome_with_too_few_examples_is_weighed_plainly(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    assert marked(storage, context, [("crisis",)] * 7)["crisis"] == Detector()


def test_an_outcome_that_an_example_also_has_counts_as_present(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    found = marked(storage, context, [("crisis",), ("ask_pain", "crisis")] * 4)["crisis"]
    assert found.probability(0.1, [0.85]) > 0.5 > found.probability(0.1, [0.1])


@pytest.mark.parametrize("data", [[], confident(1.0, held_out=False, size=9)])
def test_training_needs_examples_that_were_held_out(
    data: list[Message], storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(UntrainedError, match=r"config\.yml"):
        new(storage, context).train(TrainingData(data))


def test_training_needs_examples_that_were_scored(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    bare = example(next(texts()), "ask_pain")
    with pytest.raises(UntrainedError, match=r"config\.yml"):
        new(storage, context).train(TrainingData([*confident(1.0, size=5), bare]))
