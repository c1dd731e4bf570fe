"""Keys and hashes: made once, read by their owner only, and told when they cannot be used."""

from __future__ import annotations

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from bot.settings import Settings, SettingsError


def test_a_given_secret_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), secret_key="from the vault")

    assert settings.secret() == b"from the vault"
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "new" / "folder"))

    first = settings.secret()

    path = settings.data_path / "secret.key"
    assert len(first) == 64
    assert settings.secret() == first == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Settings(data_dir=str(tmp_path / "other")).secret() != first


def test_processes_that_start_together_use_one_secret(tmp_path: Path) -> None:
    together = Barrier(8)

    def make(_: int) -> bytes:
        together.wait(10)
        return Settings(data_dir=str(tmp_path)).secret()

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(make, range(8)))

    assert made - {b""} == {(tmp_path / "secret.key").read_bytes()}


def test_a_secret_is_never_read_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=str(tmp_path))
    writing, read = Event(), Event()
    make = secrets.token_hex

    def slow(size: int) -> str:
        writing.set()
        read.wait(5)
        return make(size)

    monkeypatch.setattr(secrets, "token_hex", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(settings.secret)
        writing.wait(5)
        monkeypatch.setattr(secrets, "token_hex", make)
        second = settings.secret()
        read.set()

        assert second == first.result()


def test_the_action_servers_secret_is_another_and_kept_apart(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))

    made = settings.action_key()

    assert len(made) == 64
    assert made != settings.secret().decode()
    assert settings.action_key() == made == (tmp_path / "action.key").read_text()
    assert stat.S_IMODE((tmp_path / "action.key").stat().st_mode) == 0o600


def test_a_given_secret_of_the_action_server_is_used(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), action_secret="from-the-vault-it")

    assert settings.action_key() == "from-the-vault-it"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["short", "with a space in it", "é" * 20, "x" * 201])
def test_a_secret_that_no_header_can_carry_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="ACTION_SECRET"):
        Settings.from_env({"ACTION_SECRET": given})


@pytest.mark.parametrize("given", ["abc", "g" * 64, "0" * 65])
def test_a_pinned_hash_must_be_one(given: str) -> None:
    with pytest.raises(SettingsError, match="MODEL_SHA256"):
        Settings.from_env({"MODEL_SHA256": given})


def test_an_empty_secret_file_is_not_taken_for_a_key(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()

    assert Settings(data_dir=str(tmp_path)).secret()


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"):
        Settings(data_dir=str(tmp_path / "file" / "var")).secret()
