"""A linear model over words and letters: a second opinion beside the encoder.

The encoder knows meanings and can be led astray by a short or misspelt text; words and letter
sequences err elsewhere, so that the two together err less (stacking, Wolpert 1992).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import numpy as np

from bot.nlu.encoder import Array

# Seen in fewer examples, words and letters say little about others.
_MIN_WORDS, _MIN_LETTERS = 2, 3
_WORD = re.compile(r"[^\W_]+|[^\w\s]")
_LETTERS = (2, 3, 4)
# Chosen by the loss on the held-out examples; between 1e-6 and 1e-5 it hardly matters.
_ALPHA, _PASSES = 1.5e-6, 8


def words(text: str) -> list[str]:
    """Return a text's words and signs, and the pairs of neighbours among them."""
    found = _WORD.findall(text.lower())
    return found + [f"{one} {two}" for one, two in pairwise(found)]


def letters(text: str) -> list[str]:
    """Return the sequences of 2 to 4 letters within a text's words; a blank marks their ends."""
    padded = [f" {word} " for word in text.lower().split()]
    return [
        word[start : start + size]
        for word in padded
        for size in _LETTERS
        for start in range(max(len(word) - size, 0) + 1)
    ]


_KINDS = (words, letters)


@dataclass(frozen=True)
class NgramModel:
    """Scores texts: logits of one-against-the-rest logistic regressions over TF-IDF weights.

    Attributes:
        vocabularies: of words and of letters: n-gram to row.
        idf: inverse document frequency of each row [rows].
        weights: [rows, intents].
        bias: [intents].
    """

    vocabularies: tuple[dict[str, int], dict[str, int]]
    idf: Array
    weights: Array
    bias: Array

    def read(self, texts: Sequence[str]) -> Array:
        """Return the scores of texts [n, intents]."""
        rows = [self._score(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, len(self.bias)), dtype=np.float32)

    def _score(self, text: str) -> Array:
        score = self.bias.copy()
        for grams, vocabulary in zip(_KINDS, self.vocabularies, strict=True):
            counts = Counter(
                row for gram in grams(text) if (row := vocabulary.get(gram)) is not None
            )
            if not counts:
                continue
            rows = np.fromiter(counts, dtype=np.intp)
            heard = np.fromiter(counts.values(), dtype=np.float32)
            weight = (1 + np.log(heard)) * self.idf[rows]
            score += (weight / np.linalg.norm(weight)) @ self.weights[rows]
        return score

    def to_bytes(self) -> bytes:
        """Return the model as an npz file; weights in half precision."""
        buffer = BytesIO()
        vocabularies = json.dumps([list(v) for v in self.vocabularies]).encode()
        np.savez(
            buffer,
            vocabularies=np.frombuffer(vocabularies, dtype=np.uint8),
            idf=self.idf.astype(np.float16),
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> NgramModel:
        """Return the model of an npz file that `to_bytes` made."""
        with np.load(BytesIO(data)) as file:
            first, second = json.loads(file["vocabularies"].tobytes())
            return cls(
                (_numbered(first, 0), _numbered(second, len(first))),
                file["idf"].astype(np.float32),
                file["weights"].astype(np.float32),
                file["bias"],
            )


def fit(texts: Sequence[str], shares: Array) -> NgramModel:
    """Return a model fitted to texts.

    Args:
        texts: the examples.
        shares: how much of each example is of each intent [n, intents]; rows sum to 1.
    """
    # Only training needs scikit-learn; serving starts faster without it.
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier

    vectorizers = [
        TfidfVectorizer(analyzer=grams, min_df=least, sublinear_tf=True)
        for grams, least in zip(_KINDS, (_MIN_WORDS, _MIN_LETTERS), strict=True)
    ]
    features = hstack([each.fit_transform(texts) for each in vectorizers], format="csr")
    # An example of several intents counts once for each, by its share.
    rows, intents = np.nonzero(shares)
    model = SGDClassifier(
        loss="log",
        alpha=_ALPHA,
        max_iter=_PASSES,
        tol=None,
        average=True,
        random_state=0,
        n_jobs=-1,
    )
    model.fit(features[rows], intents, sample_weight=shares[rows, intents].astype(np.float64))
    first, second = (each.get_feature_names_out().tolist() for each in vectorizers)
    # Between two intents scikit-learn fits one regression, of the second.
    signs = np.array([[-1.0], [1.0]]) if len(model.classes_) == 2 else 1.0
    weights = np.zeros((features.shape[1], shares.shape[1]), dtype=np.float32)
    bias = np.full(shares.shape[1], model.intercept_.min(), dtype=np.float32)
    weights[:, model.classes_] = (signs * model.coef_).T
    bias[model.classes_] = np.ravel(signs * model.intercept_[:, None])
    return NgramModel(
        (_numbered(first, 0), _numbered(second, len(first))),
        np.concatenate([each.idf_ for each in vectorizers]).astype(np.float32),
        weights,
        bias,
    )


def _numbered(grams: Sequence[str], start: int) -> dict[str, int]:
    return {gram: row for row, gram in enumerate(grams, start)}
