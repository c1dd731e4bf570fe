"""The classifier: ranks that add up, that survive storage, and that fail loudly."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.neural_network import MLPClassifier

from bot.nlu.classifier import (
    BATCH,
    PIECE_RANKINGS,
    WEIGHTS_FILE,
    SentenceClassifier,
    UntrainedError,
)
from bot.nlu.encoder import EMBEDDING_SIZE, Encoder
from bot.nlu.featurizer import PIECE_VECTORS, SentenceFeaturizer
from bot.settings import ROOT

from .conftest import storage_in

EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey you"],
    "thanks": ["thank you", "thanks a lot", "cheers, much appreciated", "thank you so much"],
    "ask_pain": ["does it ease pain", "can it help my aching joints", "headaches?", "it hurts"],
    "ask_fatigue": ["I am so tired", "can it help exhaustion", "no energy at all", "fatigue"],
}
RESOURCE = Resource("classifier")


def examples_of(featurizer: SentenceFeaturizer, *intents: str) -> TrainingData:
    examples = [Message.build(text, name) for name in intents for text in EXAMPLES[name]]
    return featurizer.process_training_data(TrainingData(examples))


def new(storage: ModelStorage, context: ExecutionContext, **config: Any) -> SentenceClassifier:
    merged = {**SentenceClassifier.get_default_config(), **config}
    return SentenceClassifier.create(merged, storage, RESOURCE, context)


@pytest.fixture
def classifier(
    featurizer: SentenceFeaturizer, storage: ModelStorage, context: ExecutionContext
) -> SentenceClassifier:
    made = new(storage, context)
    assert made.train(examples_of(featurizer, *EXAMPLES)) == RESOURCE
    return made


def read(classifier: SentenceClassifier, encoder: Encoder, *pieces: str) -> Message:
    (message,) = classifier.process([Message({PIECE_VECTORS: encoder.encode(pieces)})])
    return message


@pytest.mark.parametrize(
    ("text", "intent"),
    [("hello there", "greet"), ("many thanks", "thanks"), ("my joints hurt", "ask_pain")],
)
def test_the_likeliest_intent_leads(
    classifier: SentenceClassifier, encoder: Encoder, text: str, intent: str
) -> None:
    message = read(classifier, encoder, text)
    assert message.get(INTENT)["name"] == intent
    assert message.get("intent_ranking")[0] == message.get(INTENT)


def test_confidences_are_a_falling_distribution_over_all_the_intents(
    classifier: SentenceClassifier, encoder: Encoder
) -> None:
    ranking = classifier.rank(encoder.encode(["is it tiring"])[0])
    confidences = [row["confidence"] for row in ranking]
    assert {row["name"] for row in ranking} == set(EXAMPLES)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)


def test_the_ranks_are_the_mean_of_scikit_learns_own_networks(
    featurizer: SentenceFeaturizer,
    storage: ModelStorage,
    context: ExecutionContext,
    encoder: Encoder,
) -> None:
    classifier = new(storage, context, networks=3, hidden=24, decay=0.2, epochs=40)
    classifier.train(examples_of(featurizer, *EXAMPLES))
    texts = [text for some in EXAMPLES.values() for text in some]
    labels = [name for name, some in EXAMPLES.items() for _ in some]
    scale = np.sqrt(EMBEDDING_SIZE)
    asked = encoder.encode(["good morning, I am tired"])
    networks = [
        MLPClassifier((24,), alpha=0.2, max_iter=40, batch_size=len(texts), random_state=seed)
        for seed in range(3)
    ]
    for network in networks:
        network.fit((encoder.encode(texts) * scale).astype(np.float32), labels)
    votes = [network.predict_proba((asked * scale).astype(np.float32))[0] for network in networks]
    expected = dict(zip(networks[0].classes_, np.mean(votes, axis=0), strict=True))
    found = {row["name"]: row["confidence"] for row in classifier.rank(asked[0])}
    assert found == pytest.approx(expected, abs=1e-4)
    alone = dict(zip(networks[0].classes_, votes[0], strict=True))
    assert found != pytest.approx(alone, abs=1e-4), "the others have a vote, too"


def test_a_second_training_gives_the_same_ranks(
    classifier: SentenceClassifier,
    featurizer: SentenceFeaturizer,
    tmp_path: Path,
    context: ExecutionContext,
    encoder: Encoder,
) -> None:
    again = new(storage_in(tmp_path / "again"), context)
    again.train(examples_of(featurizer, *EXAMPLES))
    vector = encoder.encode(["can it ease a headache"])[0]
    assert again.rank(vector) == classifier.rank(vector)


def test_more_examples_than_a_batch_holds_are_learnt(
    featurizer: SentenceFeaturizer,
    storage: ModelStorage,
    context: ExecutionContext,
    encoder: Encoder,
) -> None:
    examples = [
        Message.build(f"{text}{end}", name)
        for name, some in EXAMPLES.items()
        for text in some
        for end in ("", "!", ".", ", please", " today")
    ]
    many = featurizer.process_training_data(TrainingData(examples))
    assert len(many.training_examples) > BATCH
    classifier = new(storage, context, networks=2, hidden=32)
    classifier.train(many)
    assert classifier.rank(encoder.encode(["hello there"])[0])[0]["name"] == "greet"


def test_planned_epochs_are_no_warning(
    featurizer: SentenceFeaturizer, storage: ModelStorage, context: ExecutionContext
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new(storage, context, networks=1, hidden=4, epochs=1).train(
            examples_of(featurizer, *EXAMPLES)
        )


@pytest.mark.parametrize("networks", [1, 3])
def test_every_network_is_stored_as_plain_arrays(
    networks: int,
    featurizer: SentenceFeaturizer,
    storage: ModelStorage,
    context: ExecutionContext,
) -> None:
    classifier = new(storage, context, networks=networks, hidden=8)
    classifier.train(examples_of(featurizer, *EXAMPLES))
    kinds = ("weights_in", "weights_out", "bias_in", "bias_out")
    names = {f"{kind}_{index}" for kind in kinds for index in range(networks)}
    with (
        storage.read_from(RESOURCE) as folder,
        np.load(folder / WEIGHTS_FILE, allow_pickle=False) as stored,
    ):
        assert set(stored.files) == {"labels", *names}
        assert stored["labels"].tolist() == sorted(EXAMPLES)
        assert stored["weights_in_0"].shape == (EMBEDDING_SIZE, 8)
        assert stored["weights_out_0"].shape == (8, len(EXAMPLES))


def test_a_loaded_classifier_ranks_the_same(
    classifier: SentenceClassifier,
    storage: ModelStorage,
    context: ExecutionContext,
    encoder: Encoder,
) -> None:
    config = SentenceClassifier.get_default_config()
    loaded = SentenceClassifier.load(config, storage, RESOURCE, context)
    vector = encoder.encode(["can it ease a headache"])[0]
    assert loaded.rank(vector) == classifier.rank(vector)


def test_every_piece_is_ranked_in_full_and_the_output_is_cut(
    featurizer: SentenceFeaturizer,
    storage: ModelStorage,
    context: ExecutionContext,
    encoder: Encoder,
) -> None:
    classifier = new(storage, context, ranking_length=2)
    classifier.train(examples_of(featurizer, *EXAMPLES))
    message = read(classifier, encoder, "hello. it hurts", "hello", "it hurts")
    assert [len(ranking) for ranking in message.get(PIECE_RANKINGS)] == [len(EXAMPLES)] * 3
    tops = [ranking[0]["name"] for ranking in message.get(PIECE_RANKINGS)]
    assert tops[1:] == ["greet", "ask_pain"]
    assert len(message.get("intent_ranking")) == 2


def test_the_output_can_be_sent_as_json(classifier: SentenceClassifier, encoder: Encoder) -> None:
    shown = read(classifier, encoder, "hello").as_dict(only_output_properties=True)
    assert set(json.loads(json.dumps(shown))) == {INTENT, "intent_ranking"}


def test_a_message_without_pieces_has_no_intent(
    classifier: SentenceClassifier, encoder: Encoder
) -> None:
    bare = classifier.process([Message({TEXT: "never featurized"})])[0]
    for message in (read(classifier, encoder), bare):
        assert message.get(INTENT) == {"name": None, "confidence": 0.0}
        assert message.get("intent_ranking") == []
        assert message.get(PIECE_RANKINGS) == []


@pytest.mark.parametrize("intents", [(), ("greet",), ("greet", "ask_pain")])
def test_training_needs_three_intents(
    intents: tuple[str, ...],
    featurizer: SentenceFeaturizer,
    storage: ModelStorage,
    context: ExecutionContext,
) -> None:
    with pytest.raises(UntrainedError, match="at least three intents"):
        new(storage, context).train(examples_of(featurizer, *intents))


def test_three_intents_are_enough(
    featurizer: SentenceFeaturizer, storage: ModelStorage, context: ExecutionContext
) -> None:
    classifier = new(storage, context)
    classifier.train(examples_of(featurizer, "greet", "thanks", "ask_pain"))
    ranking = classifier.rank(np.zeros(EMBEDDING_SIZE, np.float32))
    assert {row["name"] for row in ranking} == {"greet", "thanks", "ask_pain"}


def test_training_needs_featurized_examples(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    bare = TrainingData([Message.build(some[0], name) for name, some in EXAMPLES.items()])
    with pytest.raises(UntrainedError, match=r"config\.yml"):
        new(storage, context).train(bare)


def test_a_model_without_weights_does_not_load(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(RESOURCE):
        pass
    with pytest.raises(UntrainedError, match="make train"):
        SentenceClassifier.load({}, storage, RESOURCE, context)


@pytest.mark.parametrize("arrays", [{}, {"weights_in_0": np.zeros((384, 8))}])
def test_a_classifier_that_is_not_whole_does_not_load(
    arrays: dict[str, Any], storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(RESOURCE) as folder:
        np.savez(folder / WEIGHTS_FILE, labels=np.array(["greet"]), **arrays)
    with pytest.raises(UntrainedError, match="make train"):
        SentenceClassifier.load({}, storage, RESOURCE, context)


def test_nothing_pickled_is_loaded(storage: ModelStorage, context: ExecutionContext) -> None:
    with storage.write_to(RESOURCE) as folder:
        np.savez(folder / WEIGHTS_FILE, labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        SentenceClassifier.load({}, storage, RESOURCE, context)


@pytest.mark.parametrize(
    "config",
    [
        {"decay": 0},
        {"decay": -1.0},
        {"decay": np.nan},
        {"networks": 0},
        {"hidden": 0},
        {"epochs": 0},
        {"epochs": -3},
        {"ranking_length": 0},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(
    config: dict[str, Any], storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(ValueError, match="SentenceClassifier wants"):
        new(storage, context, **config)


def test_the_default_configuration_is_valid() -> None:
    SentenceClassifier.validate_config({})


def test_the_configuration_of_the_bot_is_valid_and_names_known_keys() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (config,) = [step for step in pipeline if step["name"].endswith(".SentenceClassifier")]
    SentenceClassifier.validate_config(config)
    assert set(config) - {"name"} <= set(SentenceClassifier.get_default_config())
