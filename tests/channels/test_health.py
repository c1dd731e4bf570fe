"""GET /health over real HTTP: 200 only if all is up, and each component by name."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from rasa.core.channels.channel import register
from sanic import Sanic

from bot.channels import health
from bot.channels.health import HealthInput
from bot.model_check import CANARIES, record
from bot.settings import Settings
from tests.databases import migrated
from tests.servers import answering, free_port, served

NAME = "guide-1.tar.gz"


class Loaded:
    """An agent whose model reads the canaries, but for some, and knows no other message."""

    def __init__(self, ready: bool = True, misread: Collection[str] = (), name: str = NAME) -> None:
        self.processor: Any = SimpleNamespace(model_filename=name) if ready else None
        self._misread = misread

    def is_ready(self) -> bool:
        return self.processor is not None

    async def parse_message(self, text: str) -> dict[str, Any]:
        if "an error" in self._misread:
            raise RuntimeError("untrained")
        wanted = CANARIES[text]
        return {"intent": {"name": "ask_pain" if wanted in self._misread else wanted}}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A model archive and its hash."""
    path = tmp_path / NAME
    path.write_bytes(b"a model")
    record(path, path)
    return path


@asynccontextmanager
async def bot(settings: Settings, loaded: Any, **known: Any) -> AsyncIterator[str]:
    app = Sanic(f"health_{uuid4().hex}", configure_logging=False)
    register([HealthInput(settings)], app, route="/webhooks/")
    if loaded is not None:
        app.ctx.agent = loaded
    for name, value in known.items():
        setattr(app.ctx, name, value)
    async with served(app) as url:
        yield url


@asynccontextmanager
async def action_server(status: int = 200) -> AsyncIterator[int]:
    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/health"
        return web.Response(status=status)

    async with answering(answer) as url:
        yield int(url.rsplit(":", 1)[1])


@pytest.fixture
def ready(tmp_path: Path) -> dict[str, Any]:
    """Settings of a bot whose database is there."""
    migrated(tmp_path / "guide.sqlite3")
    (tmp_path / "worker.alive").touch()
    return {"data_dir": str(tmp_path)}


async def get(url: str, path: str = "/health") -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
        return answer.status, await answer.json()


async def test_all_is_up(ready: dict[str, Any]) -> None:
    async with action_server() as port:
        settings = Settings(action_port=port, notify_urls="json://a json://b", **ready)
        async with bot(settings, Loaded()) as url:
            status, body = await get(url)

    assert status == 200
    assert body == {
        "status": "up",
        "components": {
            "model": {"status": "up", "name": "guide-1.tar.gz"},
            "actions": {"status": "up"},
            "database": {
                "status": "up",
                "waiting": {"conversations": 0, "escalations": 0, "erasures": 0},
            },
            "worker": {"status": "up"},
            "notifications": {"status": "up", "configured": True},
        },
    }


def assert_down(answer: tuple[int, Any], *names: str) -> None:
    status, body = answer
    found = {name for name, part in body["components"].items() if part["status"] != "up"}
    assert (status, body["status"], found) == (503, "degraded", set(names))


@pytest.mark.parametrize("loaded", [None, Loaded(ready=False)])
async def test_no_model(loaded: Any, ready: dict[str, Any]) -> None:
    async with action_server() as port, bot(Settings(action_port=port, **ready), loaded) as url:
        answer = await get(url)

    assert_down(answer, "model")
    assert "name" not in answer[1]["components"]["model"]


@pytest.mark.parametrize("silent_for", [None, 300.0])
async def test_the_worker_is_silent(
    silent_for: float | None, ready: dict[str, Any], tmp_path: Path
) -> None:
    beat = tmp_path / "worker.alive"
    if silent_for is None:
        beat.unlink()
    else:
        then = time.time() - silent_for
        os.utime(beat, (then, then))

    async with action_server() as port, bot(Settings(action_port=port, **ready), Loaded()) as url:
        assert_down(await get(url), "worker")


@pytest.mark.parametrize("state", ["up", "down"])
async def test_telegram_is_told_but_does_not_count(state: str, ready: dict[str, Any]) -> None:
    known = {"status": state, "mode": "polling", "last_success": None}
    async with action_server() as port:
        settings = Settings(action_port=port, **ready)
        async with bot(settings, Loaded(), telegram=lambda: known) as url:
            status, body = await get(url)

    assert (status, body["status"]) == (200, "up")
    assert body["components"]["telegram"] == known


@pytest.mark.parametrize("up", [True, False])
async def test_analytics_are_told_but_do_not_count(up: bool, ready: dict[str, Any]) -> None:
    broker = SimpleNamespace(is_ready=lambda: up)
    async with action_server() as port:
        settings = Settings(**ready, action_port=port)
        loaded = Loaded()
        # As Rasa keeps it.
        loaded.tracker_store = SimpleNamespace(event_broker=broker)
        async with bot(settings, loaded) as url:
            status, body = await get(url)

    assert (status, body["status"]) == (200, "up")
    assert body["components"]["analytics"] == {"status": "up" if up else "down"}


async def test_the_action_server_is_not_there(ready: dict[str, Any]) -> None:
    async with bot(Settings(action_port=free_port(), **ready), Loaded()) as url:
        assert_down(await get(url), "actions")


async def test_the_action_server_fails(ready: dict[str, Any]) -> None:
    async with (
        action_server(500) as port,
        bot(Settings(action_port=port, **ready), Loaded()) as url,
    ):
        assert_down(await get(url), "actions")


async def test_the_action_server_hangs(
    ready: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    monkeypatch.setattr(health, "PROBE_SECONDS", 0.2)
    async with answering(hang) as actions:
        settings = Settings(action_port=int(actions.rsplit(":", 1)[1]), **ready)
        async with bot(settings, Loaded()) as url:
            assert_down(await get(url), "actions")


async def model_of(loaded: Any, model: Path, **given: Any) -> dict[str, Any]:
    """What health says of the model."""
    async with bot(Settings(model=str(model), **given), loaded) as url:
        _, body = await get(url)
    found: dict[str, Any] = body["components"]["model"]
    return found


async def test_it_tells_by_what_the_model_is_known(ready: dict[str, Any], archive: Path) -> None:
    found = await model_of(Loaded(), archive, **ready)

    assert found == {"status": "up", "name": NAME, "hash": "recorded"}


async def test_a_hash_is_not_told_of_a_model_that_was_loaded_otherwise(
    ready: dict[str, Any], archive: Path
) -> None:
    found = await model_of(Loaded(name="chosen.tar.gz"), archive, **ready)

    assert found == {"status": "up", "name": "chosen.tar.gz"}


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_model_with_another_hash_is_taken_out(
    loaded: bool, ready: dict[str, Any], archive: Path
) -> None:
    archive.write_bytes(b"another")
    ours = Loaded(ready=loaded)

    found = await model_of(ours, archive, **ready)

    assert found == {"status": "down", "reason": "its SHA-256 is not the recorded one"}
    assert not ours.is_ready()


@pytest.mark.parametrize("misread", ["crisis", "dosing", "ask_long_covid_definition"])
async def test_a_model_that_misreads_a_canary_is_taken_out(
    misread: str, ready: dict[str, Any], archive: Path
) -> None:
    ours = Loaded(misread={misread})

    found = await model_of(ours, archive, **ready)

    assert found == {"status": "down", "reason": f"it misreads {misread}"}
    assert not ours.is_ready()


async def test_a_model_that_fails_is_taken_out(ready: dict[str, Any], archive: Path) -> None:
    found = await model_of(Loaded(misread={"an error"}), archive, **ready)

    assert found["status"] == "down"
    assert "crisis" in found["reason"]


async def test_the_database_has_no_tables(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with action_server() as port:
        settings = Settings(action_port=port, data_dir=str(tmp_path))
        async with bot(settings, Loaded()) as url:
            assert_down(await get(url), "database", "worker")

    assert "The database is down: StorageError" in caplog.text


async def test_the_database_is_not_there_and_its_password_stays_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = f"postgresql://user:s3cret@127.0.0.1:{free_port()}/guide"
    async with action_server() as port:
        settings = Settings(action_port=port, database_url=database)
        async with bot(settings, Loaded()) as url:
            answer = await get(url)

    assert_down(answer, "database", "worker")
    assert "s3cret" not in caplog.text + str(answer)


@pytest.mark.parametrize(("loaded", "status"), [(Loaded(), 200), (Loaded(False), 503), (None, 503)])
async def test_the_model_alone_makes_a_server_ready(
    loaded: Any, status: int, tmp_path: Path
) -> None:
    settings = Settings(action_port=free_port(), data_dir=str(tmp_path))
    async with bot(settings, loaded) as url:
        assert (await get(url, "/health/ready"))[0] == status
        assert await get(url, "/health/live") == (200, {"status": "up"})


async def test_all_is_down(tmp_path: Path) -> None:
    async with bot(Settings(action_port=free_port(), data_dir=str(tmp_path)), None) as url:
        assert_down(await get(url), "model", "actions", "database", "worker")


async def test_rasa_makes_it_from_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", "json://a")
    channel = HealthInput.from_credentials(None)
    app = Sanic(f"health_{uuid4().hex}", configure_logging=False)

    components = await channel.components(app)

    assert channel.name() == "health"
    assert components["database"]["status"] == "up"
    assert components["notifications"]["configured"]
