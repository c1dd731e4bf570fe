"""The hand-built graph computes BERT, and its int8 form stays close to it."""

import logging

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

from bot.nlu.encoder import Encoder, tokenizer_json
from bot.nlu.encoder.graph import build, quantise
from bot.nlu.encoder.weights import Weights, load_weights

from . import reference

TEXTS = (
    "Does ketamine help with brain fog?",
    "why",
    "I have been so tired since the infection that I cannot get through a day at work any more.",
)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return load_weights()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer.from_str(tokenizer_json())
    made.no_padding()
    return made


@pytest.fixture(scope="module")
def session(weights: Weights) -> onnxruntime.InferenceSession:
    model = build(weights).SerializeToString()
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


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
def test_the_int8_vectors_point_the_same_way(
    session: onnxruntime.InferenceSession, tokenizer: Tokenizer, encoder: Encoder, text: str
) -> None:
    ids = tokenizer.encode(text).ids
    exact = run(session, [ids], [[1] * len(ids)])[0]
    assert float(exact @ encoder.encode([text])[0]) > 0.97


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
