"""Calibration, by hand-computed numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibration import (
    Bin,
    as_json,
    bins,
    brier,
    calibrated,
    calibrations,
    expected_error,
)
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made, reading

PAIN, CRISIS = Part("answer", "pain"), Part("crisis")


def test_bins_hold_count_mean_and_share() -> None:
    found = bins([0.1, 0.3, 0.9, 1.0], [False, True, True, True], number=2)

    assert found == [
        Bin(0.0, 0.5, 2, pytest.approx(0.2), 0.5),
        Bin(0.5, 1.0, 2, pytest.approx(0.95), 1.0),
    ]


def test_an_empty_bin_is_left_out_and_an_edge_belongs_to_the_upper_bin() -> None:
    assert [(b.low, b.size) for b in bins([0.5, 0.55], [True, False])] == [(0.5, 2)]


def test_each_probability_needs_an_outcome() -> None:
    with pytest.raises(ValueError, match="its outcome"):
        bins([0.5], [])


def test_the_expected_error_weighs_the_gaps_by_size() -> None:
    # Gaps of 0.3 in half of them, 0.05 in the other half.
    found = bins([0.1, 0.3, 0.9, 1.0], [False, True, True, True], number=2)

    assert expected_error(found) == pytest.approx(0.5 * 0.3 + 0.5 * 0.05)
    assert expected_error([]) == 0


def test_briers_score_is_the_mean_squared_error() -> None:
    assert brier([0.8, 0.4], [True, False]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([], []) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_all_are_binned_and_the_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    found = bins([share for share, _ in pairs], [true for _, true in pairs])

    assert sum(each.size for each in found) == len(pairs)
    assert 0 <= expected_error(found) <= 1


def test_the_intent_is_right_if_the_message_holds_it_and_a_detector_if_its_outcome() -> None:
    results = [
        made(PAIN, PAIN),
        made(CRISIS, PAIN, expected_parts=[CRISIS, PAIN]),
        made(PAIN, PAIN),
    ]
    readings = [
        reading(shares=[{"ask_pain": 0.9}], detected={"crisis": 0.2}),
        reading(shares=[{"ask_pain": 0.7, "crisis": 0.3}], detected={"crisis": 0.6}),
        reading(shares=[{"ask_more": 1.0}], detected={}),
    ]

    intent, crisis = calibrations(results, readings)

    assert (intent.name, intent.size) == ("intent", 3)
    assert intent.brier == pytest.approx((0.01 + 0.09 + 1) / 3)
    assert (crisis.name, crisis.size) == ("crisis", 2)
    assert crisis.brier == pytest.approx((0.04 + 0.16) / 2)


def test_a_message_without_words_has_no_probability() -> None:
    (intent,) = calibrations([made(PAIN, PAIN)], [reading(shares=[], detected={})])

    assert (intent.size, intent.error) == (0, 0)


def test_json_names_what_it_holds() -> None:
    (found,) = as_json([calibrated("dosing", [1.0], [True])])

    assert found == {
        "name": "dosing",
        "size": 1,
        "bins": [{"low": 0.9, "high": 1.0, "size": 1, "mean": 1.0, "share": 1.0}],
        "error": 0.0,
        "brier": 0.0,
    }
