"""`make escalations`: the professionals' list of the database that this project is set to."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from bot.escalations import main
from bot.records import Records, current
from bot.settings import Settings


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a bot that has never run, in the environment."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    return Settings.from_env()


@pytest.fixture
def reference(own: Settings) -> str:
    """An escalation in the bot's database."""
    assert main([]) == 0
    records = Records(own.records_url)
    opened = records.open_escalation(
        outcome="crisis", channel="rest", conversation="c", message_key="1", text="help me"
    )
    records.close()
    return opened


def test_before_the_bot_has_run_the_list_is_empty(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert current(own.records_url) is None
    assert main([]) == 0
    assert capsys.readouterr() == ("no open escalations\n", "")
    assert current(own.records_url)


def test_without_a_database_url_it_is_the_one_in_the_data_folder(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert main([]) == 0
    assert (own.data_path / "guide.sqlite3").is_file()


def test_open_escalations_are_listed_if_no_command_is_given(
    reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main([]) == 0
    out = capsys.readouterr().out
    assert reference in out
    assert "help me" not in out


def test_a_command_is_passed_on(
    reference: str, own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resolve", reference, "--by", "Ann", "--note", "rang them"]) == 0
    assert Records(own.records_url).escalation(reference).resolved_at
    capsys.readouterr()
    assert main([]) == 0
    assert capsys.readouterr().out == "no open escalations\n"
    assert main(["list", "--status", "all"]) == 0
    assert reference in capsys.readouterr().out


def test_the_command_line_is_read_where_no_arguments_are_given(
    reference: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bot.escalations", "show", reference])
    assert main() == 0
    assert "help me" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["close", "E-7F3K2Q"], ["list", "--status", "none"]])
@pytest.mark.usefixtures("own")
def test_a_command_that_there_is_not_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("PORT", "none", "PORT"),
        ("RETENTION_DAYS", "0", "RETENTION_DAYS"),
        ("DATABASE_URL", "sqlite:////dev/null/x.sqlite3", ""),
        ("DATABASE_URL", "no URL at all", ""),
    ],
)
@pytest.mark.usefixtures("own")
def test_an_error_is_one_line_and_exit_code_1(
    variable: str,
    value: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    assert main([]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.usefixtures("own")
def test_an_escalation_that_there_is_not_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "E-999999"]) == 1
    assert "there is no escalation 'E-999999'" in capsys.readouterr().err


@pytest.mark.usefixtures("own")
def test_it_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bot.escalations"])
    monkeypatch.delitem(sys.modules, "bot.escalations")
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("bot.escalations", run_name="__main__")
    assert stopped.value.code == 0
    assert capsys.readouterr().out == "no open escalations\n"
