"""The same Markdown as in the widget; what is none stays as it was written."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.markdown import Span, Styled, read_line, scheme_of

# One list of addresses for both.
LINKS = Path(__file__).parents[3] / "bot/widget/tests/links.ts"


def addresses(name: str) -> list[str]:
    """The strings of one list of the widget's tests."""
    listed = LINKS.read_text("utf-8").split(f"export const {name} = [")[1].split("\n];")[0]
    literals = re.findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", listed)
    return [ast.literal_eval(literal) for literal in literals]


UNSAFE, SAFE = addresses("UNSAFE_LINKS"), addresses("SAFE_LINKS")


def test_the_lists_are_those_of_the_widget() -> None:
    assert len(set(UNSAFE)) >= 50
    assert "https://findahelpline.com" in SAFE


@pytest.mark.parametrize("address", UNSAFE)
def test_unsafe_addresses_are_no_links_and_lose_no_character(address: str) -> None:
    line = f"see [this]({address}) now"

    assert scheme_of(address) == ""
    assert read_line(line) == Styled(line)


@pytest.mark.parametrize("address", SAFE)
def test_safe_addresses(address: str) -> None:
    assert scheme_of(address) == address.partition(":")[0].lower()


@pytest.mark.parametrize(
    "address",
    ["https://good.example:x/", "https://good.example:99999/", "http://:80/", "https://[]"],
)
def test_addresses_without_a_sound_host(address: str) -> None:
    assert scheme_of(address) == ""


@pytest.mark.parametrize(
    "address",
    ["https://good.example/wiki/X_(y)", "http://good.example/?a=b&c=**d**#f", "HTTPS://x.example"],
)
def test_a_web_address_becomes_a_link(address: str) -> None:
    shown = read_line(f"See [this page]({address}), please")

    assert shown == Styled("See this page, please", (Span(4, 13, "text_link", address),))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Call [Samaritans](tel:116123).", "Call Samaritans (116123)."),
        ("Call [116 123](tel:116123).", "Call 116 123."),
        ("Call [+44 116-123](tel:+44116123).", "Call +44 116-123."),
        ("Call [116 123](tel:+44116123).", "Call 116 123 (+44116123)."),
        ("Write to [us](mailto:a@b.example?subject=x).", "Write to us (a@b.example)."),
        ("Write to [a@b.example](mailto:a@b.example).", "Write to a@b.example."),
    ],
)
def test_telegram_links_no_numbers_so_they_are_shown(line: str, text: str) -> None:
    assert read_line(line) == Styled(text)


def test_bold() -> None:
    assert read_line("a **b c** d") == Styled("a b c d", (Span(2, 5, "bold"),))
    assert read_line("**a**, **b**").spans == (Span(0, 1, "bold"), Span(3, 4, "bold"))


def test_a_link_in_bold() -> None:
    shown = read_line("**see [x](https://good.example/) now**")

    assert shown.text == "see x now"
    assert set(shown.spans) == {
        Span(4, 5, "text_link", "https://good.example/"),
        Span(0, 9, "bold"),
    }


@pytest.mark.parametrize(
    ("line", "text"), [("- a **b**", "• a b"), ("-   a", "• a"), ("- - a", "• - a")]
)
def test_lists(line: str, text: str) -> None:
    shown = read_line(line)

    assert shown.text == text
    assert all(shown.text[span.start : span.end] == "b" for span in shown.spans)


@pytest.mark.parametrize(
    "line",
    [
        "2*5 mg", "2 * 5 mg * 3", "2**3 and 4**5", "a < b > c", "<b>no</b>", "[1] and [2]",
        "[label] (x)", "x & y &amp; z", "** not bold **", "****", "***", "_under_ `code` ~~s~~",
        "# no heading", "> no quote", "\\*escaped\\*", "-no list", "1.no list", "1. one", " - a",
        "a  b   c", "${x} {{y}}", "é ü 中 🙂 ע", "*one star*", "[a]()", "[](https://good.example)",
        "5 < 6 [see] 7 * 8 ** 9", "\u200b", "- ", "-", "", "https://x.example/**a**", "a**b**c",
        "https://findahelpline.com.", "(https://x.example/a)", "[**a**](javascript:x)",
    ],
)  # fmt: skip
def test_all_else_stays_as_it_is(line: str) -> None:
    assert read_line(line) == Styled(line)


@given(st.text(st.sampled_from("ab*[](): -\u200b🙂/") | st.characters(), max_size=60))
def test_nothing_but_marks_is_lost(line: str) -> None:
    line = line.replace("\n", " ")
    shown = read_line(line)
    marks = "*[]()-• "

    assert all(0 <= span.start < span.end <= len(shown.text) for span in shown.spans)
    assert [char for char in shown.text if char not in marks] == [
        char for char in line if char not in marks
    ] or "](" in line


@pytest.mark.parametrize("mark", ["*", "**a", "**a ", " **a", "[", "[a](", "https://", "("])
def test_a_hundred_thousand_marks_are_read_quickly(mark: str) -> None:
    begun = time.perf_counter()

    read_line(mark * (100_000 // len(mark)))

    assert time.perf_counter() - begun < 4
