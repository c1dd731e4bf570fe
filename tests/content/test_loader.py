"""The loader takes sound content, and names file, entry, field and expectation of every fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.loader import ENGLISH, ContentError, load_content, reflow
from bot.content.model import CONTACT_KINDS, SECTIONS
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS

DIGEST = "a3d4babab80cda01df11807d8091087be971663d7beb6e73ed346cb441c904d3"


@pytest.fixture
def content_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ENGLISH, tmp_path / "en"))


def change(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the test no longer fits {file}: {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(directory: Path, file: str, text: str) -> None:
    with (directory / file).open("a", encoding="utf-8") as stream:
        stream.write(text)


def problems_of(directory: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_content(directory)
    return str(caught.value).splitlines()


def test_loads_every_kind() -> None:
    content = load_content()

    assert set(content.answers) == set(ANSWER_TOPICS)
    assert content.answers["pain"].claims[0] in content.claims
    assert content.claims["major_challenge"].passages[0].section == SECTIONS[0]
    assert content.disclaimers["education_only"].short
    assert content.referrals["primary_care"].name == "your GP or family doctor"
    assert content.contacts["samaritans"].phone == "116123"
    assert content.contacts["find_a_helpline"].phone is None
    assert content.messages["crisis"].contacts == ("crisis", "directory", "emergency")
    assert content.messages["crisis"].topic is None
    assert content.messages["greet"].topic == "greet"
    assert content.labels["human"] == "Talk to a person"


@pytest.mark.parametrize(
    "kind",
    ["answers", "claims", "disclaimers", "referrals", "contacts", "messages", "labels"],
)
def test_content_is_read_only(kind: str) -> None:
    view = getattr(load_content(), kind)

    with pytest.raises(TypeError):
        view["new"] = None


def test_every_file_may_be_split(content_dir: Path) -> None:
    text = (content_dir / "disclaimers.yml").read_text(encoding="utf-8")
    first, second = text.split("  - id: ketamine_early_evidence")
    (content_dir / "disclaimers.yml").write_text(first, encoding="utf-8")
    rest = f"disclaimers:\n  - id: ketamine_early_evidence{second}"
    (content_dir / "disclaimers_ketamine.yml").write_text(rest, encoding="utf-8")

    assert load_content(content_dir).disclaimers == load_content().disclaimers


def test_reflow_undoes_the_line_breaks_of_the_file_only() -> None:
    wrapped = "\nOne line\nthat goes on.\n\n\nA list:\n\n- first\n  item\n- second\n\nThe end.\n"

    assert (
        reflow(wrapped) == "One line that goes on.\n\nA list:\n\n- first item\n- second\n\nThe end."
    )
    assert reflow("") == ""


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


@pytest.mark.parametrize("fault", FAULTS)
def test_names_file_entry_field_and_expectation(content_dir: Path, fault: str) -> None:
    file, old, new, expected = FAULTS[fault]
    change(content_dir, file, old, new)

    problems = problems_of(content_dir)

    assert [line for line in problems if expected in line], problems
    assert all(line.count(": ") >= 3 and "expected" in line for line in problems), problems


def test_names_a_file_that_is_not_text(content_dir: Path) -> None:
    (content_dir / "labels.yml").write_bytes(b"labels: \xff\xfe")

    assert problems_of(content_dir)[0].startswith(
        "labels.yml: whole file: YAML: expected valid YAML; 'utf-8' codec"
    )


@pytest.mark.parametrize("text", ["", "just words\n", "- a\n- list\n"])
def test_names_a_file_without_keys(content_dir: Path, text: str) -> None:
    (content_dir / "labels.yml").write_text(text, encoding="utf-8")

    assert problems_of(content_dir) == [
        "labels.yml: whole file: top level: expected keys with values"
    ]


def test_names_what_cannot_be_read(content_dir: Path) -> None:
    (content_dir / "more.yml").mkdir()

    [problem] = problems_of(content_dir)

    assert problem.startswith("en: whole directory: files: expected readable files; ")


def test_names_everything_that_an_empty_directory_lacks(tmp_path: Path) -> None:
    problems = problems_of(tmp_path)

    for topic in ANSWER_TOPICS:
        assert f"answers/{topic}.yml: {topic}: topic: missing" in "\n".join(problems)
    for topic in SMALLTALK_TOPICS:
        assert f"labels.yml: {topic}: id: missing" in "\n".join(problems)


def test_reports_all_problems_at_once_one_a_line(content_dir: Path) -> None:
    change(content_dir, "answers/pain.yml", "- may_ease_pain", "- may_cure_pain")
    change(content_dir, "contacts.yml", "kind: directory", "kind: list")
    change(content_dir, "smalltalk.yml", "    topic: thanks\n", "")
    append(content_dir, "referrals.yml", "\n  - {id: friend, name: a friend}\n")

    problems = problems_of(content_dir)

    starts = {": ".join(line.split(": ")[:3]) for line in problems}
    assert starts == {
        "answers/pain.yml: pain: claims",
        "contacts.yml: find_a_helpline: kind",
        "smalltalk.yml: thanks: topic",
        "referrals.yml: friend: help",
    }
    assert len(problems) == 4


def test_a_file_that_does_not_parse_hides_no_fault_elsewhere_and_brings_no_false_ones(
    content_dir: Path,
) -> None:
    (content_dir / "claims.yml").write_text("claims: ]", encoding="utf-8")
    change(content_dir, "smalltalk.yml", "    topic: thanks\n", "")

    problems = problems_of(content_dir)

    assert len(problems) == 2
    assert problems[0].startswith("claims.yml: line 1: YAML: ")
    assert problems[1].startswith("smalltalk.yml: thanks: topic: ")


def test_content_error_is_a_value_error() -> None:
    assert issubclass(ContentError, ValueError)


def test_kinds_of_contact_are_all_in_use() -> None:
    assert {contact.kind for contact in load_content().contacts.values()} == set(CONTACT_KINDS)
