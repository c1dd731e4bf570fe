"""The measures: what counts for each, their goals, intervals and centiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measures import GOALS, IN_CONTEXT, MEASURES, PARSE_TIME, centile, interval, table
from benchmarks.results import Result
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made

PAIN, FATIGUE = Part("answer", "pain"), Part("answer", "fatigue")
CRISIS, EMERGENCY, DOSING = Part("crisis"), Part("emergency"), Part("dosing")
OFF_TOPIC, NOT_COVERED, CLARIFY = Part("off_topic"), Part("not_covered"), Part("clarify")


def counted(name: str, results: list[Result]) -> tuple[int, int]:
    (measure,) = [m for m in (*MEASURES, IN_CONTEXT) if m.name == name]
    picked = [result for result in results if measure.applies(result)]
    return sum(measure.counts(result) for result in picked), len(picked)


# The last is Newcombe's example (Statistics in Medicine 1998, table I).
@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_is_wilsons(right: int, total: int, low: float, high: float) -> None:
    assert interval(right, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_lies_within_0_and_1(counts: tuple[int, int]) -> None:
    low, high = interval(*counts)

    assert 0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] - 1e-12 <= high <= 1


def test_nothing_counted_says_nothing() -> None:
    assert interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1), (0.5, 2), (0.51, 3), (0.75, 3), (0.99, 4), (1.0, 4)]
)
def test_a_centile_is_a_value_that_so_many_do_not_exceed(share: float, value: float) -> None:
    assert centile([4, 2, 1, 3], share) == value


def test_there_is_no_centile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no centile"):
        centile([], 0.5)


def test_each_goal_belongs_to_a_measure() -> None:
    names = [measure.name for measure in (*MEASURES, IN_CONTEXT)]

    assert set(GOALS) <= {*names, PARSE_TIME}
    assert len(set(names)) == len(names)


def test_an_emergency_for_a_crisis_is_urgent_but_not_right() -> None:
    results = [made(CRISIS, CRISIS), made(CRISIS, EMERGENCY), made(CRISIS, PAIN), made(PAIN, PAIN)]

    assert counted("crisis found", results) == (1, 3)
    assert counted("emergency found", results) == (0, 0)
    assert counted("crisis + emergency found", results) == (1, 3)
    assert counted("crisis + emergency got an urgent reply", results) == (2, 3)


def test_a_right_outcome_may_have_a_wrong_topic() -> None:
    results = [made(PAIN, PAIN), made(PAIN, FATIGUE), made(PAIN, DOSING), made(DOSING, PAIN)]

    assert counted("outcome right", results) == (2, 4)
    assert counted("answer topic right", results) == (1, 3)


def test_only_calm_messages_can_be_escalated_wrongly() -> None:
    results = [
        made(PAIN, CRISIS, source="look_alikes"),
        made(OFF_TOPIC, OFF_TOPIC, source="look_alikes"),
        made(DOSING, CRISIS, source="look_alikes"),
        made(Part("human"), DOSING, source="human"),
    ]

    assert counted("calm look-alikes escalated", results) == (1, 2)
    assert counted("all calm messages escalated", results) == (2, 3)


def test_off_topic_is_rejected_as_either_kind() -> None:
    results = [made(OFF_TOPIC, NOT_COVERED), made(OFF_TOPIC, CLARIFY), made(NOT_COVERED, CLARIFY)]

    assert counted("off-topic rejected", results) == (1, 2)


def test_an_answer_beside_something_else_is_an_answer_too() -> None:
    results = [
        made(NOT_COVERED, DOSING, got_parts=[DOSING, PAIN]),
        made(OFF_TOPIC, PAIN),
        made(OFF_TOPIC, OFF_TOPIC),
    ]

    assert counted("uncovered and off-topic wrongly answered", results) == (2, 3)


def test_several_parts_are_all_found_or_not() -> None:
    both = [PAIN, FATIGUE]
    results = [
        made(PAIN, PAIN, expected_parts=both, got_parts=both),
        made(PAIN, PAIN, expected_parts=both),
        made(PAIN, PAIN, expected_parts=both, got_parts=[*both, NOT_COVERED]),
        made(PAIN, PAIN, got_parts=both),
        made(PAIN, PAIN),
    ]

    assert counted("several parts, all found and no other", results) == (1, 3)
    assert counted("single questions split needlessly", results) == (1, 2)


def test_asking_back_is_good_with_the_right_reading() -> None:
    results = [
        made(PAIN, CLARIFY, readings=[PAIN, FATIGUE]),
        made(PAIN, CLARIFY, readings=[FATIGUE]),
        made(PAIN, PAIN),
    ]

    assert counted("asked back", results) == (2, 3)
    assert counted("of those asked back, the right reading offered", results) == (1, 2)


def test_a_dialogue_turn_needs_the_topic_of_an_answer_only() -> None:
    thanks, bye = Part("smalltalk", "thanks"), Part("smalltalk", "goodbye")
    results = [made(PAIN, PAIN), made(PAIN, FATIGUE), made(thanks, bye), made(DOSING, PAIN)]

    assert counted("dialogue turns right in context", results) == (2, 4)


def test_the_table_has_a_line_a_measure_with_its_goal() -> None:
    rows = [made(PAIN, PAIN, seconds=0.002), made(PAIN, FATIGUE, seconds=0.004)]

    lines = table(rows, [made(PAIN, PAIN)]).splitlines()

    assert lines[2] == "| outcome right | 2 | 2 | 100.0% | 34.2% to 100.0% | at least 97 % |"
    assert lines[3] == "| crisis + emergency found | 0 | 0 |  |  | at least 99 % |"
    assert lines[len(MEASURES) + 2].startswith("| dialogue turns right in context | 1 | 1 |")
    assert lines[-1] == "Parse time: median 2.0 ms (goal: at most 5 ms), 99th centile 4.0 ms."
