"""Fine-tunes the encoder and its head on labelled texts, with TensorFlow.

Cross-entropy on the upper layers and a head with one hidden layer, by Adam (Kingma & Ba 2015) with
a warm-up and a linear decay; the weights kept are an exponential average over the steps (Polyak &
Juditsky 1992). The frozen layers read each text once, some with typing errors.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tokenizers import Tokenizer
from tqdm import tqdm

from bot.nlu.encoder.forward import Forward, Tensor
from bot.nlu.encoder.task import Examples, TuningSettings
from bot.nlu.encoder.weights import HIDDEN, LAYERS, SHA256, Array, Weights
from bot.nlu.noise import noisy

logger = logging.getLogger(__name__)

HEAD = ("head.hidden.weight", "head.hidden.bias", "head.output.weight", "head.output.bias")
_HEAD_FACTOR = 10.0
_WARM_UP = 0.06
_AVERAGE_EVERY = 8
_READ_AT_ONCE = 128
# After the first epoch, examples known this surely are repeated only now and then (selective
# backpropagation, Jiang et al. 2019): less than half of the time for the same result.
_KNOWN, _REPEATED = 0.85, 0.2
_CLIP = 1.0
_MAX_TOKENS = 192


class Tuner:
    """Tunes once: `run` returns the encoder's and the head's weights.

    Args:
        weights: the packaged encoder.
        tokenizer: its tokenizer's JSON.
        examples: what to learn.
        settings: how.
        checkpoint: file that holds the state after each whole epoch, so that an interrupted run
            goes on from there; it is removed at the end.
    """

    def __init__(
        self,
        weights: Weights,
        tokenizer: str,
        examples: Examples,
        settings: TuningSettings,
        checkpoint: Path | None = None,
    ) -> None:
        self._examples = examples
        self._settings = settings
        self._checkpoint = checkpoint
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.no_padding()
        tf.random.set_seed(settings.seed)
        self._tensors = self._start(weights)
        self._trained = {n: t for n, t in self._tensors.items() if isinstance(t, tf.Variable)}
        self._averages = [tf.Variable(v) for v in self._trained.values()]
        self._rates = [tf.Variable(0.0), tf.Variable(0.0)]
        self._optimisers = [tf.keras.optimizers.legacy.Adam(rate) for rate in self._rates]
        # A step of nothing makes the optimisers' own variables, which a checkpoint brings back.
        self._descend([tf.zeros_like(variable) for variable in self._trained.values()])
        self._encoder = Forward(self._tensors, settings.frozen)
        mask = tf.TensorSpec([None, None], tf.float32)
        self._lower = tf.function(
            self._encoder.lower,
            autograph=False,
            input_signature=[tf.TensorSpec([None, None], tf.int32), mask],
        )
        self._fit = tf.function(
            self._learn,
            autograph=False,
            input_signature=[
                tf.TensorSpec([None, None, HIDDEN], tf.float32),
                mask,
                tf.TensorSpec([None, examples.targets.shape[1]], tf.float32),
                tf.TensorSpec([None], tf.bool),
                tf.TensorSpec([None], tf.float32),
            ],
        )

    def _start(self, weights: Weights) -> dict[str, Tensor]:
        rng = np.random.default_rng(self._settings.seed)
        hidden, labels = self._settings.hidden, self._examples.targets.shape[1]
        upper = tuple(f"encoder.layer.{i}." for i in range(self._settings.frozen, LAYERS))
        # A file of weights is read in another order by each process; a checkpoint knows but places.
        tensors: dict[str, Tensor] = {
            name: (tf.Variable if name.startswith(upper) else tf.constant)(value.astype("f4"))
            for name, value in sorted(weights.items())
            if name.startswith(("embeddings", "encoder")) and value.dtype.kind == "f"
        }
        # He et al. 2015 for the hidden layer; a small output layer starts near even odds.
        starts = (
            rng.normal(0, (2 / HIDDEN) ** 0.5, (HIDDEN, hidden)),
            np.zeros(hidden),
            rng.normal(0, 0.1 * hidden**-0.5, (hidden, labels)),
            np.zeros(labels),
        )
        heads = zip(HEAD, starts, strict=True)
        return {**tensors, **{name: tf.Variable(s.astype("f4")) for name, s in heads}}

    def run(self) -> Weights:
        """Return all weights after tuning, the head's four under the names in `HEAD`.

        Head: `relu(x @ hidden.weight + hidden.bias) @ output.weight + output.bias` on an
        embedding x [n, 384] scaled by sqrt(384).
        """
        first, sure = self._resume()
        states = self._read(np.random.default_rng(self._settings.seed))
        for epoch in range(first, self._settings.epochs):
            rng = np.random.default_rng((self._settings.seed, epoch))
            rows = np.flatnonzero((sure < _KNOWN) | (rng.random(len(sure)) < _REPEATED))
            batches = _batches(rows, states, self._settings.batch, rng)
            about = f"Fine-tuning, epoch {epoch + 1} of {self._settings.epochs}"
            for index, batch in enumerate(_progress(batches, about)):
                self._set_rates((epoch + index / len(batches)) / self._settings.epochs)
                sure[batch] = self._fit(*self._feed(batch, states)).numpy()
                if index % _AVERAGE_EVERY == 0:
                    self._average(epoch * len(batches) + index)
            self._save(epoch + 1, sure)
        if self._checkpoint:
            self._checkpoint.unlink(missing_ok=True)
        tuned = zip(self._trained, self._averages, strict=True)
        fixed = {n: t.numpy() for n, t in self._tensors.items() if n not in self._trained}
        return {**fixed, **{name: value.numpy() for name, value in tuned}}

    def _read(self, rng: np.random.Generator) -> list[Array]:
        """Return the frozen layers' output of each text [t, 384], half precision."""
        share = self._settings.noise
        texts = [noisy(t, rng) if rng.random() < share else t for t in self._examples.texts]
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        order = np.argsort([len(row) for row in ids], kind="stable")
        states: list[Array] = [np.zeros(0)] * len(ids)
        starts = range(0, len(order), _READ_AT_ONCE)
        for start in _progress(starts, "Reading the examples"):
            rows = order[start : start + _READ_AT_ONCE]
            tokens, mask = _padded([np.array(ids[row], dtype=np.int32) for row in rows])
            for row, state in zip(rows, self._lower(tokens, mask).numpy(), strict=True):
                states[row] = state[: len(ids[row])].astype(np.float16)
        return states

    def _feed(self, rows: Array, states: list[Array]) -> tuple[Array, ...]:
        known = self._examples
        hidden, mask = _padded([states[row].astype(np.float32) for row in rows])
        targets, weights = known.targets[rows], known.weights[rows]
        return hidden, mask, targets.astype("f4"), known.partial[rows], weights.astype("f4")

    def _set_rates(self, done: float) -> None:
        share = min((done + 1e-3) / _WARM_UP, (1 - done) / (1 - _WARM_UP))
        for rate, factor in zip(self._rates, (1.0, _HEAD_FACTOR), strict=True):
            rate.assign(self._settings.rate * factor * share)

    def _learn(
        self, hidden: Tensor, mask: Tensor, targets: Tensor, partial: Tensor, weights: Tensor
    ) -> Tensor:
        """Take one step and return how probable each text's possible labels were before it."""
        with tf.GradientTape() as tape:
            logs = tf.nn.log_softmax(self._logits(self._encoder.upper(hidden, mask)))
            loss = tf.reduce_mean(weights * self._losses(logs, targets, partial))
        gradients, _ = tf.clip_by_global_norm(
            tape.gradient(loss, list(self._trained.values())), _CLIP
        )
        self._descend(gradients)
        return tf.reduce_sum(tf.exp(logs) * tf.cast(targets > 0, tf.float32), -1)

    def _descend(self, gradients: Sequence[Tensor]) -> None:
        pairs = list(zip(gradients, self._trained.values(), strict=True))
        body, head = pairs[: -len(HEAD)], pairs[-len(HEAD) :]
        for optimiser, group in zip(self._optimisers, (body, head), strict=True):
            if group:
                optimiser.apply_gradients(group)

    def _logits(self, embedding: Tensor) -> Tensor:
        weight_in, bias_in, weight_out, bias_out = (self._tensors[name] for name in HEAD)
        x = tf.nn.dropout(embedding * HIDDEN**0.5, self._settings.dropout)
        hidden = tf.nn.dropout(tf.nn.relu(x @ weight_in + bias_in), self._settings.dropout)
        return hidden @ weight_out + bias_out

    def _losses(self, logs: Tensor, targets: Tensor, partial: Tensor) -> Tensor:
        even = self._settings.smoothing / targets.shape[1]
        smooth = targets * (1 - self._settings.smoothing) + even
        labelled = -tf.reduce_sum(smooth * logs, -1)
        # Of a partly known text: only that one of the possible labels is meant.
        impossible = tf.where(targets > 0, 0.0, -1e9)
        possible = -tf.reduce_logsumexp(logs + impossible, -1)
        return tf.where(partial, possible, labelled)

    def _average(self, step: int) -> None:
        """Fold the weights into their average; a young average forgets faster."""
        keep = min(self._settings.average, step / (step + 10 * _AVERAGE_EVERY))
        for average, variable in zip(self._averages, self._trained.values(), strict=True):
            average.assign(keep * average + (1 - keep) * variable)

    def _key(self) -> str:
        known = (SHA256, self._settings, self._examples.digest())
        return hashlib.sha256(repr(known).encode()).hexdigest()

    def _state(self) -> list[Tensor]:
        moments = [value for optimiser in self._optimisers for value in optimiser.variables()]
        return [*self._trained.values(), *self._averages, *moments]

    def _save(self, epoch: int, sure: Array) -> None:
        if not self._checkpoint:
            return
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        state = {str(index): value.numpy() for index, value in enumerate(self._state())}
        np.savez(buffer, key=np.array(self._key()), epoch=np.array(epoch), sure=sure, **state)
        partial = self._checkpoint.with_suffix(".part")
        partial.write_bytes(buffer.getvalue())
        partial.replace(self._checkpoint)

    def _resume(self) -> tuple[int, Array]:
        """Return what an interrupted run of the same training had reached: epochs, certainty."""
        nothing = 0, np.zeros(len(self._examples.texts), dtype=np.float32)
        if not self._checkpoint or not self._checkpoint.is_file():
            return nothing
        with np.load(self._checkpoint, allow_pickle=False) as stored:
            if str(stored["key"]) != self._key():
                return nothing
            for index, value in enumerate(self._state()):
                value.assign(stored[str(index)])
            return int(stored["epoch"]), stored["sure"]


def _progress(batches: Sequence[Any], about: str) -> Any:
    """Return the batches, with a progress bar on a terminal and a line in the log elsewhere."""
    logger.info("%s: %d batches", about, len(batches))
    # `disable` is named since training hides the bars of Rasa by TQDM_DISABLE.
    return tqdm(batches, desc=about, unit="batch", disable=None)


def _padded(rows: list[Array]) -> tuple[Array, Array]:
    """Return rows of unlike length as one array, padded with zeros, and its mask."""
    length = max(len(row) for row in rows)
    whole = np.zeros((len(rows), length, *rows[0].shape[1:]), dtype=rows[0].dtype)
    mask = np.zeros((len(rows), length), dtype=np.float32)
    for place, row in enumerate(rows):
        whole[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return whole, mask


def _batches(rows: Array, states: list[Array], size: int, rng: np.random.Generator) -> list[Array]:
    """Return rows in batches of like length, in random order: little is spent on padding."""
    lengths = np.array([len(states[row]) for row in rows]) + rng.uniform(-4, 4, len(rows))
    ordered = rows[np.argsort(lengths, kind="stable")]
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    rng.shuffle(batches)
    return batches
