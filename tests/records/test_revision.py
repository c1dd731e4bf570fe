"""Whether the tables are up to date, asked without Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.records import StorageError, is_current, upgrade
from bot.records.migrate import head


def test_a_database_without_tables_is_not_current(tmp_path: Path) -> None:
    assert not is_current(f"sqlite:///{tmp_path / 'new.sqlite3'}")


def test_a_migrated_database_is_current(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'guide.sqlite3'}"
    upgrade(url)

    assert is_current(url)


def test_an_older_revision_is_not_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'guide.sqlite3'}"
    upgrade(url)
    (tmp_path / "0001_initial.py").touch()
    (tmp_path / "9999_more.py").touch()
    monkeypatch.setattr("bot.records.revision._VERSIONS", tmp_path)

    assert not is_current(url)


def test_it_agrees_with_alembic_on_the_newest_revision(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'guide.sqlite3'}"
    upgrade(url, head())

    assert is_current(url)


def test_a_database_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(StorageError):
        is_current("postgresql://nobody@127.0.0.1:1/none")
