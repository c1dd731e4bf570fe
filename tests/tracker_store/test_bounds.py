"""What a turn loads does not grow with the conversation, and what is stored does not suffer."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.tracker_store import ConversationStore
from bot.windows import KEPT_TURNS
from tests.tracker_store.conftest import SENDER


def stored(file: Path, sender: str = SENDER) -> list[dict[str, Any]]:
    with sqlite3.connect(file) as database:
        query = "SELECT data FROM events WHERE sender_id = ? ORDER BY id"
        return [json.loads(row[0]) for row in database.execute(query, (sender,))]


def said(events: Any) -> list[str]:
    return [event.text for event in events if isinstance(event, UserUttered)]


def session(tracker: DialogueStateTracker, *slots: SlotSet) -> None:
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(SessionStarted())
    for slot in slots:
        tracker.update(slot)
    tracker.update(ActionExecuted("action_listen"))


async def turn(store: ConversationStore, number: int, *slots: SlotSet) -> DialogueStateTracker:
    """One turn as Rasa makes it, saved."""
    tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
    if not tracker.events:
        session(tracker)
    tracker.update(UserUttered(f"message {number}"))
    tracker.update(BotUttered(f"answer {number}"))
    for slot in slots:
        tracker.update(slot)
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    return tracker


async def test_a_turn_loads_no_more_after_thirty_turns(store: ConversationStore) -> None:
    sizes = []
    for number in range(30):
        await turn(store, number)
        tracker = await store.retrieve(SENDER)
        assert tracker is not None
        sizes.append(len(tracker.events))

    assert said(tracker.events) == [f"message {number}" for number in range(30)][-KEPT_TURNS:]
    assert max(sizes[KEPT_TURNS:]) == sizes[-1] == sizes[KEPT_TURNS]


async def test_everything_is_stored_once_and_in_order(store: ConversationStore, file: Path) -> None:
    for number in range(20):
        tracker = await turn(store, number)
        await store.save(tracker)

    events = stored(file)
    assert [e["text"] for e in events if e["event"] == "user"] == [
        f"message {number}" for number in range(20)
    ]
    assert len(events) == 3 + 20 * 3, "nothing of the summary is stored"
    full = await store.retrieve_full_tracker(SENDER)
    assert full is not None
    assert len(full.events) == len(events)
    await store.save(full)
    assert stored(file) == events


async def test_slots_keep_their_latest_values(store: ConversationStore) -> None:
    await turn(store, 0, SlotSet("crisis_open", True), SlotSet("last_topic", "pain"))
    await turn(store, 1, SlotSet("last_topic", "fatigue"), SlotSet("offer", "human"))
    await turn(store, 2, SlotSet("offer", None), SlotSet("disclaimers_shown", ["a", "b"]))
    for number in range(3, 20):
        await turn(store, number)

    tracker = await store.retrieve(SENDER)

    assert tracker is not None
    assert tracker.get_slot("crisis_open") is True
    assert tracker.get_slot("last_topic") == "fatigue"
    assert tracker.get_slot("offer") is None
    assert tracker.get_slot("disclaimers_shown") == ["a", "b"]


async def test_a_slot_set_lately_wins_over_the_summary(store: ConversationStore) -> None:
    for number in range(20):
        await turn(store, number, SlotSet("last_topic", f"topic {number}"))

    tracker = await store.retrieve(SENDER)

    assert tracker is not None
    assert tracker.get_slot("last_topic") == "topic 19"


async def test_a_new_session_takes_nothing_over_and_sessions_do_not_pile_up(
    store: ConversationStore, file: Path
) -> None:
    grown = []
    for number in range(8):
        before = len(stored(file))
        tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
        session(tracker, SlotSet("crisis_open", True))
        await store.save(tracker)
        for further in range(KEPT_TURNS + 2):
            await turn(store, 10 * number + further, SlotSet("last_topic", "pain"))
        grown.append(len(stored(file)) - before)
    tracker = await store.get_or_create_tracker(SENDER)
    session(tracker, SlotSet("crisis_open", True))
    await store.save(tracker)

    fresh = await store.retrieve(SENDER)

    assert len(set(grown)) == 1
    assert fresh is not None
    assert said(fresh.events) == []
    assert fresh.get_slot("crisis_open") is True
    assert fresh.get_slot("last_topic") is None


async def test_a_turn_that_began_without_the_database_is_kept_whole(
    store: ConversationStore, domain: Domain, file: Path
) -> None:
    for number in range(3):
        await turn(store, number)
    before = len(stored(file))
    tracker = DialogueStateTracker(SENDER, domain.slots)
    session(tracker)
    tracker.update(UserUttered("while it was away"))

    await store.save(tracker)

    assert len(stored(file)) == before + 4


async def test_the_event_broker_gets_every_event_once(domain: Domain, file: Path) -> None:
    class Broker:
        def __init__(self) -> None:
            self.got: list[dict[str, Any]] = []

        def publish(self, event: dict[str, Any]) -> None:
            self.got.append(event)

    broker = Broker()
    store = ConversationStore(domain, event_broker=broker)
    for number in range(12):
        await turn(store, number)

    assert [e["event"] for e in broker.got] == [e["event"] for e in stored(file)]


async def test_the_queries_walk_along_indexes(store: ConversationStore, file: Path) -> None:
    for number in range(8):
        await turn(store, number, SlotSet("last_topic", "pain"))
    seen: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, given))

    event.listen(Engine, "before_cursor_execute", hear)
    await store.retrieve(SENDER)
    event.remove(Engine, "before_cursor_execute", hear)

    assert len(seen) == 4
    with sqlite3.connect(file) as database:
        for statement, given in seen:
            plan = " ".join(
                row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            )
            assert "SCAN events" not in plan, statement
            assert "INDEX ix_events_sender_id" in plan, statement


async def test_rows_that_retention_took_do_not_matter(store: ConversationStore, file: Path) -> None:
    for number in range(8):
        await turn(store, number)
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM events WHERE id <= 6")
    await turn(store, 8)

    tracker = await store.retrieve(SENDER)

    assert tracker is not None
    assert said(tracker.events)[-1] == "message 8"
    assert len([e for e in stored(file) if e["event"] == "user"]) == 8
