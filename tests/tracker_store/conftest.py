"""The conversation store on a migrated SQLite database of its own, which the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain

from bot.settings import ROOT
from bot.tracker_store import ConversationStore
from tests.databases import migrated

SENDER = "somebody"


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "bot" / "domain"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database's file."""
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    migrated(path)
    return path


@pytest.fixture
def store(domain: Domain, file: Path) -> ConversationStore:
    return ConversationStore(domain)
