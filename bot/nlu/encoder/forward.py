"""The encoder's forward pass in TensorFlow, for training only.

The same architecture as `bot.nlu.encoder.graph` (BERT, Devlin et al. 2019; mean pooling, Reimers &
Gurevych 2019) in a form that can be differentiated. TensorFlow comes with Rasa; serving never
imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from bot.nlu.encoder.weights import EPSILON, HEAD_SIZE, HEADS, HIDDEN, LAYERS

Tensor = Any


class Forward:
    """Computes sentence embeddings from token ids with the given tensors, in two halves.

    Args:
        tensors: the encoder's weights by name; variables where they are trained.
        frozen: how many of the lower layers are only read.
    """

    def __init__(self, tensors: Mapping[str, Tensor], frozen: int) -> None:
        self._tensors = tensors
        self._frozen = frozen
        self._product = _short_product if has_matrix_unit() else tf.matmul

    def lower(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the frozen layers' output [n, t, 384] for ids [n, t] and mask [n, t] (float)."""
        words = tf.gather(self._tensors["embeddings.word_embeddings.weight"], ids)
        table = self._tensors["embeddings.position_embeddings.weight"]
        types = self._tensors["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(words + table[: tf.shape(ids)[1]] + types, "embeddings.LayerNorm")
        for index in range(self._frozen):
            x = self._layer(x, mask, index)
        return x

    def upper(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors [n, 384] for the frozen layers' output."""
        for index in range(self._frozen, LAYERS):
            x = self._layer(x, mask, index)
        column = mask[:, :, None]
        mean = tf.reduce_sum(x * column, 1) / tf.reduce_sum(column, 1)
        return tf.math.l2_normalize(mean, -1)

    def _layer(self, x: Tensor, mask: Tensor, index: int) -> Tensor:
        prefix = f"encoder.layer.{index}"
        shape = tf.shape(x)
        flat = tf.reshape(x, [-1, HIDDEN])
        context = self._attention(flat, mask, shape, f"{prefix}.attention.self")
        attended = self._norm(
            flat + self._linear(context, f"{prefix}.attention.output.dense"),
            f"{prefix}.attention.output.LayerNorm",
        )
        hidden = tf.nn.gelu(self._linear(attended, f"{prefix}.intermediate.dense"))
        output = self._linear(hidden, f"{prefix}.output.dense")
        return tf.reshape(self._norm(output + attended, f"{prefix}.output.LayerNorm"), shape)

    def _attention(self, x: Tensor, mask: Tensor, shape: Tensor, prefix: str) -> Tensor:
        split = [shape[0], shape[1], HEADS, HEAD_SIZE]
        query, key, value = (
            tf.transpose(tf.reshape(self._linear(x, f"{prefix}.{part}"), split), [0, 2, 1, 3])
            for part in ("query", "key", "value")
        )
        hidden_away = ((1.0 - mask) * -1e4)[:, None, None, :]
        scores = tf.matmul(query, key, transpose_b=True) / HEAD_SIZE**0.5
        weights = tf.nn.softmax(scores + hidden_away)
        return tf.reshape(tf.transpose(tf.matmul(weights, value), [0, 2, 1, 3]), [-1, HIDDEN])

    def _linear(self, x: Tensor, prefix: str) -> Tensor:
        product = self._product(x, self._tensors[f"{prefix}.weight"], transpose_b=True)
        return product + self._tensors[f"{prefix}.bias"]

    def _norm(self, x: Tensor, prefix: str) -> Tensor:
        mean = tf.reduce_mean(x, -1, keepdims=True)
        variance = tf.reduce_mean(tf.square(x - mean), -1, keepdims=True)
        scale = tf.math.rsqrt(variance + EPSILON) * self._tensors[f"{prefix}.weight"]
        return (x - mean) * scale + self._tensors[f"{prefix}.bias"]


def has_matrix_unit(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Tell whether the processor multiplies bfloat16 matrices in hardware (Intel AMX)."""
    return cpuinfo.is_file() and "amx_bf16" in cpuinfo.read_text(encoding="utf-8")


def _short_product(a: Tensor, b: Tensor, transpose_b: bool = False) -> Tensor:
    # Measured on two cores: a training step takes two thirds of the time (docs/understanding.md).
    short = tf.matmul(tf.cast(a, tf.bfloat16), tf.cast(b, tf.bfloat16), transpose_b=transpose_b)
    return tf.cast(short, tf.float32)
