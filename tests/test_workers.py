"""How the tests are shared out, and which of them need the model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.workers import ROOMS, room_of


@pytest.mark.parametrize("path", [path for paths in ROOMS.values() for path in paths])
def test_a_room_names_what_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_files_that_share_something_costly_share_a_room() -> None:
    assert room_of("tests/test_seeds.py::test_a[x::y]") == room_of("tests/test_bad_input.py::b")
    assert room_of("tests/website/test_axe.py::a") == room_of("tests/website/test_privacy.py::b")
    assert room_of("tests/reply/test_urgent.py::a") == "tests/reply/test_urgent.py"


def test_what_talks_to_the_bot_is_marked_by_itself(tmp_path: Path) -> None:
    (tmp_path / "test_talk.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def bot(): pass\n"
        "@pytest.fixture\n"
        "def talk(bot): pass\n"
        "def test_with(talk): pass\n"
        "def test_without(): pass\n"
        "@pytest.mark.model\n"
        "def test_by_hand(): pass\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-W", "ignore", "-m", "pytest", "-q", "-p", "tests.workers"]
    command += ["-c", str(tmp_path / "none.ini"), "--rootdir", str(tmp_path), "--collect-only"]
    (tmp_path / "none.ini").write_text("[pytest]\nmarkers = model\n", encoding="utf-8")

    for marker, found in (("model", {"with", "by_hand"}), ("not model", {"without"})):
        done = subprocess.run(
            [*command, "-m", marker, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
        )
        lines = [line for line in done.stdout.splitlines() if "::" in line]
        assert {line.partition("::test_")[2] for line in lines} == found, done.stdout
