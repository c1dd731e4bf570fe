"""Every operator finds its mutants in the repository as it is, and each is a fault of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from benchmarks.mutation import content
from benchmarks.mutation.content import ContentChange, Edit
from benchmarks.mutation.mutant import Mutant, Operator, RefusedError, diff
from benchmarks.mutation.operators import OPERATORS, answers, hedges, rules, safety
from benchmarks.mutation.operators.snippets import SNIPPETS
from benchmarks.mutation.source import SourceChange, replaced, source
from bot.content import loader
from bot.settings import ROOT

EVERY = {operator.name: operator.mutants() for operator in OPERATORS}


class Paper:
    """A bench without a bot: content mutants need a folder only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder


@pytest.fixture
def real_content() -> Iterator[None]:
    """Put the content back after a mutant."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "ENGLISH", loader.ENGLISH)
        patch.setattr(loader.load_content, "__defaults__", loader.load_content.__defaults__)
        yield
    loader._english.cache_clear()


@pytest.mark.parametrize("name", EVERY)
def test_an_operator_finds_mutants_that_differ(name: str) -> None:
    found = EVERY[name]

    assert found
    assert all(mutant.operator == name for mutant in found)
    for mutant in found:
        lines = mutant.diff.splitlines()
        changed = [line for line in lines if line[:1] in ("-", "+")]
        assert changed or lines[0].startswith("data/nlu:"), mutant.id


def test_operators_can_be_told_apart_and_say_what_they_do() -> None:
    assert len(EVERY) == len(OPERATORS)
    assert all(operator.description.endswith(".") for operator in OPERATORS)


def test_checks_exist() -> None:
    named = {path for found in EVERY.values() for mutant in found for path in mutant.checks}

    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_two_mutants_of_one_name_are_refused() -> None:
    one = EVERY["contact dropped"][0]

    with pytest.raises(ValueError, match="two mutants have one name"):
        Operator("twice", "Twice.", lambda: [one, one]).mutants()


def test_a_diff_shows_the_sentence_that_changed_and_no_other() -> None:
    assert diff("a.yml", "One may help. Two.", "One will help. Two.").splitlines() == [
        "a.yml",
        "-One may help.",
        "+One will help.",
    ]
    assert diff("a.yml", {"id": "x"}, None).splitlines() == ["a.yml", "-id: x"]


def test_every_snippet_stands_where_it_is_said_to() -> None:
    for snippets in SNIPPETS.values():
        for path, _, old, new in snippets:
            compile(replaced(path, old, new), path, "exec")


def test_a_snippet_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected once, found 0 times"):
        replaced("actions/base.py", "no such line", "")


def test_negated_conditions_are_python() -> None:
    for mutant in EVERY["condition negated"]:
        assert isinstance(mutant.change, SourceChange)
        compile(mutant.change.text, mutant.change.path, "exec")
        assert mutant.change.text.count("(not (") == source(mutant.change.path).count("(not (") + 1


def test_hedges_are_found_once_and_the_longest_counts() -> None:
    notes = [one.name for one in EVERY["hedge strengthened"] if one.name.startswith("brain_fog.te")]

    assert notes[0] == "brain_fog.text 1: could possibly -> can"
    assert not [name for name in notes if name.endswith("could -> will")]


def test_what_a_person_may_do_is_no_hedge() -> None:
    assert hedges._hedges("You could ask a prescriber. I might.") == []


def test_a_number_is_broken_where_it_is_dialled_and_where_it_is_read() -> None:
    names = {one.name: one for one in EVERY["phone number broken"]}
    poison = names["poison_help_us digits 1 and 2 swapped"].diff

    assert "-18002221222" in poison
    assert "+81002221222" in poison
    assert "8-100-222-1222" in poison
    assert safety._with_digits("call 116 123.", "11612") == "call 116 12."


def test_every_rule_is_dropped_and_goes_astray() -> None:
    known = {
        rule["rule"]
        for path in (ROOT / "data" / "rules").glob("*.yml")
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
    }

    assert {one.name for one in EVERY["rule dropped"]} == known
    assert len(EVERY["intent astray"]) == len(known)
    assert all(one.about[0].startswith("intent:") for one in EVERY["rule dropped"])
    assert rules._ASTRAY


def test_content_is_read_from_the_changed_copy(tmp_path: Path, real_content: None) -> None:
    mutant = next(
        one for one in EVERY["disclaimer off an answer"] if one.name.endswith("early_evidence")
    )
    before = loader.load_content()
    mutant.change.apply(Paper(tmp_path))  # type: ignore[arg-type]
    after = loader.load_content()

    topic = mutant.name.partition(".")[0]
    assert "ketamine_early_evidence" in before.answers[topic].disclaimers
    assert "ketamine_early_evidence" not in after.answers[topic].disclaimers
    assert tmp_path / "en" == loader.ENGLISH


def test_content_that_cannot_be_loaded_is_refused(tmp_path: Path, real_content: None) -> None:
    mutant = EVERY["disclaimer gone"][0]

    with pytest.raises(RefusedError, match="unknown disclaimer 'education_only'"):
        mutant.change.apply(Paper(tmp_path))  # type: ignore[arg-type]


def test_every_content_mutant_changes_what_is_loaded(tmp_path: Path, real_content: None) -> None:
    before = loader.load_content()
    for number, mutant in enumerate(_one_of_each()):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            mutant.change.apply(Paper(folder))  # type: ignore[arg-type]
        except RefusedError:
            continue
        assert loader.load_content() != before, mutant.id


def _one_of_each() -> list[Mutant]:
    found = [EVERY[operator.name][0] for operator in (*answers.OPERATORS, *safety.OPERATORS)]
    assert all(isinstance(mutant.change, ContentChange) for mutant in found)
    return found


def test_an_edit_leaves_the_parsed_files_as_they_were() -> None:
    document = {"contacts": [{"id": "a"}, {"id": "b"}]}
    Edit("contacts.yml", ("contacts", 0), content.DROPPED).make(document)

    assert document == {"contacts": [{"id": "b"}]}
    assert len(content.documents()["contacts.yml"]["contacts"]) == 10
