"""Rules for asking back: when they ask, and what would have come of it."""

from __future__ import annotations

import pytest

from benchmarks.asking import Case, cases, close, decided, point, settings, today
from benchmarks.clarify_curve import FACTORS, NEAR, THRESHOLDS, curve, markdown
from bot.reply.outcomes import FALLBACK_INTENT, Part
from tests.benchmarks.examples import made, reading

PAIN, FATIGUE = Part("answer", "pain"), Part("answer", "fatigue")
NOT_COVERED, DOSING = Part("not_covered"), Part("dosing")


def case(
    expected: Part, got: Part, shares: dict[str, float], *, near: float = 0.0, parts: int = 1
) -> Case:
    got_parts = [got, FATIGUE, NOT_COVERED][:parts]
    return Case(made(expected, got, got_parts=got_parts), reading(shares=[shares]), near)


CLOSE = {"ask_pain": 0.5, "ask_fatigue": 0.29, "not_covered": 0.16, "dosing": 0.05}
UNCOVERED = {"not_covered": 0.6, "ask_pain": 0.3, "off_topic": 0.1}


def test_a_rule_asks_where_two_readings_are_close() -> None:
    found = case(PAIN, PAIN, CLOSE)

    assert close(2, 2)(found)
    assert not close(1.5, 2)(found)
    assert not close(2, 2, guard=0.5)(case(PAIN, PAIN, CLOSE, near=0.6)), "a danger is near"
    assert not close(2, 2)(case(PAIN, PAIN, CLOSE, parts=2)), "two things were understood"
    assert not close(2, 2)(case(PAIN, DOSING, CLOSE)), "it is escalated"


def test_a_rule_may_ask_where_one_of_the_two_can_be_offered() -> None:
    found = case(PAIN, NOT_COVERED, UNCOVERED)

    assert close(3, 1)(found)
    assert not close(3, 2)(found)
    assert not close(3, 1)(case(PAIN, PAIN, {"ask_pain": 1.0})), "there is no second"


def test_a_point_counts_what_would_have_come_of_asking() -> None:
    found = [
        case(PAIN, PAIN, CLOSE),
        case(FATIGUE, PAIN, CLOSE),
        case(NOT_COVERED, PAIN, CLOSE),
        case(DOSING, PAIN, CLOSE),
        case(PAIN, PAIN, {"ask_pain": 0.9, "ask_fatigue": 0.1}),
    ]
    got = point("close", close(2, 2), found)

    assert (got.of, got.asked, got.two, got.three) == (5, 4, 2, 2)
    assert (got.any_three, got.none) == (3, 3)
    assert (got.wrong, got.mended) == (3, 2)


def test_the_decision_is_made_anew_with_another_threshold() -> None:
    found = reading(shares=[{"ask_pain": 0.5, "ask_fatigue": 0.25, "off_topic": 0.25}])

    assert decided(found, unsure=0.4, near=0.6)[0] == "ask_pain"
    intent, decision = decided(found, unsure=0.6)
    assert intent == FALLBACK_INTENT
    assert decision == {"reason": "unsure", "readings": ["ask_pain", "ask_fatigue"]}


def test_todays_rule_does_not_count_messages_without_words() -> None:
    no_words = Case(made(PAIN, Part("clarify")), reading(shares=[]), 0.0)

    assert not today(unsure=0.9)(no_words)
    assert today(unsure=0.6)(case(PAIN, PAIN, CLOSE))


def test_a_case_knows_how_near_a_danger_is() -> None:
    bar = 1 / (1 + settings()["miss"]["crisis"])
    (found,) = cases([made(PAIN, PAIN)], [reading(detected={"crisis": bar / 2, "dosing": 0.0})])

    assert found.near == pytest.approx(0.5)


def test_the_curve_has_a_line_a_rule() -> None:
    lines = markdown(
        curve([case(FATIGUE, PAIN, {"ask_pain": 0.7, "ask_fatigue": 0.2})])
    ).splitlines()
    rows = [line for line in lines if line.startswith(("| near: ", "| unsure: "))]

    assert len(lines) == 2 + len(NEAR) + len(THRESHOLDS) + 2 * len(FACTORS)
    assert rows[0].startswith("| near: 0.5 | 0 | 0.0% | 0 |")
    assert rows[2].startswith("| near: 0.2 | 1 | 100.0% | 1 (100%) |")
    assert rows[-1].startswith("| unsure: 0.9 | 1 | 100.0% | 1 (100%) |")
