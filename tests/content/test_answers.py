"""Every topic has an answer: short, easy to go on from, and faithful to the source."""

from __future__ import annotations

import re

import pytest

from bot.content.model import Answer
from bot.content.sources import split_document
from bot.reply.outcomes import ANSWER_TOPICS
from tests.content.helpers import BODIES, CONTENT, MAX_WORDS, SOURCE, needs_source

MAX_PARAGRAPH = 45
NOT_ABOUT_KETAMINE = {"long_covid_definition", "long_covid_symptoms", "long_covid_impact"}
KETAMINE_TOPICS = sorted(set(ANSWER_TOPICS) - NOT_ABOUT_KETAMINE)


def test_there_is_an_answer_to_every_topic() -> None:
    assert sorted(CONTENT.answers) == sorted(ANSWER_TOPICS)
    assert len(CONTENT.answers) == 16


@pytest.mark.parametrize("place", BODIES)
def test_answers_are_short(place: str) -> None:
    assert 25 <= len(BODIES[place].split()) <= MAX_WORDS
    for paragraph in BODIES[place].split("\n\n"):
        prose = [line for line in paragraph.splitlines() if not line.startswith("- ")]
        assert len(" ".join(prose).split()) <= MAX_PARAGRAPH, paragraph
        assert paragraph.count("\n") <= 6


@pytest.mark.parametrize("answer", CONTENT.answers.values(), ids=lambda answer: answer.topic)
def test_buttons_and_ways_on(answer: Answer) -> None:
    assert 2 <= len(answer.title.split()) <= 5
    assert 0 < len(answer.question) <= 24
    assert 2 <= len(answer.suggestions) <= 3
    assert answer.topic not in answer.suggestions
    assert set(answer.suggestions) <= set(ANSWER_TOPICS)
    assert answer.text != answer.more


def test_buttons_can_be_told_apart() -> None:
    questions = [answer.question for answer in CONTENT.answers.values()]
    titles = [answer.title for answer in CONTENT.answers.values()]

    assert len(set(questions)) == len(set(titles)) == 16
    assert not set(questions) & set(CONTENT.labels.values())
    assert len(set(CONTENT.labels.values())) == len(CONTENT.labels)
    assert all(len(label) <= 24 for label in CONTENT.labels.values())


def test_every_topic_is_suggested_somewhere() -> None:
    suggested = {
        name
        for entry in (*CONTENT.answers.values(), *CONTENT.messages.values())
        for name in entry.suggestions
    }

    assert set(ANSWER_TOPICS) <= suggested


@pytest.mark.parametrize("answer", CONTENT.answers.values(), ids=lambda answer: answer.topic)
def test_disclaimers(answer: Answer) -> None:
    expected = {"education_only"}
    if answer.topic in KETAMINE_TOPICS:
        expected |= {"ketamine_early_evidence", "qualified_professionals_only"}

    assert set(answer.disclaimers) == expected
    about_ketamine = "ketamine" in f"{answer.text} {answer.more}".lower()
    assert about_ketamine == (answer.topic in KETAMINE_TOPICS)


def test_disclaimers_say_what_they_are_for() -> None:
    education = CONTENT.disclaimers["education_only"]
    early = CONTENT.disclaimers["ketamine_early_evidence"]
    qualified = CONTENT.disclaimers["qualified_professionals_only"]

    assert "one source" in education.full
    assert all("not medical advice" in text for text in (education.full, education.short))
    assert "not a clinician" in education.full
    assert "health professional" in education.full
    assert all("still being studied" in text for text in (early.full, early.short))
    for text in (qualified.full, qualified.short):
        assert "qualified professionals" in text
        assert "side effects" in text
        assert "misused" in text
    assert all("\n" not in one.short for one in CONTENT.disclaimers.values())


def test_every_claim_is_made_by_an_answer() -> None:
    made = {name for answer in CONTENT.answers.values() for name in answer.claims}

    assert made == set(CONTENT.claims)


@pytest.mark.parametrize(
    ("topic", "kept"),
    [
        ("ketamine_overview", ["being studied", "promise", "more research is needed", "may"]),
        (
            "inflammation",
            ["may help", "some of the lasting inflammation", "studies are still need"],
        ),
        ("brain_fog", ["could possibly", "may", "more research is needed"]),
        ("mental_health", ["could bring", "more research is needed"]),
        ("pain", ["could offer", "may help", "more research is needed"]),
        ("fatigue", ["some case reports", "may ease", "not fully understood", "not proof"]),
        ("evidence", ["not proven", "promising", "more research is needed", "case reports"]),
        ("individual_response", ["may respond", "any treatment"]),
        ("safe_administration", ["not yet fully known", "qualified professionals", "misused"]),
        ("treatment_plan", ["not a solution by itself", "may also include", "not call", "cure"]),
        ("outlook", ["hope", "may see more clearly", "more research is needed"]),
        ("source", ["one article", "more research is needed"]),
    ],
)
def test_limits_of_the_source_stay(topic: str, kept: list[str]) -> None:
    text = CONTENT.answers[topic].text.lower()

    assert [words for words in kept if words not in text] == []


# Claims that take the certain part of a sentence: what a word means, what is so, what is advised.
CERTAIN = {
    "neuroplasticity_meaning",
    "inflammation_linked",
    "fatigue_mechanism_unclear",
    "qualified_only",
}


@needs_source
@pytest.mark.parametrize("claim", CONTENT.claims.values(), ids=lambda claim: claim.id)
def test_claims_keep_the_doubt_of_their_passages(claim) -> None:
    sentences = {one.sha256: one.text for one in split_document(SOURCE.read_text("utf-8"))}
    passages = " ".join(sentences[place.sha256] for place in claim.passages)
    doubt = re.search(r"\b(?:may|could|can|some|potential\w*|promis\w+)\b", passages)

    if doubt and claim.id not in CERTAIN:
        kept = r"\b(?:may|could|can|some|Some|possibl\w+|potential|promis\w+)\b"
        assert re.search(kept, claim.text), (doubt[0], claim.text)
    if re.search(r"more research is needed", passages, re.IGNORECASE):
        assert "more research is needed" in claim.text.lower()


def test_sources_follow_the_order_of_the_document() -> None:
    fatigue = CONTENT.sources_of(CONTENT.answers["fatigue"])

    assert fatigue == [
        ("Understanding Long COVID", ("symptom_fatigue", "daily_life")),
        ("Fatigue Reduction", ("fatigue_case_reports", "fatigue_mechanism_unclear")),
        ("Considerations & Cautions", ("more_research", "responses_vary")),
        ("Outlook", ("talk_to_providers",)),
    ]


def test_sources_name_every_claim_of_every_answer() -> None:
    for answer in CONTENT.answers.values():
        named = {name for _, claims in CONTENT.sources_of(answer) for name in claims}
        assert named == set(answer.claims)
