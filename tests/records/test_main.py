"""The commands, as a professional and an operator type them."""

import os
import re
import runpy
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bot.records import Records, Worker, current
from bot.records.__main__ import main
from bot.records.migrate import head
from tests.servers import free_port

from .conftest import Receiver

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def shape(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """How the logs were to be shaped; doing so would outlast the test."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr("bot.logs.configure", lambda *given: asked.append(given))
    return asked


@pytest.fixture
def opened(url: str) -> str:
    records = Records(url, notify=True)
    return records.open_escalation(
        outcome="crisis", channel="website", conversation="c1", message_key="1", text="help me"
    )


def run(
    capsys: pytest.CaptureFixture[str], *arguments: str, **environ: str
) -> tuple[int, str, str]:
    code = main(arguments, environ)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_way_of_one_escalation(
    url: str, opened: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "--url", url, "list")
    assert code == 0
    assert re.search(rf"{opened}\s+open\s+now\s+crisis\s+website", out)
    assert "help me" not in out
    assert run(capsys, "--url", url, "take", opened.lower(), "--by", "Ann") == (
        0,
        f"{opened} is taken by Ann\n",
        "",
    )
    _, out, _ = run(capsys, "--url", url, "list", "--status", "taken")
    assert "Ann" in out
    _, out, _ = run(capsys, "--url", url, "show", opened)
    assert "Excerpt:      help me" in out
    assert "Notification: pending after 0 attempts" in out
    resolving = ["resolve", opened, "--by", "Ann", "--note", "rang Zuleika Dobson in Leeds"]
    assert run(capsys, "--url", url, *resolving) == (0, f"{opened} is resolved\n", "")
    assert Records(url).escalation(opened).resolution == "rang [name] in [place]"
    assert run(capsys, "--url", url, "list")[1] == "no open escalations\n"
    assert opened in run(capsys, "--url", url, "list", "--status", "all")[1]


def test_the_database_comes_from_the_environment(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "list", DATABASE_URL=url) == (0, "no open escalations\n", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "E-999999"], "there is no escalation 'E-999999'"),
        (["take", "E-999999", "--by", "Ann"], "there is no escalation 'E-999999'"),
        (["resolve", "E-999999", "--by", "Ann", "--note", " "], "the note of what was done"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(
    url: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments, DATABASE_URL=url)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("error: ")
    assert says in err


def test_without_a_database_it_says_what_to_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "list") == (1, "", "error: no database: give --url or set DATABASE_URL\n")


def test_without_tables_it_says_what_to_run(
    empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "list", DATABASE_URL=empty_url)
    assert code == 1
    assert "run `python -m bot.records migrate`" in err


def test_migrating(empty_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = (0, f"the tables are up to date (revision {head()})\n", "")
    assert run(capsys, "migrate", DATABASE_URL=empty_url) == said
    assert run(capsys, "migrate", DATABASE_URL=empty_url) == said


def test_one_round_of_work_migrates_and_delivers(
    empty_url: str, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATABASE_URL": empty_url, "NOTIFY_URLS": receiver.target, "RETENTION_DAYS": "7"}
    assert main(["work", "--once"], environ) == 0
    assert current(empty_url) == head()
    Records(empty_url, notify=True).open_escalation(
        outcome="crisis", channel="website", conversation="c1", message_key="1", text="help me"
    )
    assert main(["work", "--once"], environ) == 0
    assert len(receiver.received) == 1


def test_a_round_that_failed_is_exit_code_1(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.worker.Worker.round", lambda worker: False)
    assert main(["work", "--once"], {"DATABASE_URL": url}) == 1


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("RETENTION_DAYS", "soon", "RETENTION_DAYS must be a whole number"),
        ("RETENTION_DAYS", "0", "between 1 and 36500 days"),
        ("NOTIFY_URLS", "json://a hunter2", "target 2 of 2"),
        ("METRICS_PORT", "many", "METRICS_PORT must be between 0 and"),
    ],
)
def test_a_bad_setting_of_the_worker_is_reported_at_once(
    url: str, name: str, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "work", DATABASE_URL=url, **{name: value})
    assert code == 1
    assert says in err
    assert "hunter2" not in err


def test_the_worker_shows_what_waits_and_logs_as_told(
    url: str, monkeypatch: pytest.MonkeyPatch, shape: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr("bot.records.worker.Worker.stop_on_signals", Worker.stop)
    first = free_port() - 2
    environ = {"DATABASE_URL": url, "METRICS_PORT": str(first), "LOG_FORMAT": "json"}

    assert main(["work"], environ) == 0

    assert shape == [("INFO", "json")]
    with urllib.request.urlopen(f"http://127.0.0.1:{first + 2}/metrics", timeout=10) as answer:
        shown = answer.read().decode()
    assert "guide_escalations_open 0.0" in shown
    assert "guide_worker_last_round_timestamp_seconds" in shown


def test_the_heartbeat_of_the_environment_is_touched(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.worker.Worker.stop_on_signals", Worker.stop)
    monkeypatch.setattr("bot.records.worker.Worker.run", Worker._beat)
    heartbeat = tmp_path / "heartbeat"
    assert main(["work"], {"DATABASE_URL": url, "WORKER_HEARTBEAT": str(heartbeat)}) == 0
    assert heartbeat.exists()


def test_the_worker_runs_until_it_is_stopped(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(
        "bot.records.worker.Worker.stop_on_signals", lambda _: told.append("signals")
    )
    monkeypatch.setattr("bot.records.worker.Worker.run", lambda _: told.append("run"))
    assert main(["work"], {"DATABASE_URL": url}) == 0
    assert told == ["signals", "run"]


def test_a_worker_process_stops_cleanly_on_sigterm(sqlite_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bot.records", "work"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": sqlite_url, "NOTIFY_URLS": ""},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    while "retention of 90 days" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    assert "recorded only" in said
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "worker stopped" in rest
    assert time.monotonic() - began < 5


def test_it_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bot.records", "--url", url, "list"])
    monkeypatch.delitem(sys.modules, "bot.records.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bot.records", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out == "no open escalations\n"
