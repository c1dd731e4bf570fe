"""Names and places that the words around them give away, lower-case typing above all."""

import pytest

from bot.records.cues import find_by_cue
from bot.records.spans import replace


def redact(text: str) -> str:
    return replace(text, find_by_cue(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my name is zuleika dobson and i hurt", "my name is [name] and i hurt"),
        ("MY NAME IS ZULEIKA", "MY NAME IS [name]"),
        ("my name is zuleika", "my name is [name]"),
        ("My name's Zuleika Maria Dobson.", "My name's [name]."),
        ("my names zuleika. hello", "my names [name]. hello"),
        ("my name is zuleika dobson ambrosius", "my name is [name] ambrosius"),
        ("i'm called zuleika, hi", "i'm called [name], hi"),
        ("i am called Will", "i am called [name]"),
        ("my son is called zuleika", "my son is called [name]"),
        ("people call me zu", "people call me [name]"),
        ("hi this is zuleika from the clinic", "hi this is [name] from the clinic"),
        ("im tom", "im [name]"),
        ("tell emma i love her", "tell [name] i love her"),
        ("tell Emma Dobson", "tell [name]"),
        ("emma's tired", "[name]'s tired"),
        ("mrs dobson said so", "mrs [name] said so"),
        ("Dr. Dobson and Nurse Zuleika Dobson", "Dr. [name] and Nurse [name]"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i live in ambridge with my wife", "i live in [place] with my wife"),
        ("I live in Stow on the Wold", "I live in [place] on the Wold"),
        ("i live in new york", "i live in [place]"),
        ("living near the trossachs now", "living near the [place] now"),
        ("i'm from south dakota, usa", "i'm from [place], usa"),
        ("we moved to ambridge", "we moved to [place]"),
        ("born in the bronx", "born in the [place]"),
        ("my flat at 12a Acacia Avenue", "my flat at [place]"),
        ("on Acacia Road", "on [place]"),
        ("NW1 6XE or sw1a1aa", "[place] or [place]"),
        ("Springfield, IL 62704", "Springfield, [place]"),
        ("at Ambridge General Hospital", "at [place]"),
        ("The Royal Swithun Hospital", "The [place]"),
    ],
)
def test_places(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "my name is on the list",
        "my name is 007",
        "is it called brain fog",
        "it was called off",
        "this is painful from the start",
        "i live in constant pain",
        "i live in fear",
        "i live in the countryside, in a small town",
        "i live in new",
        "i live in ",
        "i'm from a poor family",
        "near death",
        "doctor appointment, nurse visit",
        "I have MS and Long COVID",
        "dr who",
        "vitamin b12 5mg and d3 1000iu",
        "10 mg on the street",
        "how long is the road to recovery",
        "the Long COVID Clinic and the Pain Clinic",
        "brian fog",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text
