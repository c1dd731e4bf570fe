"""The action server over real HTTP: what it answers, and what its errors do not repeat."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import yaml
from rasa_sdk import Action
from sanic import Sanic

from bot import action_server
from bot.records import Records
from bot.reply.contract import validate
from bot.settings import ROOT, Settings
from tests.servers import served

SECRET = "I am Ann from Leeds"


class ActionThatBreaks(Action):
    """Fails as a bug would."""

    broken_with: Exception = RuntimeError("a bug")

    def name(self) -> str:
        return "action_that_breaks_in_a_test"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise self.broken_with


@pytest.fixture(autouse=True, scope="module")
def _fresh_names() -> Iterator[None]:
    """The SDK gives every application one name, which Sanic takes once a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sanic, "_app_registry", {})
        patch.setattr(Sanic, "test_mode", True)
        yield


@pytest.fixture(scope="module")
async def url(settings: Settings) -> AsyncIterator[str]:
    async with served(action_server.build()) as address:
        yield address


def body(action: str, text: str = SECRET, intent: str = "ask_pain") -> dict[str, Any]:
    message = {"text": text, "intent": {"name": intent}, "entities": []}
    tracker = {
        "sender_id": "ann",
        "slots": {},
        "latest_message": message,
        "events": [{"event": "user", "text": text, "message_id": "m-1", "parse_data": message}],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
        "latest_input_channel": "rest",
    }
    return {"next_action": action, "sender_id": "ann", "tracker": tracker, "domain": {}}


async def post(url: str, **given: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.post(f"{url}/webhook", **given) as answer:
        return answer.status, await answer.text()


async def test_it_is_healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_it_has_the_actions_of_the_domain(url: str) -> None:
    files = (ROOT / "bot" / "domain").glob("*.yml")
    domains = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    wanted = {name for domain in domains for name in domain.get("actions") or ()}
    async with aiohttp.ClientSession() as session, session.get(f"{url}/actions") as answer:
        found = {action["name"] for action in await answer.json()}

    assert wanted <= found


async def test_an_action_runs(url: str, settings: Settings, records: Records) -> None:
    from actions.services import services

    services.cache_clear()
    call = body("action_crisis", "I do not want to live", "crisis")

    status, text = await post(url, json=call)

    assert status == 200
    result = json.loads(text)
    custom = result["responses"][-1]["custom"]
    validate(custom)
    assert custom["outcome"] == "crisis"
    assert records.escalation(custom["escalation"]).outcome == "crisis"


async def test_an_unknown_action_is_not_found(url: str) -> None:
    status, text = await post(url, json=body("action_none"))

    assert status == 404
    assert SECRET not in text


async def test_a_failing_action_repeats_nothing_of_the_request(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    call = body("action_that_breaks_in_a_test")

    with caplog.at_level(logging.INFO):
        status, text = await post(url, json=call)

    assert (status, text) == (500, '{"error":"The action failed."}')
    assert "An action failed: RuntimeError" in caplog.text
    assert SECRET not in caplog.text


async def test_an_exception_that_quotes_the_message_is_not_logged(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ActionThatBreaks, "broken_with", ValueError(f"cannot read {SECRET!r}"))

    with caplog.at_level(logging.INFO):
        status, text = await post(url, json=body("action_that_breaks_in_a_test"))

    assert status == 500
    assert SECRET not in text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("sent", [SECRET.encode(), b"{", b"\xff\xfe", b"[" * 5000])
async def test_a_body_that_is_no_call_is_not_repeated(
    url: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        status, text = await post(url, data=sent, headers={"Content-Type": "application/json"})

    assert 400 <= status <= 500
    assert SECRET not in text + caplog.text


async def test_the_language_model_is_loaded_before_the_first_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import actions.services

    warmed: list[str] = []

    class Counting:
        def warm_up(self) -> None:
            warmed.append("up")

    monkeypatch.setattr(actions.services, "services", Counting)

    async with served(action_server.build()):
        assert warmed


def test_it_listens_on_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setenv("ACTION_PORT", "6055")
    monkeypatch.setattr(Sanic, "run", lambda _, *given, **named: seen.append((given, named)))

    shown: list[tuple[Any, ...]] = []
    monkeypatch.setattr(action_server.logs, "configure", lambda *given: shown.append(given))
    monkeypatch.setattr(action_server.metrics, "serve", lambda *given: shown.append(given))
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("METRICS_PORT", "9101")

    assert action_server.main() == 0
    assert shown == [("INFO", "json"), ("actions", "127.0.0.1", 9101)]
    assert seen == [(("127.0.0.1", 6055), {"workers": 1, "access_log": False})]
