"""Findings become labels, overlapping ones a single label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records.spans import EMAIL, LINK, NAME, PHONE, PLACE, Span, replace


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], "abcdefghij"),
        ([Span(0, 2, NAME)], "[name]cdefghij"),
        ([Span(8, 10, PHONE), Span(0, 2, NAME)], "[name]cdefgh[phone]"),
        ([Span(0, 4, NAME), Span(2, 6, EMAIL)], "[email]ghij"),
        ([Span(0, 8, PLACE), Span(2, 4, LINK)], "[link]ij"),
        ([Span(0, 3, NAME), Span(3, 6, PLACE)], "[name][place]ghij"),
    ],
)
def test_replacing(spans: list[Span], expected: str) -> None:
    assert replace("abcdefghij", spans) == expected


def test_names_in_a_row_are_one() -> None:
    spans = [Span(0, 5, NAME), Span(6, 11, NAME), Span(13, 18, NAME), Span(19, 24, PLACE)]
    assert replace("Maria Garci, Lopez Leeds!", spans) == "[name] [place]!"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.sampled_from([NAME, EMAIL]))))
def test_nothing_of_a_finding_survives(found: list[tuple[int, int, str]]) -> None:
    text = "".join(chr(0x1000 + number) for number in range(30))
    spans = [Span(start, start + length, label) for start, length, label in found]
    result = replace(text, spans)
    hidden = {character for start, end, _ in spans for character in text[start:end]}
    assert set(text) & set(result) == set(text) - hidden
