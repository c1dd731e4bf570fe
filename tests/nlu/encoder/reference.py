"""BERT's forward pass and the head's in plain NumPy, to hold the ONNX graph against."""

import numpy as np
from scipy.special import erf

from bot.nlu.encoder.weights import Weights

HEADS = 12


def embed(weights: Weights, ids: list[int]) -> np.ndarray:
    """Return the unit vector [384] of one unpadded text in float64."""
    w = {name: value.astype(np.float64) for name, value in weights.items() if value.ndim}
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = _norm(w, x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for index in range(6):
        x = _layer(w, x, f"encoder.layer.{index}")
    mean = x.mean(axis=0)
    unit: np.ndarray = mean / np.linalg.norm(mean)
    return unit


def scores(weights: Weights, vectors: np.ndarray) -> np.ndarray:
    """Return the head's logits [n, labels] for unit vectors [n, 384]."""
    hidden = vectors * 384**0.5 @ weights["head.hidden.weight"] + weights["head.hidden.bias"]
    active = np.maximum(hidden, 0)
    found: np.ndarray = active @ weights["head.output.weight"] + weights["head.output.bias"]
    return found


def _layer(w: Weights, x: np.ndarray, prefix: str) -> np.ndarray:
    attended = _linear(
        w, _attention(w, x, f"{prefix}.attention.self"), f"{prefix}.attention.output.dense"
    )
    x = _norm(w, x + attended, f"{prefix}.attention.output.LayerNorm")
    inner = _linear(w, x, f"{prefix}.intermediate.dense")
    inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
    return _norm(w, x + _linear(w, inner, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm")


def _attention(w: Weights, x: np.ndarray, prefix: str) -> np.ndarray:
    query, key, value = (
        np.split(_linear(w, x, f"{prefix}.{name}"), HEADS, axis=1)
        for name in ("query", "key", "value")
    )
    heads = []
    for q, k, v in zip(query, key, value, strict=True):
        scores = q @ k.T / np.sqrt(q.shape[1])
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(exponentials / exponentials.sum(axis=1, keepdims=True) @ v)
    return np.concatenate(heads, axis=1)


def _linear(w: Weights, x: np.ndarray, prefix: str) -> np.ndarray:
    product: np.ndarray = x @ w[f"{prefix}.weight"].T + w[f"{prefix}.bias"]
    return product


def _norm(w: Weights, x: np.ndarray, prefix: str) -> np.ndarray:
    centred = x - x.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    normed: np.ndarray = scaled * w[f"{prefix}.weight"] + w[f"{prefix}.bias"]
    return normed
