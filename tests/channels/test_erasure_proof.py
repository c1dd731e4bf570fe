"""Forget me, proved: what was said is in no file any more, whatever tool one reads it with."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from rasa.core.channels.channel import register
from rasa.core.run import _create_app_without_api
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from actions.services import services
from benchmarks.faults.engines import Postgres
from bot.channels.guard import Guard
from bot.channels.rest import RestInput
from bot.channels.website import WebsiteInput
from bot.degraded import safe_replies
from bot.records import Outbox, Records, Worker
from bot.settings import ROOT, Settings
from tests.channels.website.conftest import Tab, new_id
from tests.databases import own_postgres
from tests.harness import Bot
from tests.servers import served

DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
# Words that nothing else says; no name, so that redaction does not take them out.
REST_WORDS, WEB_WORDS, OPINION = "quuxwombatine", "zorblefrumious", "plinthgrabbler"
SAID = (
    "what is long covid, said the {0}",
    "how many mg of ketamine should the {0} take",
    "can I take it with my {0} medicine",
    "tell me about brain fog " + "and {0} " * 300,
)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Postgres | None]:
    """The database: SQLite's file among the bot's own, or a PostgreSQL with a folder of its own."""
    if request.param == "sqlite":
        yield None
        return
    with own_postgres(tmp_path, monkeypatch) as engine:
        run(engine, "ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()")
        monkeypatch.setenv("NOTIFY_URLS", "")
        caches = (services, safe_replies)
        for cached in caches:
            cached.cache_clear()
        yield engine
        for cached in caches:
            cached.cache_clear()


@pytest.fixture
def own(engine: Postgres | None, settings: Settings) -> Settings:
    return settings if engine is None else Settings.from_env()


@pytest.fixture
def folder(engine: Postgres | None, own: Settings) -> Path:
    """Where all that is stored and logged lies."""
    if engine is not None:
        own.data_path.mkdir(exist_ok=True)
        return own.data_path.parent
    url = make_url(own.records_url)
    if url.get_backend_name() != "sqlite":
        pytest.skip("only SQLite's files can be read here")
    return Path(str(url.database)).parent


@pytest.fixture
async def loaded(bot: Bot, engine: Postgres | None, own: Settings) -> Bot:
    """The bot on that database."""
    return bot if engine is None else await Bot.start(own, safe_replies())


@pytest.fixture
def logs(folder: Path) -> Iterator[Path]:
    """A file in the folder that takes every log line, as the level of a host writes them."""
    handler = logging.FileHandler(folder / "all.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield folder / "all.log"
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


@pytest.fixture
async def url(loaded: Bot, own: Settings, logs: Path) -> AsyncIterator[str]:
    """The address of the bot, on REST and on the website."""
    app = _create_app_without_api()
    app.name = f"erasure_{uuid4().hex}"
    patient = replace(own, sessions_per_minute=1000, turn_deadline=120.0)
    guard = Guard(safe_replies(), patient)
    channels = [RestInput(guard, patient), WebsiteInput(guard, patient)]
    register(channels, app, route="/webhooks/")
    app.ctx.agent = loaded.agent
    async with served(app) as address:
        yield address


def found(folder: Path, word: str) -> dict[str, int]:
    """Files of the folder that hold the word, and how often: raw bytes, free pages and all."""
    counts = {
        str(file.relative_to(folder)): file.read_bytes().count(word.encode())
        for file in folder.rglob("*")
        if file.is_file()
    }
    return {name: count for name, count in counts.items() if count}


async def over_rest(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        sender = f"proof-{uuid4().hex}"
        for said in (*(line.format(REST_WORDS) for line in SAID), "forget me"):
            body = {"sender": sender, "message": said}
            async with http.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
                assert answer.status == 200
                reply = await answer.json()
        assert reply[-1]["custom"]["topic"] == "privacy"


async def over_the_website(url: str, folder: Path) -> None:
    async with AsyncExitStack() as stack:
        tab = Tab(url)
        stack.push_async_callback(tab.close)
        await tab.open()
        for number, line in enumerate(SAID, 1):
            await tab.send(line.format(WEB_WORDS), id=(last := new_id()))
            await tab.answered(number, seconds=200)
        opinion = {"to": last, "helpful": False, "comment": f"no {OPINION} in it"}
        assert (await tab.call("feedback", opinion))["ok"]
        assert found(folder, WEB_WORDS), "the search must find what is there"
        assert found(folder, OPINION)
        await tab.send("forget me")
        await tab.until(lambda: tab.forgotten, seconds=200)


def dumped(engine: Postgres) -> bytes:
    """Everything that a back-up of the database would hold."""
    tool = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
    return subprocess.run([tool, engine.url], check=True, capture_output=True).stdout


async def test_no_byte_of_it_is_left(
    url: str,
    engine: Postgres | None,
    own: Settings,
    folder: Path,
    logs: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    records = Records(own.records_url)
    await over_rest(url)
    await over_the_website(url, folder)

    worker = Worker(records, Outbox(records, []), 90)
    while not worker.round():
        pass

    assert records.pending_erasures() == []
    if engine is not None:
        for word in (REST_WORDS, WEB_WORDS, OPINION):
            assert word.encode() not in dumped(engine)
        empty_files(engine)
    shown = "".join(capfd.readouterr())
    assert logs.stat().st_size, "nothing was logged, so the search of the log proves nothing"
    for word in (REST_WORDS, WEB_WORDS, OPINION):
        assert found(folder, word) == {}
        assert word not in shown


def empty_files(engine: Postgres) -> None:
    """Do what docs/privacy.md tells a host whose disk others may read."""
    statements = re.findall(r"^(?:VACUUM|CHECKPOINT|SELECT pg_switch_wal).*;$", DOCUMENT, re.M)
    assert len(statements) > 2
    run(engine, *statements)


def run(engine: Postgres, *statements: str) -> None:
    database = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with database.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    database.dispose()
