"""Model against model: the flips, and McNemar's exact test by hand-computed numbers."""

from __future__ import annotations

import pytest

from benchmarks.flips import BETTER, OTHER, WORSE, compare, lines, mcnemar
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made

PAIN, FATIGUE, DOSING, CRISIS = (
    Part("answer", "pain"),
    Part("answer", "fatigue"),
    Part("dosing"),
    Part("crisis"),
)


@pytest.mark.parametrize(
    ("better", "worse", "p_value"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (0, 5, 2 / 32),
        (1, 5, 2 * (1 + 6) / 64),
        (6, 0, 2 / 64),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
        (0, 2000, 0.0),
    ],
)
def test_mcnemars_exact_test(better: int, worse: int, p_value: float) -> None:
    assert mcnemar(better, worse) == pytest.approx(p_value)
    assert mcnemar(worse, better) == pytest.approx(p_value)


def test_flips_are_better_worse_or_wrong_in_another_way() -> None:
    before = [made(PAIN, PAIN), made(PAIN, FATIGUE), made(DOSING, PAIN), made(CRISIS, CRISIS)]
    after = [made(PAIN, FATIGUE), made(PAIN, PAIN), made(DOSING, CRISIS), made(CRISIS, CRISIS)]

    found = compare(before, after)

    assert [flip.kind for flip in found.flips] == [WORSE, BETTER, OTHER]
    assert (found.messages, found.right_before, found.right_after) == (4, 2, 2)
    assert found.p_value == 1.0


def test_another_wrong_topic_is_no_flip() -> None:
    source = Part("answer", "source")

    assert compare([made(PAIN, FATIGUE)], [made(PAIN, source)]).flips == ()


def test_the_verdict_says_whether_it_is_more_than_chance() -> None:
    good, bad = made(PAIN, PAIN), made(PAIN, CRISIS)

    assert compare([good] * 6, [bad] * 6).verdict.startswith("Worse than the base: 0 better, 6")
    assert compare([bad] * 6, [good] * 6).verdict.startswith("Better than the base")
    assert compare([good] * 5, [bad] * 5).verdict.startswith("No difference beyond chance")


def test_the_text_lists_every_flip_with_what_it_was_before_and_after() -> None:
    found = lines(compare([made(PAIN, PAIN)], [made(PAIN, CRISIS)]))

    assert found[1:] == [
        "\nworse (1):",
        "  answer/pain: answer/pain -> crisis | a message [answer]",
    ]


def test_long_messages_are_shortened_in_the_terminal() -> None:
    good, bad = made(PAIN, PAIN, text="word " * 40), made(PAIN, CRISIS, text="word " * 40)

    assert lines(compare([good], [bad]))[-1].endswith("| " + "word " * 20 + "… [answer]")


def test_only_the_same_messages_can_be_compared() -> None:
    with pytest.raises(ValueError, match="same messages"):
        compare([made(PAIN, PAIN)], [])
