"""The Rasa server's start: what it hands to Rasa, and how it refuses."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import server
from bot.model_check import record
from bot.settings import ROOT
from tests.databases import newer
from tests.servers import free_port


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `rasa.core.run.serve_application` is called with, which would serve for ever."""
    import rasa.core.run
    import rasa.utils.common
    import rasa.utils.log_utils

    seen: dict[str, Any] = {}
    monkeypatch.setattr(rasa.core.run, "serve_application", lambda **given: seen.update(given))
    for module, name in (
        (rasa.utils.common, "configure_logging_and_warnings"),
        (rasa.utils.log_utils, "configure_structlog"),
    ):
        monkeypatch.setattr(module, name, lambda level, name=name: seen.update({name: level}))
    for module, name in ((server.logs, "configure"), (server.logs, "configure_rasa")):
        monkeypatch.setattr(module, name, lambda *given, name=name: seen.update({name: given}))
    # Tests have imported Rasa long since; tests/test_lean.py tests this call.
    monkeypatch.setattr(server, "keep_tensorflow_out", lambda: None)
    return seen


def test_rasa_gets_the_settings(
    handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "guide-1.tar.gz"
    model.touch()
    monkeypatch.setattr(server, "model_path", lambda: model)
    monkeypatch.delenv("MODEL", raising=False)
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "6005")
    monkeypatch.setenv("LOG_LEVEL", "warning")

    assert server.main() == 0

    assert (handed["interface"], handed["port"]) == ("127.0.0.1", 6005)
    assert handed["model_path"] == str(model)
    assert handed["enable_api"] is False, "the API of Rasa has no authentication"
    assert handed["credentials"] == str(ROOT / "credentials.yml")
    assert handed["endpoints"].tracker_store.type == "bot.tracker_store.ConversationStore"
    assert handed["configure_logging_and_warnings"] == 30
    assert handed["configure_structlog"] == 30
    assert handed["configure"] == ("warning", "text")
    assert handed["configure_rasa"] == (30,)


@pytest.mark.parametrize("url", ["mysql://db/guide", "nonsense"])
def test_a_wrong_database_stops_the_start(
    url: str,
    handed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert server.main() == 2

    assert "Check DATABASE_URL." in capsys.readouterr().err
    assert handed == {}


def test_tables_of_a_newer_version_stop_the_start(
    handed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    newer(tmp_path / "guide.sqlite3", monkeypatch)

    assert server.main() == 2

    assert "the tables are at revision 9999, this software knows" in capsys.readouterr().err
    assert handed == {}


def test_a_database_that_is_down_does_not_stop_the_start(
    handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL", str(tmp_path / "guide-4.tar.gz"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/guide")

    assert server.main() == 0

    assert handed["port"]


def test_the_model_is_shown_among_the_metrics(
    handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "guide-3.tar.gz"
    model.write_bytes(b"a model")
    port = free_port()
    monkeypatch.setenv("MODEL", str(model))
    monkeypatch.setenv("METRICS_PORT", str(port))

    assert server.main() == 0

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        shown = answer.read().decode()
    digest = hashlib.sha256(b"a model").hexdigest()
    assert f'guide_model_info{{name="guide-3.tar.gz",sha256="{digest}"}} 1.0' in shown


def test_the_model_of_the_start_is_served_whatever_changed_since(
    handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "guide-2.tar.gz"
    model.touch()
    monkeypatch.setenv("MODEL", str(model))

    assert server.main() == 0
    assert handed["model_path"] == str(model)


@pytest.mark.parametrize("how", ["recorded", "pinned"])
def test_a_model_with_another_hash_is_not_handed_to_rasa(
    how: str,
    handed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = tmp_path / "guide-3.tar.gz"
    model.write_bytes(b"as trained")
    record(model, model)
    monkeypatch.setenv("MODEL", str(model))
    if how == "recorded":
        model.write_bytes(b"replaced")
    else:
        monkeypatch.setenv("MODEL_SHA256", "0" * 64)

    assert server.main() == 0

    assert handed["model_path"] is None
    assert f"The model guide-3.tar.gz is refused: its SHA-256 is not the {how} one" in caplog.text


@pytest.mark.parametrize("there", [True, False])
def test_with_metrics_it_starts_whatever_is_wrong_with_the_model(
    there: bool, handed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "guide-5.tar.gz"
    if there:
        model.write_bytes(b"replaced")
    served: list[object] = []
    monkeypatch.setenv("MODEL", str(model))
    monkeypatch.setenv("MODEL_SHA256", "0" * 64)
    monkeypatch.setattr(server.metrics, "serve", lambda *_: True)
    monkeypatch.setattr(server.metrics, "model_served", lambda *given: served.append(given))

    assert server.main() == 0

    assert handed["model_path"] is None
    assert served == []


def test_a_model_without_a_hash_is_served_and_the_log_says_so(
    handed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = tmp_path / "guide-4.tar.gz"
    model.touch()
    monkeypatch.setenv("MODEL", str(model))

    assert server.main() == 0

    assert handed["model_path"] == str(model)
    assert "guide-4.tar.gz has no recorded hash" in caplog.text


def test_a_wrong_setting_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "many")

    assert server.main() == 2
    assert capsys.readouterr().err == "error: PORT must be a whole number, not 'many'.\n"


async def test_without_its_model_it_serves_danger_and_takes_the_model_when_it_comes(
    handed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = tmp_path / "guide-3.tar.gz"
    monkeypatch.setenv("MODEL", str(model))
    monkeypatch.setattr(server, "LOOK_SECONDS", 0.01)
    loaded: list[str] = []
    app = SimpleNamespace(ctx=SimpleNamespace(agent=SimpleNamespace(load_model=loaded.append)))

    assert server.main() == 0
    assert handed["model_path"] is None
    assert f"there is no model at {model}" in capsys.readouterr().err
    [(listener, when)] = handed["server_listeners"]
    assert when == "after_server_start"
    await listener(app, None)
    await asyncio.sleep(0.05)
    assert loaded == []
    model.touch()
    await asyncio.wait_for(app.ctx.looking, 60)
    assert loaded == [str(model)]


def test_importing_the_module_imports_no_rasa() -> None:
    code = "import sys, bot.server; sys.exit('rasa' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
