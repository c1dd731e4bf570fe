"""Ordinary words are told from names, also when they are misspelt."""

import pytest

from bot.records.vocabulary import (
    first_names,
    is_nearly_ordinary,
    is_ordinary,
    may_be_a_name,
    ordinary_words,
)


@pytest.mark.parametrize(
    "word",
    [
        "ketamine",
        "Ketamine",
        "KETAMINE",
        "COVID-19",
        "long-COVID",
        "Parkinson’s",
        "Crohn's",
        "M.E./CFS".replace("M.E.", "me"),
        "brain",
        "ocrelizumab",
        "fibromyalgia",
        "colitis",
        "e.g".replace("e.g", "meds."),
    ],
)
def test_ordinary(word: str) -> None:
    assert is_ordinary(word)


@pytest.mark.parametrize("word", ["zuleika", "Ambridge", "Garcia-Lopez", "19"])
def test_not_ordinary(word: str) -> None:
    assert not is_ordinary(word)


@pytest.mark.parametrize("word", ["ketamne", "ketamiine", "fatigie", "medicin", "symptons"])
def test_misspelt(word: str) -> None:
    assert not is_ordinary(word)
    assert is_nearly_ordinary(word)


@pytest.mark.parametrize("word", ["zuleika", "ket", "ambridge", "pan"])
def test_not_merely_misspelt(word: str) -> None:
    assert is_nearly_ordinary(word) is is_ordinary(word)


def test_some_ordinary_words_are_names_with_a_capital() -> None:
    assert may_be_a_name("Will")
    assert may_be_a_name("zuleika")
    assert not may_be_a_name("will")
    assert not may_be_a_name("Tired")


def test_the_lists_do_not_contradict_each_other() -> None:
    assert not first_names() & ordinary_words()
    assert all(word == word.casefold() for word in first_names() | ordinary_words())
