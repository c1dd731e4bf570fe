"""Reading level and length of a text."""

from __future__ import annotations

from tests.plugin.reading import grade, words


def test_a_hard_text_has_a_higher_grade_than_a_plain_one() -> None:
    plain = "You can rest. Then you can talk to a friend."
    hard = "Administration of pharmacological interventions necessitates supervision."

    assert grade(plain) < 4
    assert grade(hard) > 12


def test_words_are_counted_without_the_marks_of_a_list() -> None:
    assert words("It may help:\n\n- Pain.\n- Brain fog.") == 6
