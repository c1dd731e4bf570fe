"""The encoder: a unit vector and scores for each text, the same whatever stands beside it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot.nlu.encoder import EMBEDDING_SIZE, Encoder
from bot.nlu.encoder.session import MAX_TOKENS

TEXTS = ["Is ketamine safe?", "why", "Long COVID makes me so tired.", "🧠", ""]


def test_every_text_gets_a_unit_vector(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), EMBEDDING_SIZE)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    vectors = encoder.encode([])
    assert vectors.shape == (0, EMBEDDING_SIZE)
    assert vectors.dtype == np.float32


def test_a_head_scores_its_labels_for_every_text(encoder: Encoder) -> None:
    vectors, scores = encoder.read(TEXTS)
    assert encoder.labels == 3
    assert scores.shape == (len(TEXTS), 3)
    assert scores.dtype == np.float32
    assert np.array_equal(vectors, encoder.encode(TEXTS))
    assert len(np.unique(scores[:3], axis=0)) == 3


def test_no_texts_give_no_scores_but_tell_how_many_labels_there_are(encoder: Encoder) -> None:
    vectors, scores = encoder.read([])
    assert vectors.shape == (0, EMBEDDING_SIZE)
    assert scores.shape == (0, 3)


@pytest.mark.parametrize("texts", [TEXTS, []])
def test_an_encoder_without_a_head_scores_nothing(packaged: Encoder, texts: list[str]) -> None:
    assert packaged.labels == 0
    vectors, scores = packaged.read(texts)
    assert vectors.shape == (len(texts), EMBEDDING_SIZE)
    assert scores.shape == (len(texts), 0)
    assert scores.dtype == np.float32


def test_neighbours_change_neither_vector_nor_scores(encoder: Encoder) -> None:
    alone = [encoder.read([text]) for text in TEXTS]
    for together, apart in zip(encoder.read(TEXTS), zip(*alone, strict=True), strict=True):
        assert np.array_equal(together, np.concatenate(apart))


def test_nearness_of_meaning_is_nearness_of_vectors(encoder: Encoder) -> None:
    asked, same, other = encoder.encode(
        ["I am exhausted all the time", "constant tiredness", "the capital of France"]
    )
    assert asked @ same > asked @ other + 0.3


def test_what_lies_beyond_the_longest_length_is_not_read(encoder: Encoder) -> None:
    # Two of the tokens mark the beginning and the end.
    words = MAX_TOKENS - 2
    filled, beyond, short = encoder.encode(["fog " * words, "fog " * words + "pain", "fog " * 20])
    assert np.array_equal(filled, beyond)
    assert not np.array_equal(filled, short)


def test_threads_get_the_vectors_of_their_own_texts(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(encoder.encode, [[text] for text in TEXTS * 8]))
    assert np.array_equal(np.concatenate(found), np.concatenate([expected] * 8))
