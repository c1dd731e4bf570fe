"""The command line that sets the bot up on Telegram."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram import __main__ as module
from bot.channels.telegram.__main__ import main, options, remove_webhook, set_webhook, status
from bot.channels.telegram.api import ApiError, Unauthorized, Unreached
from bot.channels.telegram.channel import PATH, webhook_secret
from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.updates import KINDS
from bot.settings import Settings
from tests.channels.telegram.fakes import FakeApi

TOKEN = "123456:AAsecret-token_of-the-bot"
OURS = Settings(telegram_token=TOKEN, secret_key="key")


@pytest.mark.parametrize(
    "address", ["https://bot.example.org", "https://bot.example.org/", f"https://x.org/a{PATH}"]
)
async def test_a_webhook_is_set_with_its_secret(address: str) -> None:
    api = FakeApi()
    said = await set_webhook(api, OURS, address)
    method, given = api.calls[0]
    assert method == "setWebhook"
    assert given["url"].count(PATH) == 1
    assert given["url"] in said
    assert given["secret_token"] == webhook_secret(OURS)
    assert given["allowed_updates"] == KINDS
    assert TOKEN not in given["url"]
    menu = api.calls[1][1]["commands"]
    assert {entry["command"] for entry in menu} == set(COMMANDS)


async def test_a_webhook_is_removed() -> None:
    api = FakeApi()
    await remove_webhook(api)
    assert api.methods() == ["deleteWebhook"]


async def test_the_status_tells_what_telegram_knows() -> None:
    api = FakeApi()
    api.answers = {"getMe": {"username": "guide_bot"}, "getWebhookInfo": {"url": ""}}
    assert await status(api) == "bot: @guide_bot\nwebhook: none (polling)\nupdates that wait: 0"
    api.answers["getWebhookInfo"] = {
        "url": "https://x.org",
        "pending_update_count": 3,
        "last_error_message": "Connection refused",
    }
    assert "https://x.org\nupdates that wait: 3\nlast error: Connection" in await status(api)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["webhook"],
        ["webhook", "bot.example.org"],
        ["webhook", "ftp://x.org"],
        ["webhook", "https://x.org?a=b"],
        ["webhook", "https://x.org", "--remove"],
        ["dance"],
    ],
)
def test_a_wrong_command_line_is_refused(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        options(args)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_without_a_token_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    assert main(["status"]) == 1
    assert "TELEGRAM_TOKEN is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "method"),
    [
        (["webhook", "https://x.org"], "setWebhook"),
        (["webhook", "--remove"], "deleteWebhook"),
        (["commands"], "setMyCommands"),
        (["status"], "getMe"),
    ],
)
def test_each_job_calls_its_method(
    args: list[str],
    method: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = FakeApi()
    api.answers = {"getMe": {"username": "guide_bot"}, "getWebhookInfo": {}}
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("SECRET_KEY", "key")
    monkeypatch.setattr(module, "BotApi", lambda *_: api)
    assert main(args) == 0
    assert method in api.methods()
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unauthorized("getMe: 401"), "does not know this TELEGRAM_TOKEN"),
        (Unreached("getMe: ClientConnectorError"), "ClientConnectorError"),
    ],
)
def test_a_failure_is_told_without_the_token(
    error: ApiError,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api: Any = FakeApi()
    api.fail("getMe", error)
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setattr(module, "BotApi", lambda *_: api)
    assert main(["status"]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert TOKEN not in said
