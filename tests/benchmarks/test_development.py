"""The development set's rows, and what a model makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import development
from benchmarks.development import hold, rows
from benchmarks.readings import Conversation, Model, Reading
from tests.benchmarks.examples import reading


def test_rows_know_their_file_and_dialogues_are_none(tmp_path: Path) -> None:
    row = "- {text: hello, outcome: smalltalk, topic: greet}\n"
    (tmp_path / "smalltalk.yml").write_text(row, encoding="utf-8")
    (tmp_path / "dialogues.yml").write_text("- {name: one, turns: []}\n", encoding="utf-8")
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "crisis.yml").write_text("plain: [a]\n", encoding="utf-8")

    assert rows(tmp_path) == [
        {"text": "hello", "outcome": "smalltalk", "topic": "greet", "source": "smalltalk"}
    ]


def test_a_folder_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no evaluation rows"):
        rows(tmp_path)


def test_rows_and_dialogues_are_read_together_and_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Conversation] = []

    def read(model: Model, found: list[Conversation], *, afresh: bool) -> list[list[Reading]]:
        asked.extend(found)
        return [[reading(text) for text in texts] for texts in found]

    talk = {"name": "talk", "turns": [{"text": t, "outcome": "answer"} for t in ("b", "c")]}
    monkeypatch.setattr(development, "read", read)
    monkeypatch.setattr(development, "dialogues", lambda: [talk])

    held = hold(Model(Path("any")), [{"text": "a", "outcome": "answer", "source": "answer"}])

    assert asked == [("a",), ("b", "c")]
    assert [result.text for result in held.rows] == [r.text for r in held.readings] == ["a"]
    assert [turn.text for turn in held.turns] == ["b", "c"]
