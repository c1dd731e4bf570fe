"""The start of the whole bot: what is checked first, what is said, what takes over."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import launch
from bot.content import loader
from bot.launch import StartError, check_folder, check_port, environment, main, prepare, supervise
from bot.settings import ROOT, Settings
from bot.training import TrainingError
from tests.databases import newer
from tests.servers import bound_socket, free_port

MODEL = Path("models/guide-1.tar.gz")


class Replaced(Exception):
    """Stands for the process being replaced by `execve`, which never returns."""


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that another program has."""
    with bound_socket() as other:
        other.listen()
        yield int(other.getsockname()[1])


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which a start succeeds; the model is taken for trained."""
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("ACTION_PORT", str(free_port()))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("NOTIFY_URLS", "")
    monkeypatch.setattr(launch, "train", lambda: tmp_path / "model.tar.gz")
    return monkeypatch


@pytest.fixture
def replaced(env: pytest.MonkeyPatch) -> list[tuple[str, list[str], dict[str, str]]]:
    """What `execve` was called with."""
    calls: list[tuple[str, list[str], dict[str, str]]] = []

    def execve(path: str, command: list[str], environ: dict[str, str]) -> None:
        calls.append((path, command, environ))
        raise Replaced

    env.setattr(os, "execve", execve)
    return calls


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """Start, expect a refusal, and return what it says."""
    assert main() == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    return said


def test_a_free_port_passes_and_stays_free() -> None:
    port = free_port()

    check_port("PORT", "127.0.0.1", port)

    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_refused_with_a_remedy(listening: int, host: str) -> None:
    with pytest.raises(StartError) as caught:
        check_port("PORT", host, listening)

    assert f"Port {listening} cannot be used (Address already in use)" in str(caught.value)
    assert f"PORT={listening + 1} make run" in str(caught.value)


@pytest.mark.parametrize("name", ["PORT", "ACTION_PORT"])
def test_a_taken_port_stops_the_start(
    name: str, listening: int, env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env.setenv(name, str(listening))

    assert f"{name}={listening + 1} make run" in refused(capsys)


def test_the_proposed_port_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartError) as caught:
        check_port("PORT", "203.0.113.1", 65535)

    assert "65536" not in str(caught.value)


def test_a_wrong_host_is_named() -> None:
    with pytest.raises(StartError, match="HOST"):
        check_port("PORT", "203.0.113.1", free_port())


def test_a_folder_is_made_and_left_clean(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "where"

    check_folder(folder)
    check_folder(folder)

    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_stops_the_start(
    tmp_path: Path, env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    env.setenv("DATA_DIR", str(tmp_path / "file" / "var"))

    said = refused(capsys)

    assert f"The folder {tmp_path / 'file' / 'var'} cannot be written (Not a directory)" in said
    assert "DATA_DIR=/path/to/folder make run" in said


@pytest.mark.parametrize("name", ["secret.key", "action.key"])
def test_a_secret_that_cannot_be_read_stops_the_start(
    name: str, tmp_path: Path, env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var" / name).mkdir(parents=True)

    assert f"{name} in DATA_DIR" in refused(capsys)


def test_a_wrong_setting_stops_the_start(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env.setenv("PORT", "http")

    assert "PORT must be a whole number" in refused(capsys)


def test_content_that_is_not_valid_stops_the_start(
    tmp_path: Path, env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Path(shutil.copytree(loader.ENGLISH, tmp_path / "en"))
    (broken / "contacts.yml").write_text("contacts: [1]\n", encoding="utf-8")
    real = loader.load_content
    env.setattr("bot.content.load_content", lambda: real(broken))

    said = refused(capsys)

    assert "The content cannot be used:" in said
    assert "contacts.yml" in said


@pytest.mark.parametrize("url", ["mysql://x:secret@db/guide", "nonsense", "sqlite://"])
def test_a_database_that_cannot_be_used_stops_the_start(
    url: str, env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env.setenv("DATABASE_URL", url)

    said = refused(capsys)

    assert "Check DATABASE_URL and that the database runs." in said
    assert "secret" not in said


def test_a_database_that_is_down_does_not_keep_help_away(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    env.setenv("DATABASE_URL", "postgresql://x:secret@127.0.0.1:1/guide")

    assert prepare(Settings.from_env()) == tmp_path / "model.tar.gz"

    said = capsys.readouterr().err
    assert "WARNING: the database does not answer" in said
    assert "Starting without it" in said
    assert "secret" not in said


def test_tables_of_a_newer_version_stop_the_start(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    newer(tmp_path / "guide.sqlite3", env)

    assert "the tables are at revision 9999" in refused(capsys)


def test_a_training_that_fails_stops_the_start(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise TrainingError("Training failed; the lines above say why.")

    env.setattr(launch, "train", fail)

    assert refused(capsys) == "error: Training failed; the lines above say why.\n"


def test_a_notification_target_that_is_none_stops_the_start(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env.setenv("NOTIFY_URLS", "nonsense")
    env.setattr(launch, "supervise", lambda *_: None)

    assert "NOTIFY_URLS" in refused(capsys)


def test_all_is_ready_after_preparation(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepare(Settings.from_env())

    assert prepare(Settings.from_env()) == tmp_path / "model.tar.gz"

    assert (tmp_path / "var" / "secret.key").stat().st_size == 64
    with sqlite3.connect(tmp_path / "var" / "guide.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM escalations").fetchone() == (0,)


def test_the_processes_share_one_database_and_folder(env: pytest.MonkeyPatch) -> None:
    env.setenv("RETENTION_DAYS", "")
    env.setenv("SOMETHING_ELSE", "stays")
    settings = Settings.from_env()

    given = environment(settings, MODEL)

    assert given["MODEL"] == str(MODEL)
    assert given["DATABASE_URL"] == settings.records_url
    assert given["DATA_PATH"] == str(settings.data_path)
    assert (given["PROJECT"], given["PYTHON"]) == (str(ROOT), sys.executable)
    assert given["RASA_TELEMETRY_ENABLED"] == "false"
    assert given["RETENTION_DAYS"] == "90"
    assert given["SOMETHING_ELSE"] == "stays"
    assert Settings.from_env(given).records_url == settings.records_url


def test_a_model_of_the_hosts_choice_is_served() -> None:
    assert environment(Settings(model="chosen.tar.gz"), MODEL)["MODEL"] == "chosen.tar.gz"


def test_a_chosen_model_that_is_not_there_stops_the_start(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env.setenv("MODEL", "models/none.tar.gz")
    env.setattr(launch, "supervise", lambda *_: None)

    assert "MODEL" in refused(capsys)


@pytest.mark.parametrize(("user", "ending"), [(0, ["-u", "root"]), (1000, [])])
def test_the_process_manager_takes_over(
    user: int,
    ending: list[str],
    replaced: list[tuple[str, list[str], dict[str, str]]],
    env: pytest.MonkeyPatch,
) -> None:
    env.setattr(os, "geteuid", lambda: user)
    settings = Settings.from_env()

    with pytest.raises(Replaced):
        supervise(settings, MODEL)

    path, command, given = replaced[0]
    assert path == sys.executable
    assert command[:5] == [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord"]
    assert command[5:] == ["-c", str(ROOT / "deploy" / "supervisord.conf"), *ending]
    assert given == environment(settings, MODEL)


@pytest.mark.parametrize(
    ("urls", "told"),
    [
        ("", "escalations are recorded only (NOTIFY_URLS is empty)"),
        ("json://127.0.0.1/a json://127.0.0.1/b", "escalations are notified to 2 target(s)"),
    ],
)
def test_the_start_says_where_and_who_is_told(
    urls: str,
    told: str,
    replaced: list[Any],
    env: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    env.setenv("NOTIFY_URLS", urls)

    with pytest.raises(Replaced):
        main()

    said = capsys.readouterr().out
    assert f"http://localhost:{Settings.from_env().port}/" in said
    assert told in said
    assert replaced[0][2]["MODEL"].endswith("model.tar.gz")
