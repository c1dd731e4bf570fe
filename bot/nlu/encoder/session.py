"""Runs the sentence encoder: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bot.nlu.encoder.weights import Array

EMBEDDING_SIZE = 384
MAX_TOKENS = 256


class Encoder:
    """A loaded encoder. Thread-safe; one intra-op thread, so that results repeat.

    Args:
        model: a serialised ONNX model as built by `bot.nlu.encoder.graph`.
        tokenizer: the tokenizer's JSON.
    """

    def __init__(self, model: bytes, tokenizer: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one unit vector per text, shape [n, 384], float32. No texts: shape [0, 384]."""
        if not texts:
            return np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)
        # One at a time: int8 activations are scaled per batch, so neighbours would change a vector.
        return np.concatenate([self._run(text) for text in texts])

    def _run(self, text: str) -> Array:
        encoding = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
        }
        vectors: Array = self._session.run(["embedding"], feed)[0]
        return vectors
