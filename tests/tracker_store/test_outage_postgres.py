"""The conversation store while a real PostgreSQL is killed or freezes, or its process is killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    UserUttered,
)

from benchmarks.faults.engines import Postgres
from bot.records import Records
from bot.settings import ROOT
from bot.tracker_store import ConversationStore
from tests.databases import own_postgres
from tests.tracker_store.conftest import SENDER
from tests.tracker_store.test_outage import said, spooled, stored, turn


@pytest.fixture
def postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    with own_postgres(tmp_path, monkeypatch) as engine:
        yield engine


async def test_a_database_that_is_killed_in_the_middle_has_every_event_once_and_in_order(
    postgres: Postgres, domain: Domain
) -> None:
    store = ConversationStore(domain)
    await turn(store, "1")
    await turn(store, "2")
    # Between reading and saving, and then for whole turns.
    tracker = await store.get_or_create_tracker(SENDER)
    tracker.update(UserUttered("3"))
    tracker.update(ActionExecuted("action_listen"))
    postgres.kill()
    await store.save(tracker)
    assert said(await turn(store, "4")) == ["1", "2", "3", "4"]
    postgres.start()
    await turn(store, "5")
    postgres.kill()
    await turn(store, "6")
    postgres.start()

    assert said(await turn(store, "7")) == ["3", "4", "5", "6", "7"]

    records = Records(postgres.url)
    assert stored(records) == ["1", "2", "3", "4", "5", "6", "7"]
    everything = records.all_events(SENDER)
    assert len(everything) == len(set(everything))
    moments = [json.loads(event)["timestamp"] for event in everything]
    assert moments == sorted(moments)
    assert spooled() == []


async def test_a_database_that_freezes_has_every_event_once_and_in_order(
    postgres: Postgres, domain: Domain
) -> None:
    store = ConversationStore(domain)
    await turn(store, "1")
    tracker = await store.get_or_create_tracker(SENDER)
    tracker.update(UserUttered("2"))
    postgres.freeze()
    await store.save(tracker)
    assert said(await turn(store, "3")) == ["1", "2", "3"]
    postgres.thaw()
    while store._down:
        await store.retrieve(SENDER)

    await turn(store, "4")

    assert stored(Records(postgres.url)) == ["1", "2", "3", "4"]


_KILLED = """
import asyncio, os, signal, sys
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from bot.tracker_store import ConversationStore

async def main():
    store = ConversationStore(Domain.empty())
    tracker = DialogueStateTracker("somebody", [])
    tracker.update(UserUttered("before the kill"))
    await store.save(tracker)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_process_that_is_killed_loses_nothing(postgres: Postgres, domain: Domain) -> None:
    postgres.kill()
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _KILLED], cwd=ROOT, check=False, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr
    postgres.start()

    store = ConversationStore(domain)
    assert said(await turn(store, "after it")) == ["before the kill", "after it"]
    assert stored(Records(postgres.url)) == ["before the kill", "after it"]
