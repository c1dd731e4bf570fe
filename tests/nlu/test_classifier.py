"""The classifier: shares that add up, a calibration that fits, and readings in context."""

import json
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import (
    CALIBRATION_FILE,
    DETECTED,
    PIECE_RANKINGS,
    SentenceClassifier,
    UntrainedError,
)
from bot.nlu.detectors import Detector
from bot.nlu.featurizer import CONTEXT_SCORES, PIECE_SCORES, SCORED_INTENTS, SentenceFeaturizer
from bot.nlu.splitter import PIECES
from bot.reply.outcomes import SAFETY
from bot.settings import ROOT

from .shares import CALM, CONFIG, CRISIS, NAMES, RESOURCE, confident, message_of, new
from .small import EXAMPLES, examples


@pytest.fixture
def classifier(storage: ModelStorage, context: ExecutionContext) -> SentenceClassifier:
    """A classifier without a calibration: temperature 1, and nothing to detect with."""
    return new(storage, context)


@pytest.fixture
def plain(storage: ModelStorage, context: ExecutionContext) -> SentenceClassifier:
    """A classifier that takes scores as they are, and weighs the outcomes plainly."""
    known = {"scales": [1.0, 1.0], "detectors": {name: {} for name in SAFETY}}
    with storage.write_to(RESOURCE) as folder:
        (folder / CALIBRATION_FILE).write_text(json.dumps(known), encoding="utf-8")
    return SentenceClassifier.load(CONFIG, storage, RESOURCE, context)


def test_training_reads_what_the_featurizer_gives_and_the_likeliest_intent_leads(
    featurizer: SentenceFeaturizer, storage: ModelStorage, context: ExecutionContext
) -> None:
    new(storage, context).train(featurizer.process_training_data(examples()))
    classifier = SentenceClassifier.load(CONFIG, storage, RESOURCE, context)
    pieces = ["hello. my joints hurt", "hello", "my joints hurt"]
    (message,) = classifier.process(featurizer.process([Message({PIECES: pieces})]))
    tops = [ranking[0]["name"] for ranking in message.get(PIECE_RANKINGS)]
    assert tops[1:] == ["greet", "ask_pain"]
    assert {row["name"] for row in message.get(PIECE_RANKINGS)[0]} == {*EXAMPLES, "ask_outlook"}
    assert set(message.get(DETECTED)) == SAFETY


def test_a_loaded_classifier_reads_the_same(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    trained = new(storage, context)
    trained.train(TrainingData(confident(2.0)))
    loaded = SentenceClassifier.load(CONFIG, storage, RESOURCE, context)
    data = {CONTEXT_SCORES: np.log([CRISIS])}
    (first,), (second,) = (c.process([message_of(CALM, **data)]) for c in (trained, loaded))
    for key in (PIECE_RANKINGS, DETECTED, INTENT, "intent_ranking"):
        assert first.get(key) == second.get(key)


def test_a_model_without_a_calibration_does_not_load(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(RESOURCE):
        pass
    with pytest.raises(UntrainedError, match="make train"):
        SentenceClassifier.load(CONFIG, storage, RESOURCE, context)


@pytest.mark.parametrize("known", [{"scales": [1.0, 1.0]}, {"detectors": {}}])
def test_a_calibration_that_is_not_whole_does_not_load(
    known: dict[str, Any], storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(RESOURCE) as folder:
        (folder / CALIBRATION_FILE).write_text(json.dumps(known), encoding="utf-8")
    with pytest.raises(KeyError):
        SentenceClassifier.load(CONFIG, storage, RESOURCE, context)


def test_confidences_are_a_falling_distribution_over_all_the_intents(
    classifier: SentenceClassifier,
) -> None:
    (message,) = classifier.process([message_of([0.2, 0.5, 0.05, 0.25], CRISIS)])
    whole, piece = message.get(PIECE_RANKINGS)
    assert [row["name"] for row in whole] == ["ask_pain", "dosing", "ask_fatigue", "crisis"]
    assert [row["confidence"] for row in whole] == pytest.approx([0.5, 0.25, 0.2, 0.05])
    assert piece[0] == {"name": "crisis", "confidence": pytest.approx(0.85)}
    assert message.get(INTENT) == message.get("intent_ranking")[0] == whole[0]


def test_large_scores_are_no_trouble(classifier: SentenceClassifier) -> None:
    scores = np.array([[1e4, 0.0, -1e4, 0.0]])
    (message,) = classifier.process([Message({PIECE_SCORES: scores, SCORED_INTENTS: NAMES})])
    assert message.get(INTENT) == {"name": "ask_fatigue", "confidence": 1.0}


def test_every_piece_is_ranked_in_full_and_the_output_is_cut(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    (message,) = new(storage, context, ranking_length=2).process([message_of(CALM, CALM, CRISIS)])
    assert [len(ranking) for ranking in message.get(PIECE_RANKINGS)] == [len(NAMES)] * 3
    assert len(message.get("intent_ranking")) == 2


def test_the_output_can_be_sent_as_json(plain: SentenceClassifier) -> None:
    (message,) = plain.process([message_of(CALM)])
    shown = message.as_dict(only_output_properties=True)
    assert set(json.loads(json.dumps(shown))) == {INTENT, "intent_ranking"}


@pytest.mark.parametrize("data", [{TEXT: "never scored"}, {PIECE_SCORES: np.zeros((0, 4))}])
def test_a_message_without_pieces_has_no_intent_and_no_danger(
    plain: SentenceClassifier, data: dict[str, Any]
) -> None:
    (message,) = plain.process([Message({SCORED_INTENTS: NAMES, **data})])
    assert message.get(INTENT) == {"name": None, "confidence": 0.0}
    assert message.get("intent_ranking") == []
    assert message.get(PIECE_RANKINGS) == []
    assert message.get(DETECTED) == {}


def test_each_safety_outcome_is_detected_from_the_whole_and_its_most_telling_piece(
    plain: SentenceClassifier,
) -> None:
    (message,) = plain.process([message_of(CALM, CALM, CRISIS)])
    expected = {"crisis": (0.1, [0.1, 0.85]), "dosing": (0.1, [0.1, 0.05]), "emergency": (0, [0])}
    found = message.get(DETECTED)
    assert set(found) == SAFETY
    for outcome, shares in expected.items():
        assert found[outcome] == pytest.approx(Detector().probability(*shares), rel=1e-4)


def in_context(
    classifier: SentenceClassifier, alone: list[float], after: list[float], *pieces: list[float]
) -> tuple[Message, dict[str, float]]:
    """Return a message that was also read in context, and the shares of the whole."""
    message = message_of(alone, *pieces, **{CONTEXT_SCORES: np.log([after])})
    classifier.process([message])
    whole = message.get(PIECE_RANKINGS)[0]
    return message, {row["name"]: row["confidence"] for row in whole}


@pytest.mark.parametrize(("weight", "share"), [(0.0, 0.7), (0.5, 0.375), (1.0, 0.05)])
def test_a_short_message_is_drawn_towards_its_reading_in_context(
    storage: ModelStorage, context: ExecutionContext, weight: float, share: float
) -> None:
    alone, after = [0.1, 0.7, 0.1, 0.1], [0.7, 0.05, 0.2, 0.05]
    _, found = in_context(new(storage, context, context=weight), alone, after)
    assert found["ask_pain"] == pytest.approx(share)
    assert sum(found.values()) == pytest.approx(1.0)


def test_the_surer_reading_counts_more(storage: ModelStorage, context: ExecutionContext) -> None:
    classifier, half = new(storage, context, context=0.5), [0.1, 0.7, 0.1, 0.1]
    _, confused = in_context(classifier, half, [0.25] * 4)
    _, clear = in_context(classifier, half, [0.01, 0.01, 0.01, 0.97])
    assert confused["ask_pain"] > (0.7 + 0.25) / 2
    assert clear["dosing"] > (0.1 + 0.97) / 2


def test_pieces_are_read_without_context(classifier: SentenceClassifier) -> None:
    message, _ = in_context(classifier, CALM, CALM, CRISIS, CALM)
    first, second = message.get(PIECE_RANKINGS)[1:]
    assert first[0]["confidence"] == pytest.approx(0.85)
    assert second[0]["confidence"] == pytest.approx(0.7)


@pytest.mark.parametrize(("alone", "after"), [(CRISIS, CALM), (CALM, CRISIS)])
def test_danger_in_either_reading_shows_beside_the_other(
    plain: SentenceClassifier, alone: list[float], after: list[float]
) -> None:
    _, shares = in_context(plain, alone, after)
    found, calm, danger = (
        in_context(plain, *readings)[0].get(DETECTED)["crisis"]
        for readings in ((alone, after), (CALM, CALM), (CRISIS, CRISIS))
    )
    assert calm < 0.2 < found < danger
    assert found >= Detector().probability(shares["crisis"], []) - 1e-9


@pytest.mark.parametrize("config", [{"ranking_length": 0}, {"context": -0.1}, {"context": 1.1}])
def test_a_configuration_that_cannot_work_is_refused(
    config: dict[str, Any], storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(ValueError, match="SentenceClassifier wants"):
        new(storage, context, **config)


def test_the_configuration_of_the_bot_is_valid_and_names_known_keys() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (config,) = [step for step in pipeline if step["name"].endswith(".SentenceClassifier")]
    default = SentenceClassifier.get_default_config()
    for each in (config, default):
        SentenceClassifier.validate_config(each)
    assert set(config) - {"name"} <= set(default) == set(CONFIG)
