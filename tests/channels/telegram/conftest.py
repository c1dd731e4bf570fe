"""The emulated Telegram, started once for all tests of the channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.channels.telegram import loose as loose_module
from bot.records import Records
from bot.settings import Settings
from tests.channels.telegram.emulator import Chat, Telegram, emulator
from tests.channels.telegram.hook import Hook
from tests.channels.telegram.office import Clock, Office
from tests.databases import migrated
from tests.servers import answering

if TYPE_CHECKING:
    # Brings Rasa in, which takes longer than many a test without it.
    from tests.channels.telegram.rig import Rig


@pytest.fixture(scope="session")
async def shared_telegram() -> AsyncIterator[Telegram]:
    async with emulator(retry=0.05) as started:
        yield started


@pytest.fixture
async def telegram(shared_telegram: Telegram) -> AsyncIterator[Telegram]:
    """The same process for all tests, as it was at the start; but for old chats and the log."""
    yield shared_telegram
    await shared_telegram.tidy()


@pytest.fixture
async def chat(telegram: Telegram) -> Chat:
    """A chat in which somebody has written; nothing waits for the bot."""
    made = telegram.chat()
    await made.send("Hello")
    await telegram.tidy()
    return made


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def address(hook: Hook) -> AsyncIterator[str]:
    """Where the hook is."""
    async with answering(hook.answer) as url:
        yield url


@pytest.fixture
def rig(telegram: Telegram, settings: Settings, tmp_path: Path) -> Iterator[Rig]:
    from tests.channels.telegram.rig import Rig
    from tests.channels.website.conftest import FakeAgent

    url = migrated(tmp_path / "guide.sqlite3")
    own = replace(settings, data_dir=str(tmp_path), database_url=url, secret_key="key")
    records = Records(own.records_url)
    yield Rig(telegram, FakeAgent(records, own), own, records)
    records.close()


@pytest.fixture
async def person(rig: Rig) -> AsyncIterator[Chat]:
    """A person's chat with a running server, in webhook mode."""
    from tests.channels.telegram.rig import talking

    async with talking(rig) as chat:
        yield chat


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr(loose_module, "MOST_PAUSE", 0.0)
    url = migrated(tmp_path / "records.db")
    clock = Clock()
    records = Records(url, clock=clock)
    made = Office(records, clock)
    yield made
    await made.postman.stop(0)
    records.close()
