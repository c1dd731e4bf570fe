"""The action server over real HTTP: what it answers, and what its errors do not repeat."""

from __future__ import annotations

import json
import logging
import zlib
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
KEY = "known-to-both-servers"


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
    async with served(action_server.build(lambda: KEY)) as address:
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


def bearer(key: str = KEY) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def ask(url: str, method: str = "POST", **given: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.request(method, url, **given) as answer:
        return answer.status, await answer.text()


async def post(url: str, **given: Any) -> tuple[int, str]:
    headers = {**bearer(), **given.pop("headers", {})}
    return await ask(f"{url}/webhook", headers=headers, **given)


async def test_it_is_healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_it_has_the_actions_of_the_domain(url: str) -> None:
    files = (ROOT / "bot" / "domain").glob("*.yml")
    domains = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    wanted = {name for domain in domains for name in domain.get("actions") or ()}
    _, text = await ask(f"{url}/actions", "GET", headers=bearer())
    found = {action["name"] for action in json.loads(text)}

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

    assert (status, text) == (500, '{"error":"Internal Server Error"}')
    assert "A request failed: RuntimeError" in caplog.text
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


@pytest.mark.parametrize(
    "said",
    [
        {},
        bearer(""),
        bearer(KEY[:-1]),
        bearer(f"{KEY}x"),
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer \u00e9\u2028"},
        {"X-Action-Secret": KEY},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/webhook"), ("GET", "/actions"), ("GET", f"/{KEY}"), ("PUT", "/")],
)
async def test_who_lacks_the_secret_gets_nothing(
    said: dict[str, str],
    method: str,
    path: str,
    url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    call = body("action_crisis", f"{SECRET}. I do not want to live", "crisis")

    status, text = await ask(f"{url}{path}", method, json=call, headers=said)

    assert (status, text) == (403, '{"error":"The secret is missing or wrong."}')
    assert SECRET not in caplog.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/none"), ("PUT", "/webhook")])
async def test_what_is_not_there_is_no_failure(method: str, path: str, url: str) -> None:
    status, text = await ask(f"{url}{path}", method, headers=bearer())

    assert (status, text) == (
        (404, '{"error":"Not Found"}')
        if path == "/none"
        else (405, '{"error":"Method Not Allowed"}')
    )


@pytest.mark.parametrize(
    "part",
    [
        {"next_action": None},
        {"sender_id": 7},
        {"tracker": None},
        {"tracker": {"sender_id": SECRET}},
        {"tracker": {**body("a")["tracker"], "events": {}}},
        {"tracker": {**body("a")["tracker"], "events": [SECRET]}},
        {"tracker": {**body("a")["tracker"], "latest_message": {"intent": 7}}},
        {"tracker": {**body("a")["tracker"], "latest_message": {"intent": {"name": 7}}}},
        {"tracker": {**body("a")["tracker"], "latest_message": {"text": [SECRET]}}},
        {"tracker": {**body("a")["tracker"], "latest_message": {"decision": SECRET}}},
        {"domain": []},
    ],
)
async def test_a_call_of_another_shape_is_refused(url: str, part: dict[str, Any]) -> None:
    status, text = await post(url, json={**body("action_answer"), **part})

    assert (status, text) == (400, '{"error":"The body is no call of an action."}')


@pytest.mark.parametrize("message", [{}, {"text": None, "intent": None, "decision": None}])
@pytest.mark.parametrize("action", ["action_answer", "action_smalltalk", "action_feedback"])
async def test_a_call_without_a_message_is_asked_about(
    url: str, settings: Settings, action: str, message: dict[str, Any]
) -> None:
    call = body(action)
    call["tracker"]["latest_message"] = message

    status, text = await post(url, json=call)

    assert status == 200
    assert json.loads(text)["responses"][-1]["custom"]["outcome"] == "clarify"


async def test_a_compressed_call_runs(url: str, settings: Settings) -> None:
    call = zlib.compress(json.dumps(body("action_none")).encode())

    status, _ = await post(url, data=call, headers={"Content-Encoding": "deflate"})

    assert status == 404


@pytest.mark.parametrize("sent", [SECRET.encode(), b"{", b"\xff\xfe", b"[" * 5000, b"[7]"])
async def test_a_body_that_is_no_call_is_not_repeated(
    url: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        status, text = await post(url, data=sent, headers={"Content-Type": "application/json"})

    assert status == 400
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

    async with served(action_server.build(lambda: KEY)):
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
