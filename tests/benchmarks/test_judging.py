"""Recall, precision and confusion, by hand-computed numbers."""

from __future__ import annotations

import pytest

from benchmarks.judging import LABELS, Judged, confusion, kind, per_outcome, right
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made

PAIN, FATIGUE, DOSING = Part("answer", "pain"), Part("answer", "fatigue"), Part("dosing")
CRISIS, CLARIFY = Part("crisis"), Part("clarify")
RESULTS = [
    made(CRISIS, CRISIS),
    made(CRISIS, PAIN),
    made(PAIN, CRISIS),
    made(PAIN, FATIGUE),
    made(PAIN, CLARIFY),
]


def test_recall_and_precision_are_counted_by_outcome() -> None:
    assert per_outcome(RESULTS) == [
        Judged("crisis", expected=2, given=2, right=1),
        Judged("answer", expected=3, given=2, right=1),
        Judged("clarify", expected=0, given=1, right=0),
    ]


def test_the_matrix_has_a_row_for_what_is_and_a_column_for_what_it_was_taken_for() -> None:
    matrix = confusion(RESULTS)
    crisis, answer, clarify = (LABELS.index(name) for name in ("crisis", "answer", "clarify"))

    assert matrix.sum() == len(RESULTS)
    assert matrix[crisis, answer] == 1
    assert matrix[answer, answer] == 1
    assert matrix[answer, clarify] == 1
    assert matrix[clarify].sum() == 0


@pytest.mark.parametrize(
    ("expected", "got", "is_right"),
    [
        (PAIN, PAIN, True),
        (PAIN, FATIGUE, False),
        (Part("smalltalk", "thanks"), Part("smalltalk", "goodbye"), True),
        (DOSING, DOSING, True),
        (DOSING, PAIN, False),
    ],
)
def test_an_answer_needs_its_topic_to_be_right(expected: Part, got: Part, is_right: bool) -> None:
    assert right(made(expected, got)) is is_right


def test_errors_are_named_after_what_was_taken_for_what() -> None:
    assert kind(made(DOSING, PAIN)) == "dosing taken for answer"
    assert kind(made(PAIN, FATIGUE)) == "answer: another topic"
