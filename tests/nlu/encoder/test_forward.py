"""TensorFlow's forward pass computes what the graph that serves computes."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tokenizers import Tokenizer

from bot.nlu.encoder import Array, forward
from bot.nlu.encoder.forward import Forward, has_matrix_unit
from bot.nlu.encoder.weights import Weights

from .lesson import TEXTS

PLAIN = "flags\t\t: fpu sse2 avx512_bf16 amx_tile amx_int8\n"
WITH_UNIT = "flags\t\t: fpu sse2 avx512_bf16 amx_bf16 amx_tile amx_int8\n"


@pytest.fixture
def processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """The processor that the forward pass finds itself on, by its flags."""
    described = tmp_path / "cpuinfo"
    described.write_text(request.param, encoding="utf-8")
    monkeypatch.setattr(forward, "has_matrix_unit", partial(has_matrix_unit, described))


@pytest.fixture(scope="module")
def tensors(weights: Weights) -> dict[str, object]:
    return {name: tf.constant(value) for name, value in weights.items()}


def embed(tensors: dict[str, object], frozen: int, tokenizer: Tokenizer, texts: list[str]) -> Array:
    """Return the unit vectors of texts that are read together, the shorter ones padded."""
    rows = [tokenizer.encode(text).ids for text in texts]
    longest = max(map(len, rows))
    ids = np.array([row + [7] * (longest - len(row)) for row in rows], dtype=np.int32)
    mask = np.array([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows], dtype="f4")
    halves = Forward(tensors, frozen)
    vectors: Array = halves.upper(halves.lower(ids, mask), mask).numpy()
    return vectors


@pytest.mark.parametrize("processor", [PLAIN], indirect=True)
@pytest.mark.parametrize("frozen", [0, 3, 6])
@pytest.mark.usefixtures("processor")
def test_untuned_it_computes_what_serves_wherever_the_halves_meet(
    tensors: dict[str, object], tokenizer: Tokenizer, vectors: Array, frozen: int
) -> None:
    found = embed(tensors, frozen, tokenizer, TEXTS)
    assert found.shape == vectors.shape
    np.testing.assert_allclose(found, vectors, atol=1e-5)


@pytest.mark.parametrize("processor", [WITH_UNIT], indirect=True)
@pytest.mark.usefixtures("processor")
def test_short_numbers_turn_no_vector_far(
    tensors: dict[str, object], tokenizer: Tokenizer, vectors: Array
) -> None:
    found = embed(tensors, 3, tokenizer, TEXTS)
    assert (found * vectors).sum(1).min() > 0.999
    # It is the short product that ran: the exact one comes nearer.
    assert np.abs(found - vectors).max() > 1e-4


@pytest.mark.parametrize("processor", [PLAIN], indirect=True)
@pytest.mark.usefixtures("processor")
def test_padding_changes_no_vector_in_training_either(
    tensors: dict[str, object], tokenizer: Tokenizer
) -> None:
    texts = ["why", "I have been so tired since the infection that I cannot get through a day."]
    alone = [embed(tensors, 6, tokenizer, [text]) for text in texts]
    together = embed(tensors, 6, tokenizer, texts)
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


@pytest.mark.parametrize(("described", "expected"), [(PLAIN, False), (WITH_UNIT, True)])
def test_the_matrix_unit_is_found_among_the_processors_flags(
    tmp_path: Path, described: str, expected: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"model name\t: any\n{described}", encoding="utf-8")
    assert has_matrix_unit(tmp_path / "cpuinfo") is expected


def test_a_system_that_does_not_describe_its_processor_has_no_matrix_unit(tmp_path: Path) -> None:
    assert has_matrix_unit(tmp_path / "cpuinfo") is False
