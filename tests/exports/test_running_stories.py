"""`rasa test core` on the export: passes on the real model, and fails where it must."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.exports.conftest import Write
from tests.exports.running import run_stories
from tests.exports.stories import FIRST, WHOLE, export


@pytest.fixture
def folder(talk: Write, tmp_path: Path) -> Path:
    turns = "  - {user: hello, outcome: smalltalk, topic: greet}\n"
    turns += "  - {user: how many mg, outcome: dosing}\n"
    export([talk(turns)], tmp_path)
    return tmp_path


def test_stories_pass_then_a_wrong_action_and_a_wrong_intent_do_not(
    folder: Path, trained_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_stories(folder, trained_model) == 0
    assert f"{WHOLE}: 1 passed, 0 failed" in capsys.readouterr().out

    for name, right, wrong in (
        (WHOLE, "action_escalate", "action_crisis"),
        (FIRST, "intent: greet", "intent: goodbye"),
    ):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")

    assert run_stories(folder, trained_model) == 1
    said = capsys.readouterr().out
    assert f"{WHOLE}: FAILED" in said
    assert "action_crisis" in said
    assert f"{FIRST}: FAILED" in said
    assert "predicted" in said


def test_a_story_that_rasa_would_not_play_is_noticed(
    folder: Path, trained_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / WHOLE
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["stories"].append({**data["stories"][0], "story": "the same once more"})
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    assert run_stories(folder, trained_model) == 1

    assert f"{WHOLE}: FAILED (of 2)" in capsys.readouterr().out


def test_no_story_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_stories(tmp_path, tmp_path / "never-looked-at") == 2
    (tmp_path / WHOLE).write_text('version: "3.1"\nstories: []\n', encoding="utf-8")
    assert run_stories(tmp_path, tmp_path / "never-looked-at") == 2

    assert "there is no story" in capsys.readouterr().err
