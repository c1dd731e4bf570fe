"""The talk in the terminal, against small servers in place of the bot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot import terminal
from bot.settings import ROOT
from bot.terminal import choose, main, render, talk
from tests.servers import answering, answering_thread, free_port

GREETING = [
    {"text": "Hello.", "buttons": [{"title": "Is it proven?", "payload": "/ask_evidence"}]},
    {"custom": {"outcome": "smalltalk"}},
]


class FakeBot:
    """Answers as the REST channel does, and keeps what it was told."""

    def __init__(self, healthy: bool = True) -> None:
        self.healthy = healthy
        self.heard: list[dict[str, str]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path == "/health":
            return web.json_response({}, status=200 if self.healthy else 503)
        assert request.path == "/webhooks/rest/webhook"
        said = await request.json()
        self.heard.append(said)
        if said["message"] == "bad":
            return web.json_response({"error": "message must be shorter."}, status=400)
        if said["message"] == "/session_start":
            return web.json_response(GREETING)
        return web.json_response([{"text": f"You said {said['message']}"}])


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets lines be typed; after the last one, the input ends."""

    def type_lines(*lines: str) -> None:
        left = iter(lines)

        def read(prompt: str) -> str:
            assert prompt == "\nYou: "
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)

    return type_lines


@pytest.fixture
def own_bot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A project in which `python -m bot.launch` is a small program of the test's choice."""
    (tmp_path / "bot").mkdir()
    monkeypatch.setattr(terminal, "ROOT", tmp_path)
    monkeypatch.setattr(terminal, "START_SECONDS", 10.0)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path / "bot" / "launch.py"


SERVER = """
import json, os, signal, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Bot(BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Bot.asked += 1
        self.answer({}, 200 if Bot.asked > 1 else 503)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer([{"text": "My own bot."}], 200)
    def answer(self, body, status):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
def stop(*_):
    open("stopped", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Bot).serve_forever()
"""


def test_a_turn_is_shown_with_numbered_buttons() -> None:
    shown, payloads = render(
        [
            {"text": "One.", "buttons": [{"title": "A", "payload": "/a"}]},
            {"custom": {"text": "not for people"}},
            {"text": "Two.", "buttons": None},
            {"text": "", "buttons": [{"title": "B", "payload": "/b"}]},
        ]
    )

    assert shown == "One.\n  [1] A\nTwo.\n  [2] B"
    assert payloads == ["/a", "/b"]
    assert render([]) == ("", [])


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("1", "/a"),
        ("2", "/b"),
        ("0", "0"),
        ("3", "3"),
        ("-1", "-1"),
        ("1.0", "1.0"),
        ("²", "²"),
        ("1 more", "1 more"),
        ("", ""),
    ],
)
def test_a_number_chooses_a_button(typed: str, sent: str) -> None:
    assert choose(typed, ["/a", "/b"]) == sent


async def test_a_talk(typing: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    bot = FakeBot()
    typing("  hello ", "1", "bad", "Exit", "never sent")

    async with answering(bot) as url:
        await talk(url)

    # The number is no button any more: the reply to "hello" had none.
    assert [said["message"] for said in bot.heard] == ["/session_start", "hello", "1", "bad"]
    senders = {said["sender"] for said in bot.heard}
    assert len(senders) == 1
    assert senders.pop().startswith("terminal-")
    shown = capsys.readouterr().out
    assert shown.startswith("\nHello.\n  [1] Is it proven?\n\n(Type a number")
    assert "You said hello" in shown
    assert "message must be shorter." in shown


async def test_a_button_is_chosen(typing: Callable[..., None]) -> None:
    bot = FakeBot()
    typing("1")

    async with answering(bot) as url:
        await talk(url)

    assert [said["message"] for said in bot.heard] == ["/session_start", "/ask_evidence"]


def test_the_bot_that_runs_is_used(
    typing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bot = FakeBot()
    typing("quit")

    with answering_thread(bot) as port:
        monkeypatch.setenv("PORT", str(port))
        assert main() == 0

    assert [said["message"] for said in bot.heard] == ["/session_start"]
    assert "Starting" not in capsys.readouterr().out


@pytest.fixture
def inside(own_bot: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As `own_bot`, its data below the project."""
    monkeypatch.setattr("bot.settings.ROOT", own_bot.parent.parent)
    monkeypatch.setenv("DATA_DIR", "var")
    return own_bot


def test_a_bot_is_started_and_stopped_if_none_runs(
    inside: Path, typing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    inside.write_text(SERVER, encoding="utf-8")
    typing("quit")

    assert main() == 0

    shown = capsys.readouterr().out
    assert "Starting the bot (its log: " in shown
    assert "My own bot." in shown
    assert (inside.parent.parent / "stopped").exists()


def test_a_bot_that_stops_at_once_is_reported(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside.write_text("print('what went wrong')", encoding="utf-8")

    assert main() == 1

    assert "error: The bot stopped while starting; its log says why." in capsys.readouterr().err
    log = inside.parent.parent / "var" / "chat.log"
    assert log.read_text(encoding="utf-8") == "what went wrong\n"


def test_a_bot_that_never_gets_ready_is_reported(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inside.write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr(terminal, "START_SECONDS", 1.0)

    assert main() == 1
    assert "error: The bot was not ready after 1 seconds." in capsys.readouterr().err


def test_the_data_may_lie_elsewhere(
    own_bot: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own_bot.write_text("", encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("elsewhere")))

    assert main() == 1


def test_a_wrong_setting_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "x")

    assert main() == 1
    assert "error: PORT must be a whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "answer",
    [
        {"description": "Internal Server Error", "status": 500},
        None,
    ],
)
def test_an_answer_that_is_none_is_reported(
    answer: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(request: web.Request) -> web.Response:
        if request.path == "/health":
            return web.Response()
        if answer is None:
            return web.Response(status=500, text="<html>", content_type="text/html")
        return web.json_response(answer, status=500)

    with answering_thread(broken) as port:
        monkeypatch.setenv("PORT", str(port))
        assert main() == 1

    assert "error: " in capsys.readouterr().err


def test_ctrl_c_ends_the_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    with answering_thread(FakeBot()) as port:
        monkeypatch.setenv("PORT", str(port))
        assert main() == 0


def test_a_real_ctrl_c_ends_the_talk_without_another_key() -> None:
    with answering_thread(FakeBot()) as port:
        environ = os.environ | {"PORT": str(port), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "bot.terminal"]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A test run in the background inherits SIGINT ignored, which Python then leaves so.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as talking:
            assert talking.stdout is not None
            while b"You: " not in talking.stdout.peek():  # type: ignore[attr-defined]
                talking.stdout.readline()
            # A signal between the prompt and the wait for a key is only noted until the key comes.
            time.sleep(1)
            talking.send_signal(signal.SIGINT)
            try:
                assert talking.wait(30) == 0
            finally:
                talking.kill()
