"""The evaluation's rows and its report."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.evaluate import COLUMNS, rows, write
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made


def test_rows_know_their_file_and_dialogues_are_none(tmp_path: Path) -> None:
    row = "- {text: hello, outcome: smalltalk, topic: greet}\n"
    (tmp_path / "smalltalk.yml").write_text(row, encoding="utf-8")
    (tmp_path / "dialogues.yml").write_text("- {name: one, turns: []}\n", encoding="utf-8")

    assert rows(tmp_path) == [
        {"text": "hello", "outcome": "smalltalk", "topic": "greet", "source": "smalltalk"}
    ]


def test_a_folder_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no evaluation rows"):
        rows(tmp_path)


def test_the_report_has_a_line_a_message(tmp_path: Path) -> None:
    turn = made(Part("answer", "pain"), Part("dosing"), source="dialogues/talk")
    path = tmp_path / "reports" / "evaluation.csv"

    write([made(Part("crisis"), Part("crisis"), source="crisis"), turn], path)

    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines == [
        list(COLUMNS),
        ["crisis", "", "crisis", "", "0.900", "a message", "crisis"],
        ["answer", "pain", "dosing", "", "0.900", "a message", "dialogues/talk"],
    ]
