"""What the tests of the exports share: small conversations, and a way to write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.training import train
from tests.plugin.format import Conversation, load

Write = Callable[..., Conversation]


@pytest.fixture
def talk(tmp_path: Path) -> Write:
    """Write a conversation and return it as it is read."""

    def write(turns: str, name: str = "user_asks.yml", head: str = "") -> Conversation:
        folder = tmp_path / "talks"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text(f"conversation: Shows it.\n{head}turns:\n{turns}", encoding="utf-8")
        return load(path)

    return write


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The current model, trained if it is missing."""
    return train()
