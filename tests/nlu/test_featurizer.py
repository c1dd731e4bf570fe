"""The featurizer: vectors and scores for examples and pieces, from an encoder in the model."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.context import IN_CONTEXT
from bot.nlu.encoder import EMBEDDING_SIZE, Encoder
from bot.nlu.examples import Labelled
from bot.nlu.featurizer import (
    CONTEXT_SCORES,
    INTENTS_FILE,
    MODEL_FILE,
    PIECE_SCORES,
    PIECE_VECTORS,
    SCORED_INTENTS,
    TOKENIZER_FILE,
    NothingToLearnError,
    SentenceFeaturizer,
)
from bot.nlu.splitter import PIECES
from bot.settings import ROOT

from .conftest import FEATURIZER, HEAD_ONLY
from .small import BOTH, EXAMPLES, example, examples

INTENTS = sorted({*EXAMPLES, "ask_outlook"})
# By their texts alone, these are held out and this is not.
HELD = ("hi there", "I sleep all day. I am still exhausted. Can ketamine help?")
LEARNT = "thank you"


def sentence_vector(message: Message) -> np.ndarray:
    sequence, sentence = message.get_dense_features(TEXT)
    assert sequence is None
    assert sentence is not None
    vector: np.ndarray = sentence.features
    return vector


def test_the_encoder_is_stored_with_the_model_and_is_small(encoder_files: dict[str, Path]) -> None:
    sizes = {name: path.stat().st_size for name, path in encoder_files.items()}
    assert set(sizes) == {"encoder.onnx", "tokenizer.json", "intents.json"}
    assert sum(sizes.values()) < 26_000_000


def test_every_intent_of_an_example_is_scored_also_one_that_never_comes_first(
    encoder: Encoder, encoder_files: dict[str, Path]
) -> None:
    assert json.loads(encoder_files[INTENTS_FILE].read_text(encoding="utf-8")) == INTENTS
    assert encoder.labels == len(INTENTS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [("hello there", "greet"), ("many thanks", "thanks"), ("my joints hurt", "ask_pain")],
)
def test_a_text_it_has_not_learnt_scores_highest_as_what_it_means(
    featurizer: SentenceFeaturizer, text: str, intent: str
) -> None:
    (message,) = featurizer.process([Message({PIECES: [text]})])
    assert message.get(SCORED_INTENTS)[message.get(PIECE_SCORES)[0].argmax()] == intent


def test_an_example_of_several_intents_teaches_each_of_them(encoder: Encoder) -> None:
    scores = encoder.read([BOTH])[1][0]
    found = {INTENTS[index] for index in np.argsort(scores)[-3:]}
    assert found == {"ask_pain", "ask_fatigue", "ask_outlook"}


def test_a_finished_tuning_leaves_no_checkpoint(encoder: Encoder, checkpoint: Path) -> None:
    assert encoder.labels
    assert list(checkpoint.parent.iterdir()) == []


def test_what_is_held_out_is_not_learnt(storage: ModelStorage, context: ExecutionContext) -> None:
    held = [example(text, "greet") for text in HELD]
    learnt = [example(text, "ask_pain") for text in EXAMPLES["ask_pain"]]
    assert all(Labelled(text, ("greet",)).held_out for text in HELD)
    featurizer = SentenceFeaturizer.create(HEAD_ONLY, storage, FEATURIZER, context)
    with pytest.raises(NothingToLearnError, match="at least two intents"):
        featurizer.train(TrainingData([*learnt, *held]))


@pytest.mark.parametrize("data", [[], [example(text, "greet") for text in EXAMPLES["greet"]]])
def test_training_needs_two_intents(
    storage: ModelStorage, context: ExecutionContext, data: list[Message]
) -> None:
    featurizer = SentenceFeaturizer.create(HEAD_ONLY, storage, FEATURIZER, context)
    with pytest.raises(NothingToLearnError, match="at least two intents"):
        featurizer.train(TrainingData(data))


def test_a_loaded_featurizer_reads_as_the_encoder_in_the_archive(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    pieces = ["What is PASC? Is it proven?", "What is PASC?", "Is it proven?"]
    (message,) = featurizer.process([Message({TEXT: pieces[0], PIECES: pieces})])
    vectors, scores = encoder.read(pieces)
    assert vectors.shape == (3, EMBEDDING_SIZE)
    assert np.array_equal(message.get(PIECE_VECTORS), vectors)
    assert np.array_equal(message.get(PIECE_SCORES), scores)
    assert np.array_equal(sentence_vector(message), vectors[:1])
    assert message.get(SCORED_INTENTS) == INTENTS


@pytest.mark.parametrize("missing", [MODEL_FILE, TOKENIZER_FILE, INTENTS_FILE])
def test_a_model_that_lacks_a_file_of_the_encoder_does_not_load(
    storage: ModelStorage,
    context: ExecutionContext,
    encoder_files: dict[str, Path],
    missing: str,
) -> None:
    with storage.write_to(FEATURIZER) as folder:
        for name in set(encoder_files) - {missing}:
            os.link(encoder_files[name], folder / name)
    with pytest.raises(FileNotFoundError, match=missing):
        SentenceFeaturizer.load(HEAD_ONLY, storage, FEATURIZER, context)


def test_a_model_without_an_encoder_does_not_load(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(ValueError, match="featurizer"):
        SentenceFeaturizer.load(HEAD_ONLY, storage, FEATURIZER, context)


def test_of_the_examples_only_those_held_out_get_features(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    data = featurizer.process_training_data(examples())
    featured = {message.get(TEXT) for message in data.training_examples if message.features}
    held = {m.get(TEXT) for m in data.training_examples if Labelled(m.get(TEXT), ()).held_out}
    assert featured == held >= set(HELD)
    assert LEARNT not in featured


def test_all_examples_get_features_if_so_configured(
    encoder_storage: ModelStorage, context: ExecutionContext, encoder: Encoder
) -> None:
    config = {**HEAD_ONLY, "all_examples": True}
    featurizer = SentenceFeaturizer.load(config, encoder_storage, FEATURIZER, context)
    silent, unlabelled = Message({"intent": "greet"}), Message({TEXT: "hello"})
    data = [*examples().training_examples, silent, unlabelled]
    featurizer.process_training_data(TrainingData(data))
    assert [message for message in data if not message.features] == [silent, unlabelled]
    (learnt,) = [message for message in data if message.get(TEXT) == LEARNT]
    assert np.array_equal(sentence_vector(learnt), encoder.encode([LEARNT]))


def test_an_example_gets_the_vector_of_its_cleaned_text(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    curly = Message.build("hi   there\u200b", "greet")
    featurizer.process_training_data(TrainingData([curly]))
    assert np.array_equal(sentence_vector(curly), encoder.encode(["hi there"]))


def test_an_example_is_scored_as_a_whole_and_by_its_pieces(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    story = Message.build(HELD[1], "ask_fatigue")
    featurizer.process_training_data(TrainingData([story]))
    expected = [HELD[1], "I sleep all day.", "I am still exhausted.", "Can ketamine help?"]
    assert np.array_equal(story.get(PIECE_SCORES), encoder.read(expected)[1])
    assert story.get(SCORED_INTENTS) == INTENTS


def test_a_follow_up_is_scored_as_one_with_what_was_said_before(
    encoder_storage: ModelStorage, context: ExecutionContext, encoder: Encoder
) -> None:
    config = {**HEAD_ONLY, "all_examples": True}
    featurizer = SentenceFeaturizer.load(config, encoder_storage, FEATURIZER, context)
    text = "Is it proven? Who says so? / and headaches?"
    follow_up = Message.build(text, "ask_pain")
    featurizer.process_training_data(TrainingData([follow_up]))
    assert np.array_equal(follow_up.get(PIECE_SCORES), encoder.read([text])[1])


def test_a_message_read_in_context_gets_the_scores_of_that_reading_too(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    read = "does it ease pain? / and sleep?"
    messages = [Message({PIECES: ["and sleep?"], IN_CONTEXT: read}), Message({PIECES: ["why?"]})]
    assert featurizer.process(messages) is messages
    expected = encoder.read([read, "and sleep?"])[1]
    assert np.array_equal(messages[0].get(CONTEXT_SCORES), expected[:1])
    assert np.array_equal(messages[0].get(PIECE_SCORES), expected[1:])
    assert messages[1].get(CONTEXT_SCORES) is None


@pytest.mark.parametrize("data", [{TEXT: "😢", PIECES: []}, {TEXT: "not split"}])
def test_a_message_without_pieces_gets_no_feature(
    featurizer: SentenceFeaturizer, data: dict[str, object]
) -> None:
    (message,) = featurizer.process([Message(data)])
    assert message.get(PIECE_VECTORS).shape == (0, EMBEDDING_SIZE)
    assert message.get(PIECE_SCORES).shape == (0, len(INTENTS))
    assert message.get_dense_features(TEXT) == (None, None)


def test_the_feature_says_which_component_made_it(featurizer: SentenceFeaturizer) -> None:
    (message,) = featurizer.process([Message({TEXT: "why?", PIECES: ["why?"]})])
    assert [feature.origin for feature in message.features] == ["run_featurizer"]


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"epochs": 0}, "1 or more"),
        ({"hidden": 0}, "1 or more"),
        ({"rate": 0.0}, "between 0 and 1"),
        ({"frozen": 7}, "0 to 6"),
        ({"dropout": 1.0, "noise": -0.1}, "dropout, noise"),
    ],
)
def test_a_tuning_that_cannot_work_is_refused(
    config: dict[str, Any], complaint: str, storage: ModelStorage, context: ExecutionContext
) -> None:
    with pytest.raises(ValueError, match=complaint):
        SentenceFeaturizer.create(config, storage, FEATURIZER, context)


def test_the_configuration_of_the_bot_is_valid_and_names_known_keys() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (config,) = [step for step in pipeline if step["name"].endswith(".SentenceFeaturizer")]
    SentenceFeaturizer.validate_config(config)
    assert set(config) - {"name"} <= set(SentenceFeaturizer.get_default_config())
