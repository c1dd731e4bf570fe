"""The loader names file, entry, field and expectation of every fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.loader import ENGLISH
from tests.content.helpers import change, problems_of

DIGEST = "a3d4babab80cda01df11807d8091087be971663d7beb6e73ed346cb441c904d3"

# file, text in it, what takes its place, and the line the loader must report
FAULTS = {
    "missing field": (
        "answers/pain.yml", "title: Ketamine and pain\n", "",
        "answers/pain.yml: pain: title: 'title' is a required property; expected an answer",
    ),
    "unknown field": (
        "answers/pain.yml", "title:", "colour: red\ntitle:",
        "answers/pain.yml: pain: colour: Additional properties are not allowed",
    ),
    "title of one word": (
        "answers/pain.yml", "title: Ketamine and pain", "title: Pain",
        "answers/pain.yml: pain: title: 'Pain' does not match",
    ),
    "long question": (
        "answers/pain.yml", "Can it ease pain?", "Can ketamine ease my pain?",
        "expected the wording of a button, at most 24 characters",
    ),
    "empty text": (
        "messages.yml", "text: I want to be sure that I understand you. Did you mean one of these?",
        "text: ' '", "messages.yml: clarify: text: ' ' does not match",
    ),
    "wrong type": (
        "messages.yml", "suggestions: [affirm, deny]", "suggestions: affirm",
        "messages.yml: offer_human: suggestions: 'affirm' is not of type 'array'",
    ),
    "no general disclaimer": (
        "answers/pain.yml", "[education_only, ", "[",
        "expected disclaimer ids, with education_only among them",
    ),
    "one suggestion": (
        "answers/pain.yml", "[inflammation, treatment_plan, evidence]", "[evidence]",
        "expected two or three topics to go to next",
    ),
    "no hash": (
        "claims.yml", DIGEST, "abc",
        "claims.yml: major_challenge: passages.0.sha256: 'abc' does not match",
    ),
    "passage without a sentence": (
        "claims.yml", f"sentence: 0, sha256: {DIGEST}", f"sha256: {DIGEST}",
        "claims.yml: major_challenge: passages.0.sentence: 'sentence' is a required property",
    ),
    "passage with something else": (
        "claims.yml", f"sentence: 0, sha256: {DIGEST}", f"sentence: 0, page: 1, sha256: {DIGEST}",
        "claims.yml: major_challenge: passages.0.page: Additional properties are not allowed",
    ),
    "region": (
        "contacts.yml", "regions: [us, ca]", "regions: [USA]",
        "expected a lower-case ISO country code, 'eu' or 'international'",
    ),
    "phone": (
        "contacts.yml", 'phone: "988"', "phone: 988",
        "contacts.yml: lifeline_988: phone: 988 is not of type 'string', 'null'",
    ),
    "address": (
        "contacts.yml", "https://findahelpline.com", "http://findahelpline.com",
        "expected an address that begins with https://",
    ),
    "smalltalk without a topic": (
        "smalltalk.yml", "    topic: thanks\n", "",
        "smalltalk.yml: thanks: topic: 'topic' is a required property; expected a topic",
    ),
    "topic beside smalltalk": (
        "safety.yml", "  - id: dosing\n", "  - id: dosing\n    topic: thanks\n",
        "safety.yml: dosing: topic: 'thanks' is not of type 'null'; expected no topic",
    ),
    "entry that is no mapping": (
        "referrals.yml", "referrals:\n", "referrals:\n  - a word\n",
        "referrals.yml: referral 1: id: 'id' is a required property; expected a professional",
    ),
    "entry without an id": (
        "referrals.yml", "  - id: pharmacist\n    name", "  - name",
        "referrals.yml: referral 3: id: 'id' is a required property",
    ),
    "same id twice": (
        "claims.yml", "id: symptoms_last", "id: major_challenge",
        "claims.yml: major_challenge: id: expected an id of its own; claims.yml has it already",
    ),
    "same id in two files": (
        "smalltalk.yml", "id: goodbye", "id: crisis",
        "smalltalk.yml: crisis: id: expected an id of its own; safety.yml has it already",
    ),
    "unknown claim": (
        "answers/pain.yml", "- may_ease_pain", "- may_cure_pain",
        "answers/pain.yml: pain: claims: unknown claim 'may_cure_pain'; expected one of",
    ),
    "unknown disclaimer": (
        "answers/pain.yml", "ketamine_early_evidence", "early",
        "answers/pain.yml: pain: disclaimers: unknown disclaimer 'early'; expected one of educ",
    ),
    "unknown topic to go to": (
        "answers/pain.yml", "[inflammation,", "[flames,",
        "answers/pain.yml: pain: suggestions: unknown topic 'flames'; expected one of long_covid",
    ),
    "unknown topic after a message": (
        "messages.yml", "[affirm, deny]", "[affirm, refuse]",
        "messages.yml: offer_human: suggestions: unknown topic 'refuse'; expected one of",
    ),
    "unknown topic of an answer": (
        "answers/pain.yml", "topic: pain", "topic: ache",
        "answers/pain.yml: ache: topic: unknown topic 'ache'; expected one of",
    ),
    "file of another name": (
        "answers/pain.yml", "topic: pain", "topic: fatigue",
        "answers/pain.yml: fatigue: topic: expected the file to be named answers/fatigue.yml",
    ),
    "same topic twice": (
        "answers/pain.yml", "topic: pain", "topic: fatigue",
        "answers/pain.yml: fatigue: topic: expected an id of its own; answers/fatigue.yml has it",
    ),
    "missing topic": (
        "answers/pain.yml", "topic: pain", "topic: ache",
        "answers/pain.yml: pain: topic: missing; expected an answer to every topic",
    ),
    "unknown section": (
        "claims.yml", "{section: Introduction, sentence: 0", "{section: Preface, sentence: 0",
        "claims.yml: major_challenge: passages: unknown section 'Preface'; expected one of Intro",
    ),
    "unknown section without a fact": (
        "claims.yml", "{section: Introduction, sha256", "{section: Preface, sha256",
        "claims.yml: no_fact 1: section: unknown section 'Preface'; expected one of Intro",
    ),
    "unknown kind of contact": (
        "contacts.yml", "kind: directory", "kind: list",
        "contacts.yml: find_a_helpline: kind: unknown contact kind 'list'; expected one of emer",
    ),
    "unknown kind of contact in a message": (
        "safety.yml", "contacts: [poison]", "contacts: [toxin]",
        "safety.yml: dosing: contacts: unknown contact kind 'toxin'; expected one of emergency",
    ),
    "unknown referral": (
        "safety.yml", "referrals: [prescriber,", "referrals: [wizard,",
        "safety.yml: dosing: referrals: unknown referral 'wizard'; expected one of primary_care",
    ),
    "unknown outcome": (
        "safety.yml", "outcome: dosing", "outcome: doses",
        "safety.yml: dosing: outcome: unknown outcome 'doses'; expected one of crisis",
    ),
    "unknown smalltalk topic": (
        "smalltalk.yml", "topic: thanks", "topic: weather",
        "smalltalk.yml: thanks: topic: unknown smalltalk topic 'weather'; expected one of greet",
    ),
    "unknown intent of a label": (
        "labels.yml", "id: human", "id: martian",
        "labels.yml: martian: id: unknown intent 'martian'; expected one of crisis",
    ),
    "missing label": (
        "labels.yml", "id: human", "id: martian",
        "labels.yml: human: id: missing; expected a label for this intent",
    ),
    "unknown command": (
        "telegram.yml", "id: topics", "id: themes",
        "telegram.yml: themes: id: unknown command 'themes'; expected one of start, help, topics",
    ),
    "missing command": (
        "telegram.yml", "id: topics", "id: themes",
        "telegram.yml: topics: id: missing; expected a description of this command",
    ),
    "command without a full stop": (
        "telegram.yml", "See what I can do.", "See what I can do",
        "expected what the command does, one short sentence of at most 60 characters",
    ),
    "long command": (
        "telegram.yml", "See what I can do.", f"See {'what I can do ' * 4}and so on.",
        "expected what the command does, one short sentence of at most 60 characters",
    ),
    "command with more than a text": (
        "telegram.yml", "text: See what I can do.", "text: See what I can do., outcome: human",
        "telegram.yml: help: outcome: Additional properties are not allowed",
    ),
    "lost commands": (
        "telegram.yml", "tap one of these:\n\n      {commands}", "ask.",
        "telegram.yml: telegram_help: text: wrong placeholders; expected {commands}",
    ),
    "missing message": (
        "safety.yml", "id: crisis\n", "id: sadness\n",
        "messages.yml: crisis: id: missing; expected a message of this id",
    ),
    "lost placeholder": (
        "safety.yml", "who will listen:\n\n      {contacts}", "who will listen.",
        "safety.yml: crisis: text: wrong placeholders; expected {contacts}",
    ),
    "placeholder that nobody fills": (
        "smalltalk.yml", "You are very welcome.", "You are very welcome, {name}.",
        "smalltalk.yml: thanks: text: wrong placeholders; expected none",
    ),
    "unknown list": (
        "labels.yml", "labels:", "buttons:",
        "labels.yml: whole file: buttons: expected one of claims, no_fact, disclaimers",
    ),
    "a list that is none": (
        "labels.yml", "labels:\n", "labels: none\nclaims:\n",
        "labels.yml: whole file: labels: expected a list of entries",
    ),
    "YAML that does not parse": (
        "answers/pain.yml", "title: Ketamine", "title: [Ketamine",
        "answers/pain.yml: line 3: YAML: expected valid YAML; ",
    ),
    "a key given twice": (
        "answers/pain.yml", "title: Ketamine and pain\n", "title: Some pain\ntitle: More pain\n",
        "answers/pain.yml: line 1: YAML: expected valid YAML; the key 'title' stands twice",
    ),
}  # fmt: skip


@pytest.fixture
def content_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ENGLISH, tmp_path / "en"))


@pytest.mark.parametrize("fault", FAULTS)
def test_names_file_entry_field_and_expectation(content_dir: Path, fault: str) -> None:
    file, old, new, expected = FAULTS[fault]
    change(content_dir, file, old, new)

    problems = problems_of(content_dir)

    assert [line for line in problems if expected in line], problems
    assert all(line.count(": ") >= 3 and "expected" in line for line in problems), problems
