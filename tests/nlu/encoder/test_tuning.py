"""Tuning: the head and the upper layers learn what the examples say, and as much as they say."""

from dataclasses import replace

import numpy as np
import pytest

from bot.nlu.encoder import Array, Encoder
from bot.nlu.encoder.tuning import HEAD
from bot.nlu.encoder.weights import Weights

from . import reference
from .lesson import (
    CHAT,
    CLINIC,
    HEAD_ALONE,
    LABELS,
    TEXTS,
    TIRED,
    batches_told,
    furthest,
    known,
    labelled,
    learn,
    shares,
)

FIRST, SECOND, THIRD = np.eye(3).tolist()
TOP = "encoder.layer.5."
HASTY = replace(HEAD_ALONE, epochs=1, batch=2, dropout=0.1, noise=0.3)


@pytest.fixture(scope="module")
def learnt(weights: Weights) -> Weights:
    """All weights after the lesson with every layer frozen."""
    return learn(weights, labelled())


def heads(learnt: Weights) -> Weights:
    return {name: learnt[name] for name in HEAD}


def probabilities(learnt: Weights, vectors: Array) -> Array:
    return shares(reference.scores(learnt, vectors))


def test_tuning_tells_apart_what_it_was_shown_and_what_is_like_it(exact: Encoder) -> None:
    assert exact.read(TEXTS)[1].argmax(1).tolist() == LABELS.tolist()
    unseen = ["I feel worn out and weary", "tell me something funny", "a hospital nearby"]
    assert exact.read(unseen)[1].argmax(1).tolist() == [0, 1, 2]


def test_tuning_draws_texts_of_one_label_together(exact: Encoder, vectors: Array) -> None:
    alike = LABELS[:, None] == LABELS
    before, after = (found @ found.T for found in (vectors, exact.encode(TEXTS)))
    apart = [nearness[alike].mean() - nearness[~alike].mean() for nearness in (before, after)]
    assert apart[1] > apart[0]


def test_only_the_layers_that_are_not_frozen_change(weights: Weights, tuned: Weights) -> None:
    body = tuned.keys() - HEAD
    # The bias of the keys adds the same to every score, and the softmax takes it out again.
    body -= {f"{TOP}attention.self.key.bias"}
    moved = {name for name in body if not np.array_equal(tuned[name], weights[name])}
    assert moved == {name for name in body if name.startswith(TOP)}
    assert len(body - moved) > 80


def test_with_all_layers_frozen_the_head_learns_on_the_encoder_as_packaged(
    weights: Weights, learnt: Weights, vectors: Array
) -> None:
    body = learnt.keys() - HEAD
    assert len(body) > 96
    assert all(np.array_equal(learnt[name], weights[name]) for name in body)
    assert reference.scores(learnt, vectors).argmax(1).tolist() == LABELS.tolist()


@pytest.fixture(scope="module")
def hasty(weights: Weights) -> Weights:
    """All weights after a single epoch with everything that is left to chance."""
    return learn(weights, labelled(), HASTY)


def test_the_same_seed_tunes_to_the_same_weights(weights: Weights, hasty: Weights) -> None:
    # The order of sums may differ between runs on several cores.
    assert furthest(hasty, learn(weights, labelled(), HASTY)) < 1e-4


@pytest.mark.parametrize("change", [{"seed": 1}, {"noise": 0.9}, {"dropout": 0}, {"average": 0}])
def test_chance_and_the_means_against_overfitting_have_an_effect(
    weights: Weights, hasty: Weights, change: dict[str, float]
) -> None:
    changed = learn(weights, labelled(), replace(HASTY, **change))
    assert furthest(heads(hasty), heads(changed)) > 1e-3


def test_weights_that_do_not_move_are_their_own_average(weights: Weights) -> None:
    still = replace(HASTY, rate=1e-9)
    last, average = (
        learn(weights, labelled(), replace(still, average=share)) for share in (0, 0.98)
    )
    assert furthest(last, average) < 1e-6


def test_a_smoothed_target_is_never_held_for_certain(
    weights: Weights, learnt: Weights, vectors: Array
) -> None:
    smoothed = learn(weights, labelled(), replace(HEAD_ALONE, smoothing=0.9))
    assert probabilities(learnt, vectors).max(1).min() > 0.85
    # Nine tenths shared by three labels leave 0.4 for the right one.
    assert probabilities(smoothed, vectors).max() < 0.6


def test_a_text_with_two_labels_is_given_about_half_of_each(
    weights: Weights, vectors: Array
) -> None:
    examples = known([*TIRED, *CHAT], [[0.5, 0.5, 0]] * 8 + [THIRD] * 8)
    found = probabilities(learn(weights, examples), vectors[:16])
    assert np.abs(found[:8, :2] - 0.5).max() < 0.25
    assert found[8:, 2].min() > 0.85


def test_of_a_partly_known_text_only_the_impossible_is_ruled_out(
    weights: Weights, vectors: Array
) -> None:
    targets = [FIRST] * 8 + [[0, 1, 1]] * 8 + [THIRD] * 8
    examples = known(TEXTS, targets, partial=[False] * 8 + [True] * 8 + [False] * 8)
    found = probabilities(learn(weights, examples), vectors)
    assert found[:8, 0].min() > 0.85
    assert found[8:16, 0].max() < 0.1
    assert found[16:, 2].min() > 0.85


def test_a_partly_known_text_does_not_argue_with_its_label(
    weights: Weights, vectors: Array
) -> None:
    # Read as half of each, "the first or the second" would leave the first at three quarters.
    texts, targets = [*TIRED, *CHAT, *TIRED], [FIRST] * 8 + [SECOND] * 8 + [[1, 1, 0]] * 8
    examples = known(texts, targets, partial=[False] * 16 + [True] * 8)
    assert probabilities(learn(weights, examples), vectors[:8])[:, 0].min() > 0.95


def test_of_two_labels_the_heavier_one_wins(weights: Weights, vectors: Array) -> None:
    texts, targets = [*TIRED, *CHAT] * 2, [FIRST] * 8 + [SECOND] * 16 + [FIRST] * 8
    examples = known(texts, targets, weights=[1.0] * 16 + [0.1] * 16)
    # So smooth that nothing is ever known surely, and all count in every epoch.
    settings = replace(HEAD_ALONE, smoothing=0.5, rate=5e-4, epochs=16)
    found = probabilities(learn(weights, examples, settings), vectors[:16])
    # Equal weights would leave 0.42 for each; these leave 0.62 for the heavier.
    assert found[:8, 0] == pytest.approx(0.62, abs=0.06)
    assert found[8:, 1] == pytest.approx(0.62, abs=0.06)


def test_what_is_known_surely_is_repeated_only_now_and_then(
    weights: Weights, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        learn(weights, labelled(), replace(HEAD_ALONE, batch=2, epochs=6))
    told = batches_told(caplog)
    assert told[1] == 12
    assert 0 < sum(told[epoch] for epoch in (4, 5, 6)) < 24


def test_an_epoch_may_have_nothing_left_to_learn(
    weights: Weights, caplog: pytest.LogCaptureFixture
) -> None:
    examples = known([TIRED[0], CHAT[0]], [[1, 0], [0, 1]])
    with caplog.at_level("INFO"):
        learnt = learn(weights, examples, replace(HEAD_ALONE, epochs=24))
    assert sorted(set(batches_told(caplog).values())) == [0, 1]
    assert all(np.isfinite(learnt[name]).all() for name in HEAD)


def test_what_lies_beyond_the_longest_length_is_not_learnt_from(weights: Weights) -> None:
    # 192 tokens, two of which mark the beginning and the end.
    texts = ["fog " * 190, "fog " * 190 + "pain " * 400, "fog " * 189 + "pain"]
    settings = replace(HEAD_ALONE, epochs=1)
    full, beyond, within = (
        learn(weights, known([text, CLINIC[0]], [[1, 0], [0, 1]]), settings) for text in texts
    )
    assert furthest(full, beyond) < 1e-6
    assert furthest(full, within) > 1e-5


def test_how_long_its_neighbour_is_makes_no_difference_to_a_text(weights: Weights) -> None:
    settings = replace(HEAD_ALONE, epochs=3)
    near, far = (
        learn(weights, known([TIRED[0], text], [[1, 0], [0, 1]], weights=[1, 0]), settings)
        for text in ("fog " * 10, "fog " * 100)
    )
    assert furthest(near, far) < 1e-6


def test_texts_without_words_are_learnt_from_too(weights: Weights, packaged: Encoder) -> None:
    texts = ["", "🧠", "?", *CLINIC]
    settings = replace(HEAD_ALONE, noise=0.9)
    learnt = learn(weights, known(texts, [[1, 0]] * 3 + [[0, 1]] * 8), settings)
    found = reference.scores(learnt, packaged.encode(texts)).argmax(1)
    assert found.tolist() == [0] * 3 + [1] * 8
