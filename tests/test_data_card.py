"""The data card: its tables are up to date, and what it says of the data is so."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gate_sets import cases
from scripts import data_card
from scripts.data_card import CARD, END, START, Example, Row, refreshed

EXAMPLES = data_card.examples()
ROWS = data_card.development()
FEWEST_WORDS = 5


@cache
def normal(text: str) -> str:
    """Return a text without case, punctuation and signs; a text of signs alone as it is."""
    plain = re.sub("['’`´]", "", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(re.findall(r"\w+", plain)) or text.strip()


@cache
def words(text: str) -> frozenset[str]:
    return frozenset(normal(text).split())


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two texts share 80 % of the words that they have between them."""
    return 5 * len(one & other) >= 4 * len(one | other)


class Index:
    """Finds a text that is alike, looking only at those that hold one of its rarest words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = [text for text in texts if len(words(text)) >= FEWEST_WORDS]
        self.holding: dict[str, set[int]] = defaultdict(set)
        for number, text in enumerate(self.texts):
            for word in words(text):
                self.holding[word].add(number)

    def like(self, text: str) -> str | None:
        """Return a text that is alike, or None."""
        own = words(text)
        # Of n words, at most n // 5 are missing in a text that is alike, so one of these is not.
        rarest = sorted(own, key=lambda word: len(self.holding.get(word, ())))[: len(own) // 5 + 1]
        near = set().union(*(self.holding.get(word, ()) for word in rarest))
        hits = (self.texts[n] for n in sorted(near) if alike(own, words(self.texts[n])))
        return next(hits, None)


def grouped() -> dict[str, list[Example]]:
    """Return the examples by text, case and punctuation ignored."""
    found = defaultdict(list)
    for example in EXAMPLES:
        found[normal(example.text)].append(example)
    return found


def refuse(faults: list[str]) -> None:
    """Fail with the faults, if there are any, one a line."""
    if faults:
        pytest.fail("\n".join([f"{len(faults)} in data/nlu:", *sorted(faults)]), pytrace=False)


def test_the_card_is_up_to_date() -> None:
    page = CARD.read_text(encoding="utf-8")

    assert refreshed(page) == page, "run: python scripts/data_card.py --write"


def test_there_is_as_much_as_the_card_says() -> None:
    assert len(EXAMPLES) >= 10_000
    assert sum(row.dialogue is None for row in ROWS) >= 1_500


def test_no_example_is_there_twice() -> None:
    faults = [
        f"{same[0].text!r} in " + ", ".join(sorted({example.file for example in same}))
        for same in grouped().values()
        if len(same) > 1
    ]
    refuse(faults)


def test_no_text_has_two_different_labels() -> None:
    faults = [
        f"{same[0].text!r} as " + ", ".join(sorted({"+".join(e.labels) for e in same}))
        for same in grouped().values()
        if len({example.labels for example in same}) > 1
    ]
    refuse(faults)


def test_no_example_is_a_message_of_the_development_set() -> None:
    # A turn of few words ("bye", "is it safe?") is anybody's; what is tested is its context.
    held_back = {
        normal(row.text): row
        for row in ROWS
        if not row.dialogue or len(row.text.split()) > FEWEST_WORDS - 1
    }
    faults = [
        f"{example.file}: {example.text!r} is in {held_back[normal(example.text)].file}"
        for example in EXAMPLES
        if normal(example.text) in held_back
    ]
    refuse(faults)


def test_no_example_is_close_to_a_message_of_the_development_set() -> None:
    index, equal = Index(row.text for row in ROWS), {normal(row.text) for row in ROWS}
    faults = [
        f"{example.file}: {example.text!r} is close to {like!r}"
        for example in EXAMPLES
        # Equal ones are the test above.
        if normal(example.text) not in equal and (like := index.like(example.text))
    ]
    refuse(faults)


def test_no_message_of_the_safety_gate_is_close_to_an_example_or_to_the_development_set() -> None:
    known = [*(example.text for example in EXAMPLES), *(row.text for row in ROWS)]
    index, equal = Index(known), {normal(text): text for text in known}
    faults = [
        f"gate/{case.set}.yml: {case.text!r} is close to {like!r}"
        for case in cases()
        if (like := equal.get(normal(case.text)) or index.like(case.text))
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@given(
    st.lists(st.text("abcdefgh ", min_size=9, max_size=20).map(" ".join), max_size=8),
    st.text("abcdefgh ", max_size=20).map(" ".join),
)
def test_the_index_finds_what_comparing_all_pairs_finds(texts: list[str], text: str) -> None:
    pairs = [t for t in texts if len(words(t)) >= FEWEST_WORDS and alike(words(t), words(text))]

    assert Index(texts).like(text) == (pairs[0] if pairs else None)


@pytest.mark.parametrize(
    ("one", "other"),
    [("I’m OK!", "im ok"), ("any hope? 🥺", "Any hope"), ("ＬＣ", "lc"), (" 👍 ", "👍")],
)
def test_case_punctuation_and_signs_do_not_make_a_text_another(one: str, other: str) -> None:
    assert normal(one) == normal(other)


def test_both_forms_of_examples_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "nlu:\n  - intent: thanks\n    examples: |\n      - ta\n      - cheers - really\n"
        "  - intent: ask_pain\n    examples:\n      - text: |\n          pain? fatigue?\n"
        "        metadata: {also: [ask_fatigue]}\n      - text: pain\n"
    )

    assert data_card.examples(tmp_path) == [
        Example("ta", ("thanks",), "a.yml"),
        Example("cheers - really", ("thanks",), "a.yml"),
        Example("pain? fatigue?", ("ask_pain", "ask_fatigue"), "a.yml"),
        Example("pain", ("ask_pain",), "a.yml"),
    ]


def test_rows_and_turns_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "- {text: hi, outcome: smalltalk, topic: greet, tags: [slang]}\n"
        "- {text: both, outcome: dosing, parts: [{outcome: dosing}, {outcome: human}]}\n"
        "- {name: talk, turns: [{text: how much, outcome: dosing}]}\n"
    )

    assert data_card.development(tmp_path) == [
        Row("hi", "smalltalk", 0, ("slang",), None, "a.yml"),
        Row("both", "dosing", 2, (), None, "a.yml"),
        Row("how much", "dosing", 0, (), "talk", "a.yml"),
    ]


def test_the_table_counts_lengths_and_labels_and_puts_the_urgent_first() -> None:
    long = " ".join(["word"] * 40)
    found = [
        Example("ta", ("thanks",), "a.yml"),
        Example(long, ("crisis", "ask_pain"), "b.yml"),
        Example("two words", ("crisis",), "b.yml"),
    ]

    assert data_card.example_table(found)[1:] == [
        "|---|--:|--:|--:|--:|--:|",
        "| `crisis` | 2 | 50.0% | 50.0% | 21 | 1 |",
        "| `thanks` | 1 | 0.0% | 100.0% | 1 | 0 |",
        "| **all** | 3 | 33.3% | 66.7% | 2 | 1 |",
    ]


def test_turns_of_dialogues_are_counted_apart() -> None:
    found = [
        Row("how much and is it safe", "dosing", 2, (), None, "a.yml"),
        Row("how often", "dosing", 0, (), "talk", "b.yml"),
    ]
    lines = data_card.development_table(found)

    assert "| `dosing` | 1 | 0.0% | 0.0% | 6 | 1 | 1 |" in lines
    assert "| `crisis` | 0 |  |  |  | 0 | 0 |" in lines
    assert data_card.tags(found) == ["Dialogues: 1, with 1 turns in all. Tags: ."]


@pytest.mark.parametrize("page", ["", START, END, f"{END}\n{START}"])
def test_a_page_without_its_comments_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="needs the comments"):
        refreshed(page)


def test_the_script_prints_the_tables_or_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"before\n{START}\nstale\n{END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(data_card, "CARD", card)
    monkeypatch.setattr(data_card, "tables", lambda: "fresh\n")

    data_card.main([])
    assert capsys.readouterr().out == "fresh\n"
    assert "stale" in card.read_text(encoding="utf-8")

    data_card.main(["--write"])
    assert card.read_text(encoding="utf-8") == f"before\n{START}\nfresh\n{END}\nafter\n"
