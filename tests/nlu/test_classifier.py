"""The classifier: ranks that add up, that survive storage, and that fail loudly."""

import json
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import PIECE_RANKINGS, WEIGHTS_FILE, SentenceClassifier, UntrainedError
from bot.nlu.encoder import Encoder
from bot.nlu.featurizer import PIECE_VECTORS, SentenceFeaturizer

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


def test_the_ranks_agree_with_scikit_learn(
    classifier: SentenceClassifier, featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    from sklearn.linear_model import LogisticRegression

    texts = [text for some in EXAMPLES.values() for text in some]
    labels = [name for name, some in EXAMPLES.items() for _ in some]
    model = LogisticRegression(C=30.0, class_weight="balanced", max_iter=2000, random_state=0)
    model.fit(encoder.encode(texts), labels)
    asked = encoder.encode(["good morning, I am tired"])
    expected = dict(zip(model.classes_, model.predict_proba(asked)[0], strict=True))
    found = {row["name"]: row["confidence"] for row in classifier.rank(asked[0])}
    assert found == pytest.approx(expected, abs=1e-3)


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


def test_training_needs_two_intents(
    featurizer: SentenceFeaturizer, storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(UntrainedError, match="at least two intents"):
        new(storage, context).train(examples_of(featurizer, "greet"))


def test_training_needs_featurized_examples(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    bare = TrainingData([Message.build("hello", "greet"), Message.build("it hurts", "ask_pain")])
    with pytest.raises(UntrainedError, match=r"config\.yml"):
        new(storage, context).train(bare)


def test_a_model_without_coefficients_does_not_load(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(RESOURCE):
        pass
    with pytest.raises(UntrainedError, match="make train"):
        SentenceClassifier.load({}, storage, RESOURCE, context)


def test_nothing_pickled_is_loaded(storage: ModelStorage, context: ExecutionContext) -> None:
    with storage.write_to(RESOURCE) as folder:
        np.savez(folder / WEIGHTS_FILE, labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        SentenceClassifier.load({}, storage, RESOURCE, context)


@pytest.mark.parametrize(
    "config", [{"strength": 0}, {"strength": -1.0}, {"ranking_length": 0}, {"strength": np.nan}]
)
def test_a_configuration_that_cannot_work_is_refused(
    config: dict[str, Any], storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(ValueError, match="SentenceClassifier wants"):
        new(storage, context, **config)


def test_the_default_configuration_is_valid() -> None:
    SentenceClassifier.validate_config({})
