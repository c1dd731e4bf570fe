"""The featurizer: sentence vectors for examples and for pieces, from an encoder in the model."""

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import EMBEDDING_SIZE, Encoder
from bot.nlu.featurizer import PIECE_VECTORS, SentenceFeaturizer
from bot.nlu.splitter import PIECES

from .conftest import FEATURIZER


def sentence_vector(message: Message) -> np.ndarray:
    sequence, sentence = message.get_dense_features(TEXT)
    assert sequence is None
    assert sentence is not None
    vector: np.ndarray = sentence.features
    return vector


def test_the_encoder_is_stored_with_the_model_and_is_small(encoder_files: dict[str, Path]) -> None:
    sizes = {name: path.stat().st_size for name, path in encoder_files.items()}
    assert set(sizes) == {"encoder.onnx", "tokenizer.json"}
    assert sum(sizes.values()) < 26_000_000


def test_nothing_is_learnt_so_training_gives_the_stored_encoder(
    featurizer: SentenceFeaturizer,
) -> None:
    assert featurizer.train(TrainingData()) == FEATURIZER


def test_a_loaded_featurizer_gives_the_same_vectors(
    featurizer: SentenceFeaturizer, encoder_storage: ModelStorage, context: ExecutionContext
) -> None:
    loaded = SentenceFeaturizer.load({}, encoder_storage, FEATURIZER, context)
    first, second = (
        each.process([Message({TEXT: "why?", PIECES: ["why?"]})])[0].get(PIECE_VECTORS)
        for each in (featurizer, loaded)
    )
    assert np.array_equal(first, second)


def test_a_model_without_an_encoder_does_not_load(
    storage: ModelStorage, context: ExecutionContext
) -> None:
    with storage.write_to(FEATURIZER):
        pass
    with pytest.raises(FileNotFoundError):
        SentenceFeaturizer.load({}, storage, FEATURIZER, context)


def test_every_example_with_text_gets_the_vector_of_its_cleaned_text(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    curly = Message.build("I don’t  know", "deny")
    silent = Message({"intent": "greet"})
    featurizer.process_training_data(TrainingData([curly, silent]))
    assert np.array_equal(sentence_vector(curly), encoder.encode(["I don't know"]))
    assert silent.get_dense_features(TEXT) == (None, None)


def test_every_piece_gets_its_vector_and_the_message_that_of_the_whole(
    featurizer: SentenceFeaturizer, encoder: Encoder
) -> None:
    pieces = ["What is PASC? Is it proven?", "What is PASC?", "Is it proven?"]
    (message,) = featurizer.process([Message({TEXT: pieces[0], PIECES: pieces})])
    vectors = message.get(PIECE_VECTORS)
    assert vectors.shape == (3, EMBEDDING_SIZE)
    assert np.array_equal(vectors, encoder.encode(pieces))
    assert np.array_equal(sentence_vector(message), vectors[:1])


@pytest.mark.parametrize("data", [{TEXT: "😢", PIECES: []}, {TEXT: "not split"}])
def test_a_message_without_pieces_gets_no_feature(
    featurizer: SentenceFeaturizer, data: dict[str, object]
) -> None:
    (message,) = featurizer.process([Message(data)])
    assert message.get(PIECE_VECTORS).shape == (0, EMBEDDING_SIZE)
    assert message.get_dense_features(TEXT) == (None, None)


def test_the_feature_says_which_component_made_it(featurizer: SentenceFeaturizer) -> None:
    (message,) = featurizer.process([Message({TEXT: "why?", PIECES: ["why?"]})])
    assert [feature.origin for feature in message.features] == ["run_featurizer"]
