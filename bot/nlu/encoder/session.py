"""Runs the sentence encoder: texts in, unit vectors and the head's scores out."""

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

    @property
    def labels(self) -> int:
        """How many labels the head scores; 0 without a head."""
        outputs = {output.name: output.shape for output in self._session.get_outputs()}
        return int(outputs["scores"][1]) if "scores" in outputs else 0

    def encode(self, texts: Sequence[str]) -> Array:
        """Return one unit vector per text, shape [n, 384], float32. No texts: shape [0, 384]."""
        return self.read(texts)[0]

    def read(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """Return vectors [n, 384] and the head's scores (logits) [n, labels], both float32."""
        # One at a time: int8 activations are scaled per batch, so neighbours would change a vector.
        found = [self._run(text) for text in texts]
        shapes = (EMBEDDING_SIZE, self.labels)
        empty = [np.zeros((0, size), dtype=np.float32) for size in shapes]
        vectors = np.concatenate([empty[0], *(outputs[0] for outputs in found)])
        if not self.labels:
            return vectors, np.zeros((len(found), 0), dtype=np.float32)
        return vectors, np.concatenate([empty[1], *(outputs[1] for outputs in found)])

    def _run(self, text: str) -> list[Array]:
        encoding = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
        }
        outputs: list[Array] = self._session.run(None, feed)
        return outputs
