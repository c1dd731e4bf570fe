"""Sentence encoder: packaged MiniLM weights run by ONNX Runtime, no PyTorch."""

from bot.nlu.encoder.session import EMBEDDING_SIZE, Encoder
from bot.nlu.encoder.weights import Array, WeightsError, load_weights, tokenizer_json

__all__ = ["EMBEDDING_SIZE", "Array", "Encoder", "WeightsError", "load_weights", "tokenizer_json"]
