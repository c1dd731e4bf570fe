"""What of a message can be read apart, and how it is read after others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import CONTEXT_MARK, MAX_PIECES, clean, fragments, in_context, pieces

DICTATED = [f"word{n}" for n in range(130)]


@pytest.mark.parametrize("text", ["", "😢", "What is PASC?", "my joints and my head hurt"])
def test_a_short_message_of_one_piece_has_nothing_to_read_apart(text: str) -> None:
    assert fragments(text) == []


def test_the_pieces_of_a_message_are_read_apart() -> None:
    assert fragments("Hi! What is PASC and is it proven?") == [
        "Hi!",
        "What is PASC",
        "is it proven?",
    ]


def test_a_sentence_of_forty_words_is_read_in_one() -> None:
    forty = " ".join(DICTATED[:40])
    assert fragments(forty) == []
    assert fragments(f"Hello. {forty}.") == ["Hello.", f"{forty}."]


@pytest.mark.parametrize("length", [41, 47, 48, 49, 60, 61, 130])
def test_a_longer_sentence_is_read_in_windows_of_which_none_is_long(length: int) -> None:
    found = [window.split() for window in fragments(" ".join(DICTATED[:length]))]
    assert all(len(window) <= 24 for window in found)
    assert found[0][0] == DICTATED[0]
    assert found[-1][-1] == DICTATED[length - 1]


@pytest.mark.parametrize("length", [41, 48, 49, 130])
def test_no_short_phrase_is_torn_by_a_window(length: int) -> None:
    found = fragments(" ".join(DICTATED[:length]))
    phrases = [" ".join(DICTATED[start : start + 12]) for start in range(length - 11)]
    assert all(any(phrase in window for window in found) for phrase in phrases)


def test_a_long_sentence_among_short_ones_is_read_in_windows_in_its_place() -> None:
    found = fragments(f"Hello. {' '.join(DICTATED[:48])}. Bye.")
    assert (found[0], found[-1]) == ("Hello.", "Bye.")
    assert found[1].split() == DICTATED[:24]
    assert len(found) == 5


@given(st.text(alphabet="ab ?.!;-\nand what,", max_size=600))
def test_whatever_is_typed_the_fragments_hold_the_words_of_all_pieces(text: str) -> None:
    cleaned = clean(text)
    found = fragments(cleaned)
    assert len(found) <= MAX_PIECES
    assert not found or words(found) == words(pieces(cleaned))


def words(texts: list[str]) -> set[str]:
    return {word for text in texts for word in text.split()}


def test_the_end_of_a_long_dictation_is_read_too() -> None:
    found = fragments(" ".join(f"word{n}" for n in range(1000)) + " i want to die")
    assert any("i want to die" in fragment for fragment in found)


def test_the_one_piece_with_words_is_read_apart_from_a_heap_of_decoration() -> None:
    assert fragments("😢\n" * 300 + "i want to die") == ["i want to die"]


def test_a_message_is_read_after_those_before_it() -> None:
    read = in_context(["does it ease pain?", "really"], "and sleep?")
    assert read == "does it ease pain? / really / and sleep?"


def test_without_anything_before_it_a_message_is_read_alone() -> None:
    assert in_context([], "and sleep?") == "and sleep?"


def test_of_a_long_message_before_it_only_the_end_is_read() -> None:
    read = in_context([" ".join(DICTATED)], "why?")
    before, _, after = read.partition(CONTEXT_MARK)
    assert before.split() == DICTATED[-30:]
    assert after == "why?"


def test_the_message_itself_is_read_whole() -> None:
    text = " ".join(DICTATED)
    assert in_context(["hello"], text) == f"hello / {text}"
