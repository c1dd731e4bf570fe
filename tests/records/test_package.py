"""The package's public names."""

import subprocess
import sys

import pytest

import bot.records


@pytest.mark.parametrize("name", bot.records.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(bot.records, name).__name__ == name


def test_an_unknown_name_is_refused_as_in_any_module() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        bot.records.nonsense  # noqa: B018


def test_recording_alone_imports_nothing_costly_and_nothing_of_the_other_rooms() -> None:
    program = (
        "import sys, bot.records; "
        "bad = {'alembic', 'apprise', 'spacy', 'rasa', 'bot.settings', 'bot.content'}; "
        "sys.exit(', '.join(bad & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
