"""The conversation store on a real database: it keeps, and it forgets for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.records import Records, database
from bot.settings import ROOT
from bot.tracker_store import ERASURE_SLOT, ConversationStore
from tests.databases import migrated
from tests.tracker_store.conftest import SENDER


@pytest.fixture
def records(file: Path) -> Iterator[Records]:
    opened = Records(f"sqlite:///{file}")
    yield opened
    opened.close()


def rows(file: Path, sender: str = SENDER) -> int:
    with sqlite3.connect(file) as database:
        query = "SELECT count(*) FROM events WHERE sender_id = ?"
        return int(database.execute(query, (sender,)).fetchone()[0])


async def turn(store: ConversationStore, text: str, sender: str = SENDER) -> DialogueStateTracker:
    """A turn as Rasa makes it: read or begin the tracker, add events."""
    tracker = await store.get_or_create_tracker(sender)
    tracker.update(UserUttered(text))
    tracker.update(BotUttered("An answer."))
    tracker.update(ActionExecuted("action_listen"))
    return tracker


async def test_a_conversation_is_kept(store: ConversationStore, file: Path) -> None:
    await store.save(await turn(store, "Does it help with pain?"))
    await store.save(await turn(store, "And with fatigue?"))

    found = await store.retrieve(SENDER)

    assert found is not None
    said = [event.text for event in found.events if isinstance(event, UserUttered)]
    assert said == ["Does it help with pain?", "And with fatigue?"]
    assert (file.parent / "var").is_dir()


async def test_it_is_the_store_that_rasa_is_configured_with(domain: Domain, file: Path) -> None:
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))

    store = TrackerStore.create(endpoints.tracker_store, domain)

    tracker = await store.get_or_create_tracker(SENDER)
    tracker.update(UserUttered("hello"))
    await store.save(tracker)
    assert rows(file) > 0


@pytest.mark.parametrize("name", ["url", "host"])
async def test_an_address_in_the_configuration_wins(
    name: str, domain: Domain, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite3"
    migrated(other)
    store = ConversationStore(domain, **{name: f"sqlite:///{other}"})

    await store.save(await turn(store, "hello"))

    assert (rows(other) > 0, rows(file)) == (True, 0)


def test_the_old_scheme_of_hosting_services_is_taken(
    domain: Domain, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy

    seen: list[str] = []
    real = sqlalchemy.create_engine

    def engine(url: object, **given: object) -> object:
        seen.append(str(url))
        return real(f"sqlite:///{file}")

    monkeypatch.setattr(database, "create_engine", engine)
    ConversationStore(domain, url="postgres://db/guide")

    assert seen == ["postgresql://db/guide"]


async def test_forgetting_deletes_every_event_and_completes_the_record(
    store: ConversationStore, records: Records, file: Path
) -> None:
    await store.save(await turn(store, "I am Ann and I live in Leeds"))
    await store.save(await turn(store, "hello", sender="somebody else"))
    others, before = rows(file, "somebody else"), rows(file)
    receipt = records.begin_erasure(conversation="c", sender=SENDER)
    tracker = await turn(store, "forget me")
    tracker.update(SlotSet(ERASURE_SLOT, receipt.reference))

    await store.save(tracker)

    assert rows(file) == 0
    assert await store.retrieve(SENDER) is None
    assert records.pending_erasures() == []
    done = records.erasures()[0]
    assert done.reference == receipt.reference
    assert done.events_deleted == before > 0
    assert done.pending_sender is None
    assert rows(file, "somebody else") == others > 0


async def test_nothing_of_a_forgotten_conversation_is_written_again(
    store: ConversationStore, records: Records, file: Path
) -> None:
    await store.save(await turn(store, "I am Ann"))
    receipt = records.begin_erasure(conversation="c", sender=SENDER)
    tracker = await turn(store, "forget me")
    tracker.update(SlotSet(ERASURE_SLOT, receipt.reference))
    await store.save(tracker)

    await store.save(tracker)
    assert rows(file) == 0

    await store.save(await turn(store, "hello again"))
    found = await store.retrieve(SENDER)

    assert found is not None
    said = [event.text for event in found.events if isinstance(event, UserUttered)]
    assert said == ["hello again"]
    assert found.get_slot(ERASURE_SLOT) is None


async def test_the_bytes_are_gone_from_the_files(
    store: ConversationStore, records: Records, file: Path
) -> None:
    await store.save(await turn(store, "my secret is xyzzy-4711"))
    assert any(b"xyzzy-4711" in path.read_bytes() for path in file.parent.glob("bot.sqlite3*"))
    records.begin_erasure(conversation="c", sender=SENDER)
    tracker = await turn(store, "forget me")
    tracker.update(SlotSet(ERASURE_SLOT, "F-222222"))

    await store.save(tracker)

    assert not any(b"xyzzy-4711" in path.read_bytes() for path in file.parent.glob("bot.sqlite3*"))
