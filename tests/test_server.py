"""The Rasa server's start: what it hands to Rasa, and how it refuses."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bot import server
from bot.settings import ROOT
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


def test_a_wrong_setting_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "many")

    assert server.main() == 2
    assert capsys.readouterr().err == "error: PORT must be a whole number, not 'many'.\n"


def test_it_does_not_start_without_its_model(
    handed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "model_path", lambda: ROOT / "models" / "guide-none.tar.gz")

    assert server.main() != 0
    assert "model_path" not in handed


def test_importing_the_module_imports_no_rasa() -> None:
    code = "import sys, bot.server; sys.exit('rasa' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
