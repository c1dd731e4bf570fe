"""Detectors: what they weigh, that they fit, and when they do not try to."""

from itertools import pairwise

import numpy as np
import pytest

from bot.nlu.detectors import ENOUGH, Detector, fit, scales, shares_of

CRISIS, CALM = 0.9, 0.05
Reading = list[dict[str, float]]


def sigmoid(value: np.ndarray) -> np.ndarray:
    odds: np.ndarray = 1 / (1 + np.exp(-value))
    return odds


def reading(whole: float, *pieces: float) -> Reading:
    return [{"crisis": share, "answer": 1 - share} for share in (whole, *pieces)]


def synthetic(count: int, seed: int = 0) -> tuple[list[Reading], list[bool]]:
    """Return readings with a crisis as likely as twice their evidence, less one, makes it."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(0, 2, (count, 2))
    odds = sigmoid(2 * evidence[:, 0] + 0.5 * evidence[:, 1] - 1)
    shares = sigmoid(evidence)
    readings = [reading(float(whole), float(piece), 1e-9) for whole, piece in shares]
    return readings, (rng.random(count) < odds).tolist()


def test_a_detector_is_even_where_its_evidence_is() -> None:
    assert Detector().probability(0.5, [0.5]) == pytest.approx(0.5)
    assert Detector(bias=np.log(3)).probability(0.5, [0.5]) == pytest.approx(0.75)


def test_it_weighs_the_logits_of_the_whole_and_of_a_piece() -> None:
    # Odds of 4 and of 9.
    found = Detector(whole=1.0, piece=0.5, bias=0.0).probability(0.8, [0.9])
    assert found == pytest.approx(12 / 13)


def test_of_the_pieces_the_most_telling_counts_and_no_other() -> None:
    detector = Detector()
    found = detector.probability(0.2, [0.1, 0.9, 0.4])
    assert found == detector.probability(0.2, [0.9])
    assert found > detector.probability(0.2, [0.1, 0.4])


def test_a_message_without_pieces_is_its_own_only_one() -> None:
    assert Detector(0.3, 0.6, 0.1).probability(0.7, []) == Detector(0.3, 0.6, 0.1).probability(
        0.7, [0.7]
    )


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1e-6), (1.0, 1 - 1e-6)])
def test_certainty_is_finite(share: float, expected: float) -> None:
    assert Detector().probability(share, [share]) == pytest.approx(expected, rel=1e-3)


def test_the_shares_of_an_outcome_are_those_of_the_whole_and_of_each_piece() -> None:
    found: Reading = [{"crisis": 0.2, "answer": 0.8}, {"answer": 1.0}, {"crisis": 0.7}]
    assert shares_of("crisis", found) == (0.2, [0.0, 0.7])
    assert shares_of("answer", found[:1]) == (0.8, [])
    assert shares_of("dosing", found) == (0.0, [0.0, 0.0])


def test_a_fitted_detector_orders_messages_it_has_not_seen_rightly() -> None:
    detector = fit("crisis", *synthetic(400))
    readings, present = synthetic(400, seed=1)
    found = np.array([detector.probability(*shares_of("crisis", each)) for each in readings])
    positive, negative = found[present], found[~np.array(present)]
    assert (positive[:, None] > negative).mean() > 0.9
    assert detector.probability(0.9, [0.9]) > detector.probability(0.5, [0.9])
    assert detector.probability(0.5, [0.9]) > detector.probability(0.5, [0.5])


def test_its_probabilities_are_shares_of_what_is_found() -> None:
    detector = fit("crisis", *synthetic(2000))
    readings, present = synthetic(2000, seed=1)
    found = np.array([detector.probability(*shares_of("crisis", each)) for each in readings])
    edges = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    for low, high in pairwise(edges):
        inside = (found >= low) & (found < high)
        assert np.array(present)[inside].mean() == pytest.approx(found[inside].mean(), abs=0.1)


def test_it_learns_how_much_the_whole_and_the_pieces_tell() -> None:
    detector = fit("crisis", *synthetic(4000))
    found = (detector.whole, detector.piece, detector.bias)
    assert found == pytest.approx((2.0, 0.5, -1.0), abs=0.25)


def test_another_outcome_of_the_same_messages_is_fitted_on_its_own() -> None:
    readings, present = synthetic(400)
    calm = [not each for each in present]
    crisis, answer = fit("crisis", readings, present), fit("answer", readings, calm)
    assert crisis.probability(CRISIS, [CRISIS]) > 0.5 > crisis.probability(CALM, [CALM])
    assert answer.probability(CRISIS, [CRISIS]) > 0.5 > answer.probability(CALM, [CALM])


@pytest.mark.parametrize("rare", [True, False])
def test_with_too_few_of_a_kind_the_detector_stays_the_plain_one(rare: bool) -> None:
    def fitted(count: int) -> Detector:
        readings = [reading(0.9, 0.8)] * count + [reading(0.1, 0.2)] * 40
        present = [rare] * count + [not rare] * 40
        return fit("crisis", readings, present)

    assert fitted(ENOUGH - 1) == Detector()
    assert fitted(ENOUGH) != Detector()


def test_nothing_to_fit_gives_the_plain_one() -> None:
    assert fit("crisis", [], []) == Detector()


def scored(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and right labels that occur as often as the logits say."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 2, (count, 5))
    odds = np.exp(scores)
    shares = odds / odds.sum(1, keepdims=True)
    return scores, np.array([rng.choice(5, p=row) for row in shares])


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5, 2.5])
def test_the_scale_undoes_a_known_over_or_under_confidence(factor: float) -> None:
    scores, right = scored(4000)
    assert scales(scores[None] * factor, right) == pytest.approx([1 / factor], rel=0.1)


def test_a_source_that_knows_nothing_does_not_count() -> None:
    scores, right = scored(4000)
    chance, _ = scored(4000, seed=1)
    assert scales(np.stack([scores, chance]), right) == pytest.approx([1.0, 0.0], abs=0.1)


def test_two_sources_that_err_apart_count_both_and_fit_better_than_one() -> None:
    scores, right = scored(4000)
    rng = np.random.default_rng(2)
    both = np.stack([scores + rng.normal(0, 1.5, scores.shape) for _ in range(2)])
    found = scales(both, right)
    assert found.min() > 0.2
    assert loss(found @ both.reshape(2, -1), right) < loss(scales(both[:1], right) * both[0], right)


def loss(scores: np.ndarray, right: np.ndarray) -> float:
    """Return the mean negative log likelihood, by another way than the code's."""
    odds = np.exp(scores.reshape(len(right), -1))
    return float(-np.log(odds[np.arange(len(right)), right] / odds.sum(1)).mean())


@pytest.mark.parametrize(("sign", "bound"), [(1, 4.0), (-1, 0.0)])
def test_the_scale_stays_within_bounds_even_if_all_is_right_or_wrong(
    sign: int, bound: float
) -> None:
    scores = np.eye(4)[None]
    assert scales(sign * scores, np.arange(4)) == pytest.approx([bound])


def test_large_scores_are_no_trouble() -> None:
    scores = np.array([[[1e4, 0.0], [0.0, 1e4], [1e4, 0.0]]])
    assert np.isfinite(scales(scores, np.array([0, 1, 1]))).all()
