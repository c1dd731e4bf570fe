"""Sentence encoder: packaged MiniLM weights, tuned at training, run by ONNX Runtime."""

from bot.nlu.encoder.session import EMBEDDING_SIZE, Encoder
from bot.nlu.encoder.task import Examples, TuningSettings
from bot.nlu.encoder.weights import Array, WeightsError, load_weights, tokenizer_json

__all__ = [
    "EMBEDDING_SIZE",
    "Array",
    "Encoder",
    "Examples",
    "TuningSettings",
    "WeightsError",
    "load_weights",
    "tokenizer_json",
]
