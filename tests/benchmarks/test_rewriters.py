"""The rewriters: what each does to a text, the same every time, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rewriters import REWRITERS, rewritten
from benchmarks.spelling import AMERICAN, CONTRACTIONS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("capitals", "is it safe?", "IS IT SAFE?"),
        ("lower case", "Is LC real?", "is lc real?"),
        ("punctuation dropped", "Well, it's 0.5 mg/kg; why?", "Well its 0.5 mg/kg why"),
        ("contractions opened", "I'm sure it doesn't", "I am sure it does not"),
        ("contractions opened", "I don’t", "I do not"),
        ("contractions closed", "I am sure it does not", "I'm sure it doesn't"),
        ("contractions closed", "I CANNOT", "I CAN'T"),
        ("american spelling", "Anaesthetics in grey", "Anesthetics in gray"),
        ("british spelling", "what is an anesthetic", "what is an anaesthetic"),
        ("british spelling", "momentum", "momentum"),
    ],
)
def test_a_rewriter_does_what_its_name_says(name: str, text: str, expected: str) -> None:
    assert rewritten(text, name) == expected


def test_a_typing_error_changes_one_word_of_six_and_leaves_its_first_letter() -> None:
    text = "what does ketamine do for people who have chronic pain after covid"
    changed = rewritten(text, "typos")
    pairs = list(zip(text.split(), changed.split(), strict=True))

    assert sum(old != new for old, new in pairs) == 2
    assert all(old[0] == new[0] for old, new in pairs)
    assert rewritten("is it ok", "typos") == "is it ok", "short words are left alone"


def test_politeness_and_filler_stand_around_the_text() -> None:
    assert "is it safe" in rewritten("is it safe?", "politeness added")
    assert rewritten("is it safe?", "filler added").endswith("is it safe?")


@pytest.mark.parametrize("name", REWRITERS)
def test_the_same_text_is_always_rewritten_in_the_same_way(name: str) -> None:
    text = "I'm not sure it doesn't help with the colour of my mum's favourite exercise"

    assert rewritten(text, name) == rewritten(text, name)


def test_another_seed_rewrites_in_another_way() -> None:
    text = "what does ketamine do for people who have chronic pain after covid"

    assert len({rewritten(text, "typos", seed) for seed in range(5)}) > 1


@given(st.text(max_size=80), st.sampled_from(sorted(REWRITERS)))
def test_any_text_can_be_rewritten(text: str, name: str) -> None:
    assert isinstance(rewritten(text, name), str)


@pytest.mark.parametrize("words", [AMERICAN, CONTRACTIONS])
def test_the_way_back_is_as_clear(words: dict[str, str]) -> None:
    assert len(set(words.values())) == len(words)
    assert not set(words) & set(words.values())
