"""Typing errors for training: like those that people make, few, and the same for the same seed."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.noise import noisy

SENTENCE = "My sister sleeps all morning, yet every afternoon brings another headache."
LONG = " ".join([SENTENCE] * 6)
SEEDS = range(400)


def variants(text: str) -> list[str]:
    return [noisy(text, np.random.default_rng(seed)) for seed in SEEDS]


def words(text: str) -> list[str]:
    """Return the words without what phones make tedious: capitals and punctuation."""
    return text.lower().translate(str.maketrans("", "", string.punctuation)).split()


def changed(text: str) -> list[int]:
    """Return how many words differ in each variant that lost no space."""
    plain = words(text)
    found = [words(variant) for variant in variants(text)]
    return [
        sum(one != other for one, other in zip(plain, variant, strict=True))
        for variant in found
        if len(variant) == len(plain)
    ]


def test_the_same_seed_makes_the_same_errors_and_another_makes_others() -> None:
    assert variants(SENTENCE) == variants(SENTENCE)
    assert len(set(variants(SENTENCE))) > len(SEEDS) / 2


@given(st.text(st.characters(blacklist_characters=string.ascii_letters + "'")), st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_a_text_without_words_stays_as_it_is(text: str, seed: int) -> None:
    assert noisy(text, np.random.default_rng(seed)) == text


@given(st.text(), st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_any_text_comes_back_as_a_text_of_about_its_length(text: str, seed: int) -> None:
    found = noisy(text, np.random.default_rng(seed))
    dropped = sum(char in string.punctuation for char in text)
    # Some capitals outside ASCII are written with more letters than the small ones, up to three.
    assert len(text) - dropped - 16 <= len(found) <= 3 * len(text) + 6


def test_a_word_or_two_of_a_sentence_are_mistyped() -> None:
    counts = changed(SENTENCE)
    assert len(counts) > 0.9 * len(SEEDS)
    assert max(counts) <= 6
    assert 0.7 < np.mean(counts) < 2


def test_a_long_text_gets_more_errors_but_never_more_than_six() -> None:
    counts = changed(LONG)
    assert max(counts) == 6
    assert np.mean(counts) > 2 * np.mean(changed(SENTENCE))


def test_the_first_letter_of_a_word_is_typed_right() -> None:
    initials = [word[0] for word in words(SENTENCE)]
    kept = [[word[0] for word in words(variant)] for variant in variants(SENTENCE)]
    whole = [found for found in kept if len(found) == len(initials)]
    assert len(whole) > 0.9 * len(SEEDS)
    assert all(found == initials for found in whole)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("brings", "birngs"),  # two letters change places
        ("brings", "bings"),  # one is left out
        ("brings", "brrings"),  # one is typed twice
        ("brings", "beings"),  # the finger lands on the next key
        ("isn't", "isnt"),  # the apostrophe is a tap too many
        ("because", "cuz"),  # written by ear
        ("you", "u"),  # a short word has a short form
    ],
)
def test_each_kind_of_error_happens(word: str, error: str) -> None:
    found = {variant.lower() for variant in variants(word)}
    assert error in found
    assert word in found or len(word) > 3


def test_a_short_word_is_mistyped_only_as_people_abbreviate_it() -> None:
    assert {variant.lower() for variant in variants("you")} == {"you", "u"}
    assert {variant.lower() for variant in variants("leg")} == {"leg"}


def test_a_common_word_is_not_always_abbreviated() -> None:
    found = [variant.lower() for variant in variants("because")]
    assert 0.35 < found.count("cuz") / len(found) < 0.65
    assert {"becase", "beccause"} & set(found)


def test_a_sign_without_neighbours_on_the_keyboard_is_not_mistaken_for_another() -> None:
    assert set(variants("'''''")) == {"'''''", "''''", "''''''", ""}


def test_capitals_punctuation_or_a_space_may_fall_away() -> None:
    text = "Yes, an MRI: it is 2 pm."
    found = variants(text)
    shares = {
        form: found.count(form) / len(found)
        for form in (text, text.lower(), "yes an mri it is 2 pm", text.upper())
    }
    assert all(share > 0.01 for share in shares.values())
    # What is left lost one space, and nothing else.
    rest = set(found) - shares.keys()
    assert rest
    assert all(variant.replace(" ", "") == text.replace(" ", "") for variant in rest)
    assert all(len(variant) == len(text) - 1 for variant in rest)


def test_a_single_word_has_no_space_to_lose() -> None:
    assert set(variants("Leg")) == {"Leg", "leg", "LEG"}
