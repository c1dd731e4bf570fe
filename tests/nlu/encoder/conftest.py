"""The packaged weights, and an encoder tuned to a small lesson, each made once for the run."""

from __future__ import annotations

import onnx
import pytest
from tokenizers import Tokenizer

from bot.nlu.encoder import Array, Encoder, load_weights, tokenizer_json
from bot.nlu.encoder.graph import build, quantise
from bot.nlu.encoder.tuning import Tuner
from bot.nlu.encoder.weights import Weights

from .lesson import SETTINGS, TEXTS, labelled


@pytest.fixture(scope="session")
def weights() -> Weights:
    """The encoder as packaged."""
    return load_weights()


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """The encoder's tokenizer."""
    made = Tokenizer.from_str(tokenizer_json())
    made.no_padding()
    return made


@pytest.fixture(scope="session")
def float_model(weights: Weights) -> bytes:
    """The packaged encoder's graph before it is quantised; it has no head."""
    model: bytes = build(weights).SerializeToString()
    return model


@pytest.fixture(scope="session")
def packaged(float_model: bytes) -> Encoder:
    """The packaged encoder at full precision, without a head."""
    return Encoder(float_model, tokenizer_json())


@pytest.fixture(scope="session")
def vectors(packaged: Encoder) -> Array:
    """What the packaged encoder makes of the lesson's texts."""
    return packaged.encode(TEXTS)


@pytest.fixture(scope="session")
def tuned(weights: Weights) -> Weights:
    """All weights after the top layer and a head were tuned to the lesson, as training does it."""
    return Tuner(weights, tokenizer_json(), labelled(), SETTINGS).run()


@pytest.fixture(scope="session")
def tuned_model(tuned: Weights) -> onnx.ModelProto:
    """The tuned encoder's graph, with its head, before it is quantised."""
    return build(tuned)


@pytest.fixture(scope="session")
def exact(tuned_model: onnx.ModelProto) -> Encoder:
    """The tuned encoder at full precision."""
    return Encoder(tuned_model.SerializeToString(), tokenizer_json())


@pytest.fixture(scope="session")
def encoder(tuned_model: onnx.ModelProto) -> Encoder:
    """The tuned encoder as it serves, in int8."""
    return Encoder(quantise(tuned_model), tokenizer_json())
