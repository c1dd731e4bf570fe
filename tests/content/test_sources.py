"""The source is split as people read it, and every lost or unused sentence is found."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from bot.content.loader import ENGLISH, load_content
from bot.content.model import SECTIONS, Claim, Passage
from bot.content.reading import Entry, read_entries
from bot.content.sources import HEADING, Sentence, check_sources, main, split_document

ROOT = Path(__file__).parents[2]
SOURCE = ROOT.parent / "shared" / "document.txt"
# Laid out like the source: an opening without heading, lists, curly quotes, a lost line break.
DOCUMENT = """Opening one. Opening two!
Understanding Long COVID
A first fact, called “fog.” A second fact
Lead-in:
- Item one
- Item twoItem three
After the list.

Ketamine’s Potential in Treating Long COVID
A fact.
Considerations & Cautions
Lead-in:
- Heed this: it matters.
The close begins here. It ends here.
"""
needs_source = pytest.mark.skipif(not SOURCE.exists(), reason="the source is not at hand")


def digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def claim_on(*sentences: Sentence, name: str = "some_claim") -> Claim:
    places = tuple(Passage(one.section, one.index, one.sha256) for one in sentences)
    return Claim(name, "Our own words.", places)


def no_fact(sentence: Sentence) -> Entry:
    data = {"section": sentence.section, "sha256": sentence.sha256, "why": "a heading"}
    return Entry("no_fact", "claims.yml", "no_fact 1", data)


def test_splits_into_sections_and_sentences() -> None:
    assert [(one.section, one.index, one.text) for one in split_document(DOCUMENT)] == [
        ("Introduction", 0, "Opening one."),
        ("Introduction", 1, "Opening two!"),
        ("Understanding Long COVID", HEADING, "Understanding Long COVID"),
        ("Understanding Long COVID", 0, "A first fact, called “fog.”"),
        ("Understanding Long COVID", 1, "A second fact"),
        ("Understanding Long COVID", 2, "Lead-in:"),
        ("Understanding Long COVID", 3, "Item one"),
        ("Understanding Long COVID", 4, "Item two"),
        ("Understanding Long COVID", 5, "Item three"),
        ("Understanding Long COVID", 6, "After the list."),
        (
            "Ketamine's Potential in Treating Long COVID",
            HEADING,
            "Ketamine’s Potential in Treating Long COVID",
        ),
        ("Ketamine's Potential in Treating Long COVID", 0, "A fact."),
        ("Considerations & Cautions", HEADING, "Considerations & Cautions"),
        ("Considerations & Cautions", 0, "Lead-in:"),
        ("Considerations & Cautions", 1, "Heed this: it matters."),
        ("Outlook", 0, "The close begins here."),
        ("Outlook", 1, "It ends here."),
    ]


def test_the_hash_is_of_the_exact_sentence() -> None:
    symptoms = split_document(
        "Understanding Long COVID\n- Depression and anxietyPersistent cough\n"
    )

    assert [one.sha256 for one in symptoms[1:]] == [
        digest("Depression and anxiety"),
        digest("Persistent cough"),
    ]


def test_all_is_well_when_every_sentence_is_used_or_excused() -> None:
    document = split_document(DOCUMENT)
    headings = [no_fact(one) for one in document if one.index == HEADING]
    claim = claim_on(*(one for one in document if one.index != HEADING))

    assert check_sources(document, [claim], headings) == []


def test_lists_unused_sentences() -> None:
    document = split_document("Opening one. Opening two.")

    assert check_sources(document, [claim_on(document[0])], []) == [
        "unused: Introduction, sentence 1: Opening two."
    ]
    assert check_sources(split_document("Pain Management"), [], []) == [
        "unused: Pain Management, heading: Pain Management"
    ]


def test_lists_a_passage_that_changed() -> None:
    before, after = split_document("Opening one."), split_document("Opening won.")

    assert check_sources(after, [claim_on(before[0])], []) == [
        "stale: claim some_claim: Introduction, sentence 0: the sentence changed or is gone",
        "unused: Introduction, sentence 0: Opening won.",
    ]


def test_says_where_a_passage_moved_to() -> None:
    before, after = split_document("A fact."), split_document("New. A fact.")

    assert check_sources(after, [claim_on(before[0]), claim_on(after[0])], []) == [
        "stale: claim some_claim: Introduction, sentence 0: it is now Introduction, sentence 1"
    ]


def test_lists_an_exception_that_no_longer_fits() -> None:
    heading = Sentence("Pain Management", HEADING, "Pain Management")
    document = split_document("A fact.")

    assert check_sources(document, [claim_on(document[0])], [no_fact(heading)]) == [
        f"stale: no_fact {heading.sha256}: Pain Management: the sentence changed or is gone"
    ]


@pytest.fixture
def matching(tmp_path: Path) -> tuple[Path, Path]:
    """A document of one sentence and content whose every claim rests on it."""
    directory = Path(shutil.copytree(ENGLISH, tmp_path / "en"))
    passage = f"[{{section: Introduction, sentence: 0, sha256: {digest('A fact.')}}}]"
    lines = [
        f"  - {{id: {name}, text: Our words, passages: {passage}}}"
        for name in load_content().claims
    ]
    heading = f"{{section: Pain Management, sha256: {digest('Pain Management')}, why: a heading}}"
    text = "\n".join(["claims:", *lines, f"no_fact: [{heading}]", ""])
    (directory / "claims.yml").write_text(text, encoding="utf-8")
    document = tmp_path / "document.txt"
    document.write_text("A fact.\nPain Management\n", encoding="utf-8")
    return document, directory


def test_command_prints_one_line_when_all_is_proved(
    matching: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    document, directory = matching

    assert main([str(document), "--content", str(directory)]) == 0
    claims = len(load_content().claims)
    assert capsys.readouterr().out == f"2 sentences, {claims} claims: all passages in place\n"


def test_command_lists_problems_and_fails(
    matching: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    document, directory = matching
    document.write_text("A fact. Another.\nPain Management\n", encoding="utf-8")

    assert main([str(document), "--content", str(directory)]) == 1
    assert capsys.readouterr().out == "unused: Introduction, sentence 1: Another.\n"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xff"])
def test_command_refuses_a_document_it_cannot_read(tmp_path: Path, content: bytes) -> None:
    document = tmp_path / "document.txt"
    if content:
        document.write_bytes(content)

    with pytest.raises(SystemExit) as caught:
        main([str(document)])

    assert caught.value.code == 2


def test_command_refuses_unsound_content(
    matching: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    document, directory = matching
    (directory / "labels.yml").write_text("labels: ]", encoding="utf-8")

    with pytest.raises(SystemExit) as caught:
        main([str(document), "--content", str(directory)])

    assert caught.value.code == 2
    assert "labels.yml: line 1: YAML: expected valid YAML" in capsys.readouterr().err


def test_runs_as_a_module(matching: tuple[Path, Path]) -> None:
    document, directory = matching
    command = [sys.executable, "-m", "bot.content.sources", str(document)]

    result = subprocess.run(
        [*command, "--content", str(directory)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")


def test_every_section_is_named_in_a_claim() -> None:
    named = {place.section for one in load_content().claims.values() for place in one.passages}

    assert named == set(SECTIONS)


@needs_source
def test_our_claims_rest_on_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SOURCE)]) == 0, capsys.readouterr().out


@needs_source
def test_only_headings_and_announcements_are_excused() -> None:
    document = split_document(SOURCE.read_text(encoding="utf-8"))
    excused = {
        entry.data["sha256"] for entry in read_entries(ENGLISH).entries if entry.kind == "no_fact"
    }
    sentences = [one for one in document if one.sha256 in excused]

    headings = [one.section for one in sentences if one.index == HEADING]
    others = [one.text for one in sentences if one.index != HEADING]
    assert headings == list(SECTIONS[1:-1])
    assert len(others) == 1
    assert re.match(r"Let.s examine", others[0])


@needs_source
def test_the_lost_line_break_gives_two_symptoms() -> None:
    document = split_document(SOURCE.read_text(encoding="utf-8"))
    texts = {(one.section, one.index): one.text for one in document}

    assert texts["Understanding Long COVID", 7].startswith("Depression")
    assert texts["Understanding Long COVID", 8].startswith("Persistent")


@needs_source
def test_every_change_of_the_source_is_noticed() -> None:
    document = split_document(SOURCE.read_text(encoding="utf-8"))
    entries = [one for one in read_entries(ENGLISH).entries if one.kind == "no_fact"]
    claims = load_content().claims.values()
    assert check_sources(document, claims, entries) == []

    for place, sentence in enumerate(document):
        changed = list(document)
        changed[place] = replace(sentence, text=f"{sentence.text} Or not.")
        problems = check_sources(changed, claims, entries)
        assert any(line.startswith("stale: ") for line in problems), sentence
        assert f"unused: {sentence.place}: {sentence.text} Or not." in problems
