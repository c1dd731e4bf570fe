"""The model over words and letters."""

import numpy as np
import pytest

from bot.nlu.ngrams import NgramModel, fit, letters, words

GROUPS = (
    ["does it help pain", "pain relief", "is pain eased", "help for pain please", "my pain again"],
    ["so tired today", "tired all day", "always tired", "why so tired", "tired and worn out"],
    ["hello there", "hello to you", "oh hello", "hello hello", "well hello friend"],
)
TEXTS = [text for group in GROUPS for text in group]


def fitted(groups: int = 3) -> NgramModel:
    texts = [text for group in GROUPS[:groups] for text in group]
    shares = np.repeat(np.eye(groups), len(GROUPS[0]), axis=0)
    return fit(texts, shares)


@pytest.fixture(scope="module")
def model() -> NgramModel:
    return fitted()


def test_words_are_words_signs_and_neighbours() -> None:
    assert words("Why me? 2*5") == [
        "why", "me", "?", "2", "*", "5", "why me", "me ?", "? 2", "2 *", "* 5",
    ]  # fmt: skip


def test_letters_stay_within_words_and_mark_their_ends() -> None:
    assert letters("Ab I") == [" a", "ab", "b ", " ab", "ab ", " ab ", " i", "i ", " i ", " i "]
    assert letters("") == []


def test_each_group_is_told_by_its_words_and_by_its_letters(model: NgramModel) -> None:
    read = model.read(["PAIN", "tird", "helo"])
    assert read.shape == (3, 3)
    assert read.argmax(1).tolist() == [0, 1, 2]


def test_two_intents_are_told_apart_too() -> None:
    assert fitted(2).read(["pain", "tired"]).argmax(1).tolist() == [0, 1]


@pytest.mark.parametrize("text", ["", "喂", "zzqx"])
def test_what_was_never_seen_is_read_as_the_rarest_guess_would_be(
    text: str, model: NgramModel
) -> None:
    assert np.array_equal(model.read([text])[0], model.bias)


def test_no_text_gives_no_row(model: NgramModel) -> None:
    assert model.read([]).shape == (0, 3)


def test_it_reads_much_the_same_from_its_file(model: NgramModel) -> None:
    again = NgramModel.from_bytes(model.to_bytes())
    assert again.vocabularies == model.vocabularies
    assert np.allclose(again.read(TEXTS), model.read(TEXTS), atol=0.02)


def test_it_is_the_same_each_time() -> None:
    assert fitted().to_bytes() == fitted().to_bytes()


def test_an_example_of_two_intents_counts_for_both() -> None:
    shares = np.repeat(np.eye(3), 5, axis=0)
    both = np.full((4, 3), [0.5, 0.5, 0.0])
    texts = [*TEXTS, *["woolly head"] * 4]
    read = fit(texts, np.concatenate([shares, both])).read(["woolly head"])[0]
    assert min(read[:2]) > read[2]


def test_an_intent_without_examples_of_its_own_is_no_likelier_than_any() -> None:
    shares = np.concatenate([np.repeat(np.eye(3), 5, axis=0), np.zeros((15, 1))], axis=1)
    read = fit(TEXTS, shares).read(["pain", "zzqx"])
    assert read[0].argmax() == 0
    assert read[1][3] == read[1].min()
