"""The hand-built graph computes BERT, and its int8 form stays close to it."""

import logging

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

from bot.nlu.encoder import Encoder
from bot.nlu.encoder.graph import build, quantise
from bot.nlu.encoder.weights import Weights

from . import reference
from .lesson import LABELS
from .lesson import TEXTS as LESSON

TEXTS = (
    "Does ketamine help with brain fog?",
    "why",
    "I have been so tired since the infection that I cannot get through a day at work any more.",
)


@pytest.fixture(scope="module")
def session(float_model: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(float_model, providers=["CPUExecutionProvider"])


def run(
    session: onnxruntime.InferenceSession, ids: list[list[int]], mask: list[list[int]]
) -> np.ndarray:
    feed = {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
    vectors: np.ndarray = session.run(["embedding"], feed)[0]
    return vectors


@pytest.mark.parametrize("text", TEXTS)
def test_the_graph_computes_what_the_papers_describe(
    session: onnxruntime.InferenceSession, weights: Weights, tokenizer: Tokenizer, text: str
) -> None:
    ids = tokenizer.encode(text).ids
    found = run(session, [ids], [[1] * len(ids)])
    assert found.shape == (1, 384)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], reference.embed(weights, ids), atol=1e-5)


def test_padding_changes_no_vector(
    session: onnxruntime.InferenceSession, tokenizer: Tokenizer
) -> None:
    encoded = [tokenizer.encode(text).ids for text in TEXTS]
    longest = max(map(len, encoded))
    padded = [ids + [7] * (longest - len(ids)) for ids in encoded]
    mask = [[1] * len(ids) + [0] * (longest - len(ids)) for ids in encoded]
    alone = np.concatenate([run(session, [ids], [[1] * len(ids)]) for ids in encoded])
    np.testing.assert_allclose(run(session, padded, mask), alone, atol=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_the_int8_vectors_point_the_same_way(exact: Encoder, encoder: Encoder, text: str) -> None:
    assert float(exact.encode([text])[0] @ encoder.encode([text])[0]) > 0.97


def test_the_quantiser_gives_the_log_back_even_if_it_fails() -> None:
    with pytest.raises(ValueError, match=r"ai\.onnx"):
        quantise(onnx.ModelProto())
    assert logging.getLogger().isEnabledFor(logging.WARNING)


def test_the_log_is_back_after_quantising(encoder: Encoder) -> None:
    assert encoder.encode(["any"]).shape == (1, 384)
    assert logging.getLogger().isEnabledFor(logging.WARNING)


def test_weights_that_lack_a_tensor_give_no_graph(weights: Weights) -> None:
    name = "encoder.layer.5.output.dense.bias"
    with pytest.raises(KeyError, match=name):
        build({key: value for key, value in weights.items() if key != name})


def test_the_tuned_head_scores_what_its_formula_gives(
    exact: Encoder, tuned: Weights, tokenizer: Tokenizer
) -> None:
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    expected = np.stack([reference.embed(tuned, row) for row in ids])
    vectors, scores = exact.read(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(scores, reference.scores(tuned, expected), atol=1e-3)


def test_what_was_learnt_outlives_int8(exact: Encoder, encoder: Encoder) -> None:
    found, expected = encoder.read(LESSON)[1], exact.read(LESSON)[1]
    assert found.argmax(1).tolist() == expected.argmax(1).tolist() == LABELS.tolist()
    # It is another model all the same.
    assert not np.array_equal(found, expected)


def test_a_graph_scores_only_with_a_head(
    float_model: bytes, tuned_model: onnx.ModelProto, tuned: Weights
) -> None:
    outputs = [output.name for output in onnx.load_from_string(float_model).graph.output]
    assert outputs == ["embedding"]
    assert [output.name for output in tuned_model.graph.output] == ["embedding", "scores"]
    with pytest.raises(KeyError, match=r"head\.hidden\.weight"):
        build({name: value for name, value in tuned.items() if name != "head.hidden.weight"})
