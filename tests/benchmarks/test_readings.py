"""Readings are kept by model and code, so that nothing is read twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import readings
from benchmarks.readings import Conversation, ListenerError, Model, Reading, read, read_each
from bot.reply.outcomes import SAFETY
from bot.training import model_path
from tests.benchmarks.examples import reading


@pytest.fixture
def model(tmp_path: Path) -> Model:
    code = tmp_path / "code"
    (code / "bot" / "nlu").mkdir(parents=True)
    (code / "bot" / "nlu" / "text.py").write_text("a = 1", encoding="utf-8")
    archive = tmp_path / "guide.tar.gz"
    archive.write_bytes(b"a model")
    return Model(archive, code)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Conversation]:
    """Return the conversations that the model, which is none, is asked to read."""
    asked: list[Conversation] = []

    def listened(model: Model, found: Sequence[Conversation]) -> list[list[Reading]]:
        asked.extend(found)
        return [[reading(text) for text in texts] for texts in found]

    monkeypatch.setattr(readings, "_listened", listened)
    return asked


def test_what_was_read_once_is_remembered(
    model: Model, heard: list[Conversation], tmp_path: Path
) -> None:
    read(model, [("a",), ("a", "b"), ("a",)], folder=tmp_path)
    found = read(model, [("a", "b"), ("c",)], folder=tmp_path)

    assert heard == [("a",), ("a", "b"), ("c",)]
    assert [[turn.text for turn in turns] for turns in found] == [["a", "b"], ["c"]]


def test_afresh_means_all_again(model: Model, heard: list[Conversation], tmp_path: Path) -> None:
    read(model, [("a",)], folder=tmp_path)
    read(model, [("a",)], afresh=True, folder=tmp_path)

    assert heard == [("a",), ("a",)]


def test_another_archive_or_other_code_is_read_anew(
    model: Model, heard: list[Conversation], tmp_path: Path
) -> None:
    read_each(model, ["a"], folder=tmp_path)
    (model.code / "bot" / "nlu" / "text.py").write_text("a = 2", encoding="utf-8")
    read_each(model, ["a"], folder=tmp_path)
    model.archive.write_bytes(b"another model")
    read_each(model, ["a"], folder=tmp_path)

    assert len(heard) == 3


def test_a_model_that_does_not_load_says_why(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ListenerError, match=r"guide\.tar\.gz could not be read:\n"):
        read_each(model, ["a"], folder=tmp_path)

    assert not list(tmp_path.glob("*.json")), "nothing half read is kept"


def test_the_ranking_is_that_of_the_whole_message() -> None:
    made = reading(shares=[{"ask_pain": 0.2, "dosing": 0.8}, {"ask_pain": 1.0}])

    assert made.ranking == [("dosing", 0.8), ("ask_pain", 0.2)]
    assert reading(shares=[]).ranking == []


@pytest.mark.model
def test_a_real_model_is_read_with_all_its_probabilities(tmp_path: Path) -> None:
    talk = ("does ketamine help with pain?", "ok how often?")

    (turns,) = read(Model(model_path()), [talk], folder=tmp_path)

    assert [turn.intent for turn in turns] == ["ask_pain", "dosing"]
    assert turns[0].ranking[0][0] == "ask_pain"
    assert set(turns[0].detected) == SAFETY
    assert turns[1].detected["dosing"] > 0.5
    assert turns[0].pieces[0] == talk[0]
    assert list(tmp_path.glob("*.json")), "it is kept"
