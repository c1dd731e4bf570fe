"""The conversation store while its database is down: it goes on, loses nothing, doubles nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import metrics
from bot.metrics.catalogue import DEGRADED
from bot.records import Records, conversation_reference, spool_at
from bot.settings import Settings
from bot.tracker_store import ERASURE_SLOT, ConversationStore
from bot.windows import MOST_EVENTS
from tests.tracker_store.conftest import SENDER


def run(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        database.execute(statement)


@contextmanager
def down(file: Path) -> Iterator[None]:
    """Take the conversations' table away, as if the database were gone."""
    run(file, "ALTER TABLE events RENAME TO lost")
    try:
        yield
    finally:
        run(file, "ALTER TABLE lost RENAME TO events")


async def turn(store: ConversationStore, text: str, *events: object) -> DialogueStateTracker:
    """A turn as Rasa makes it: read or begin the tracker, add events, save."""
    tracker = await store.get_or_create_tracker(SENDER)
    if not tracker.events:
        tracker.update(SessionStarted())
    tracker.update(UserUttered(text))
    for event in events:
        tracker.update(event)
    tracker.update(BotUttered(f"Answer to {text}."))
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    return tracker


def said(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def stored(records: Records) -> list[str]:
    """What people said, as it is stored, once for each time."""
    events = [json.loads(event) for event in records.all_events(SENDER)]
    return [event["text"] for event in events if event["event"] == "user"]


def spooled() -> list[Path]:
    return [path for path in Settings.from_env().spool.rglob("*") if path.is_file()]


async def test_a_follow_up_knows_what_was_said_before_and_during_the_outage(
    store: ConversationStore, file: Path
) -> None:
    await turn(store, "1", SlotSet("last_topic", "pain"))
    with down(file):
        await turn(store, "2")
        assert said(await store.retrieve(SENDER)) == ["1", "2"]
        tracker = await turn(store, "3")
        assert tracker.get_slot("last_topic") == "pain"
        assert said(tracker) == ["1", "2", "3"]
    assert said(await turn(store, "4")) == ["1", "2", "3", "4"]

    assert stored(Records(f"sqlite:///{file}")) == ["1", "2", "3", "4"]
    assert said(await store.retrieve_full_tracker(SENDER)) == ["1", "2", "3", "4"]
    assert spooled() == []


async def test_what_a_turn_gets_stays_bounded_in_a_long_outage(
    store: ConversationStore, file: Path
) -> None:
    await turn(store, "0", SlotSet("last_topic", "pain"))
    turns = MOST_EVENTS // 3 + 10
    with down(file):
        for number in range(1, turns):
            await turn(store, str(number))
        tracker = await store.retrieve(SENDER)
        assert said(tracker) == [str(n) for n in range(turns - 4, turns)]
        assert tracker is not None
        assert tracker.get_slot("last_topic") == "pain"
        assert len(store._windows.known(SENDER).events) <= MOST_EVENTS
    await store.retrieve(SENDER)
    assert stored(Records(f"sqlite:///{file}")) == [str(n) for n in range(turns)]


async def test_the_outage_is_told_once_at_its_beginning_and_once_at_its_end(
    store: ConversationStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    degraded = DEGRADED.labels("store")
    await turn(store, "my secret")
    metrics.degraded("store", False)
    with down(file):
        for text in ("my secret 2", "my secret 3"):
            await turn(store, text)
        assert degraded._value.get() == 1
    await turn(store, "my secret 4")
    assert degraded._value.get() == 0

    told = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(told) == 2, told
    assert "Conversations wait in DATA_DIR" in told[0]
    assert "The database is back" in told[1]
    assert "my secret" not in caplog.text


async def test_the_next_process_knows_and_stores_what_waits(
    store: ConversationStore, domain: Domain, file: Path
) -> None:
    with down(file):
        await turn(store, "1")
        spool_at.cache_clear()
        other = ConversationStore(domain)
        assert said(await turn(other, "2")) == ["1", "2"]
    assert said(await turn(other, "3")) == ["1", "2", "3"]
    assert stored(Records(f"sqlite:///{file}")) == ["1", "2", "3"]


async def test_a_save_that_hangs_and_comes_through_later_is_not_doubled(
    store: ConversationStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thaw, done = threading.Event(), threading.Event()
    real = store._records.add_events

    def hang(*given: object, **named: object) -> None:
        assert thaw.wait(60)
        try:
            real(*given, **named)  # type: ignore[arg-type]
        finally:
            done.set()

    monkeypatch.setattr(store._records, "add_events", hang)
    monkeypatch.setattr(store._beside, "_patience", 0.05)
    await turn(store, "1")
    assert spooled()
    monkeypatch.setattr(store._records, "add_events", real)
    thaw.set()
    assert await asyncio.to_thread(done.wait, 60)
    monkeypatch.setattr(store._beside, "_patience", 60)

    await turn(store, "2")

    assert stored(Records(f"sqlite:///{file}")) == ["1", "2"]


async def test_forgetting_during_an_outage(
    store: ConversationStore, file: Path, domain: Domain
) -> None:
    records = Records(f"sqlite:///{file}")
    settings = Settings.from_env()
    known_as = conversation_reference(SENDER, settings.secret())
    draft = records.draft_escalation("dosing", "rest", known_as, "key", "zebra 0")
    await turn(store, "zebra 1")
    spool_at(settings.spool).keep_escalation(draft)
    with down(file):
        await turn(store, "zebra 2")
        await turn(store, "forget me", SlotSet(ERASURE_SLOT, "F-222222"))
        assert not any(b"zebra" in path.read_bytes() for path in spooled())
        assert await store.retrieve(SENDER) is None
        assert said(await turn(store, "hello again")) == ["hello again"]

    # The next process, after a kill.
    spool_at.cache_clear()
    other = Records(f"sqlite:///{file}", spool=spool_at(settings.spool))
    other.replay()

    assert stored(other) == ["hello again"]
    (receipt,) = other.erasures()
    assert receipt.reference == "F-222222"
    assert (receipt.pending_sender, receipt.events_deleted > 0) == (None, True)
    (left,) = other.escalations()
    assert (left.excerpt, left.conversation) == (None, None)
    assert spooled() == []
    other.compact()
    assert not any(b"zebra" in path.read_bytes() for path in file.parent.glob("bot.sqlite3*"))


async def test_the_conversation_is_read_only_after_a_wish_is_fulfilled(
    store: ConversationStore, file: Path
) -> None:
    await turn(store, "zebra")
    with down(file):
        await turn(store, "forget me", SlotSet(ERASURE_SLOT, "F-222222"))
    assert await store.retrieve(SENDER) is None


async def test_a_disk_that_is_full_too_loses_nothing_while_the_process_lives(
    store: ConversationStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Settings.from_env().spool
    folder.write_text("in the way")
    with down(file):
        await turn(store, "1")
        await turn(store, "forget me", SlotSet(ERASURE_SLOT, "F-222222"))
        await turn(store, "2")
        assert said(await turn(store, "3")) == ["2", "3"]
    assert "kept in memory only" in caplog.text

    await turn(store, "4")

    records = Records(f"sqlite:///{file}")
    assert stored(records) == ["2", "3", "4"]
    assert [receipt.reference for receipt in records.erasures()] == ["F-222222"]
