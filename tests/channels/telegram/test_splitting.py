"""Long texts are cut where a reader would pause, and nothing of them is lost."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.markdown import Span, Styled
from bot.channels.telegram.splitting import PHONE, belong_together, pieces, units_before

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇮🇪"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
# None of them is longer than 14 UTF-16 units.
ATOMS = st.sampled_from(
    [
        "a", "word", "Zwölf", "e\u0301", "x", "🙂", "👍🏽", FAMILY, FLAG, FLAG * 2, WALES, "한",
        "각", ". ", "! ", "?", "。", " ", "  ", "\n", "\n\n", "\n \n", "- ", ", ", "\u00a0",
        "…",
    ]
)  # fmt: skip


def parts_of(text: str, limit: int, *spans: Span, most: int = 100) -> list[str]:
    return [piece.text for piece in pieces(Styled(text, spans), limit, most)]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_units() -> None:
    assert units_before("a🙂b") == [0, 1, 3, 4]
    assert units_before("") == [0]


def test_what_fits_stays_whole() -> None:
    assert parts_of("One. Two.\n\nThree.", 17) == ["One. Two.\n\nThree."]
    assert parts_of("", 10) == parts_of(" \n ", 10) == []


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One. Two\nthree.\n\nFour five.", 20, ["One. Two\nthree.", "Four five."]),
        ("One. Two\nthree.\n \nFour five.", 20, ["One. Two\nthree.", "Four five."]),
        ("One. Two\nthree. Four five.", 20, ["One. Two", "three. Four five."]),
        ("One two. Three! Four five six", 20, ["One two. Three!", "Four five six"]),
        ('He says "no." Four five six', 20, ['He says "no."', "Four five six"]),
        ("一二三。四五六七。八九", 9, ["一二三。四五六七。", "八九"]),
        ("One two three 4.5 six", 18, ["One two three 4.5", "six"]),
        ("One two three four", 10, ["One two", "three four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("One two.", 7, ["One", "two."]),
        ("One two. Three", 8, ["One two.", "Three"]),
        ("a\n\n\n\n\nb", 3, ["a", "b"]),
    ],
)
def test_cut_at_the_best_pause(text: str, limit: int, expected: list[str]) -> None:
    assert parts_of(text, limit) == expected


def test_nothing_is_cut_through_that_is_shown_as_one() -> None:
    assert parts_of("🙂🙂🙂", 5) == ["🙂🙂", "🙂"]
    assert parts_of(f"ab{FAMILY}", 8) == ["ab", FAMILY]
    assert parts_of(FLAG * 3, 10) == [FLAG * 2, FLAG]
    assert parts_of("abe\u0301", 3) == ["ab", "e\u0301"]
    assert parts_of("ab👍🏽", 4) == ["ab", "👍🏽"]


def test_what_is_too_long_for_any_message_is_cut_all_the_same() -> None:
    assert parts_of("e" + "\u0301" * 7, 3) == ["e\u0301\u0301", "\u0301" * 3, "\u0301" * 2]


def test_a_number_is_not_cut() -> None:
    text = "Call them on 116 123 now"

    assert parts_of(text, 17) == ["Call them on 116", "123 now"]
    assert parts_of(text, 17, Span(13, 20, PHONE)) == ["Call them on", "116 123 now"]


def test_a_span_over_a_cut_goes_on() -> None:
    whole = Styled("One two three", (Span(4, 13, "bold"), Span(0, 3, "italic")))

    first, second = pieces(whole, 8, 100)

    assert first == Styled("One two", (Span(4, 7, "bold"), Span(0, 3, "italic")))
    assert second == Styled("three", (Span(0, 5, "bold"),))


def test_a_crowd_of_spans_is_spread_over_messages() -> None:
    text = " ".join("abcdefgh")
    spans = tuple(Span(at, at + 1, "bold") for at in range(0, 15, 2))

    found = list(pieces(Styled(text, spans), 100, 3))

    assert [piece.text for piece in found] == ["a b c", "d e f", "g h"]
    assert [len(piece.spans) for piece in found] == [3, 3, 2]


def test_a_message_that_nobody_would_see_is_left_out() -> None:
    assert parts_of("\u200b\u200b\u200b", 10) == []
    assert parts_of("ab\n\n\u200b\u200b", 3) == ["ab"]


@given(
    text=st.lists(ATOMS, max_size=40).map("".join),
    limit=st.integers(14, 50),
    marks=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6),
    most=st.integers(6, 8),
)
def test_splitting_loses_nothing(
    text: str, limit: int, marks: list[tuple[int, int]], most: int
) -> None:
    spans = tuple(
        Span(start, min(start + length, len(text)), f"kind{number}")
        for number, (start, length) in enumerate(marks)
        if start < len(text)
    )
    covered = {(span.kind, at) for span in spans for at in range(span.start, span.end)}
    rest, at, found = text, 0, set()

    for piece in pieces(Styled(text, spans), limit, most):
        skipped = len(rest) - len(rest.lstrip())
        rest, at = rest[skipped:], at + skipped
        assert rest.startswith(piece.text)
        assert piece.text == piece.text.strip() != ""
        assert units(piece.text) <= limit
        assert len(piece.spans) <= most
        for span in piece.spans:
            assert 0 <= span.start < span.end <= len(piece.text)
            found |= {(span.kind, at + place) for place in range(span.start, span.end)}
        rest, at = rest[len(piece.text) :], at + len(piece.text)

    assert rest.strip() == ""
    assert found <= covered
    assert all(text[place].isspace() for _, place in covered - found)


@given(st.lists(ATOMS | st.sampled_from(["\u1112", "\u1161", "\u11ab", "\r\n"]), max_size=12))
def test_where_characters_end_is_where_unicode_says(atoms: list[str]) -> None:
    text = "".join(atoms)
    ends = {match.end() for match in regex.finditer(r"\X", text)}

    assert {at for at in range(1, len(text)) if not belong_together(text, at)} <= ends
    # Wherever letters and emoji stand beside each other, there is a place to cut.
    assert not belong_together("ab", 1)
    assert not belong_together("🙂🙂", 1)
    assert not belong_together(FLAG * 2, 2)
