"""The loader takes sound content, and reports all faults of a whole directory at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.checks import COMMANDS
from bot.content.loader import ENGLISH, ContentError, load_content, reflow
from bot.content.model import CONTACT_KINDS, SECTIONS
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS
from tests.content.helpers import change, problems_of


@pytest.fixture
def content_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ENGLISH, tmp_path / "en"))


def append(directory: Path, file: str, text: str) -> None:
    with (directory / file).open("a", encoding="utf-8") as stream:
        stream.write(text)


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
    assert content.commands["person"] == "Ask to talk to a person."


@pytest.mark.parametrize(
    "kind",
    ["answers", "claims", "disclaimers", "referrals", "contacts", "messages", "labels", "commands"],
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
    for command in COMMANDS:
        assert f"telegram.yml: {command}: id: missing" in "\n".join(problems)


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
