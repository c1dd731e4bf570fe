"""Conversation store: Rasa's trackers in the project's database, bounded and able to forget.

Rasa replays a whole session at every turn and sends it to the action server: the four-hundredth
turn costs many times the second. Here a turn gets the last messages, after a summary of what came
before: the latest values of its slots. Everything stays in the database.

Rasa appends a turn's events after its actions ran, and would write a whole deleted conversation
again. So the deletion happens here, in place of the save, when a turn has asked for it.

While the database is down a turn gets what this process remembers of the conversation and what the
spool keeps of it, and its events go there, until the database is back.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.records import (
    Attempt,
    EventRow,
    Patience,
    Records,
    RecordsError,
    Spool,
    conversation_reference,
)
from bot.settings import Settings, readable_url
from bot.windows import KEPT_TURNS, Windows, window

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

ERASURE_SLOT = "erasure"
# Conversations and escalations from the spool that a turn records, once its own is saved.
REPLAYED = 2


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """Stores trackers where the records are (`DATABASE_URL`).

    A tracker that comes from here knows how many of its events are stored (`stored_events`), the
    summary's among them; saving appends those after. Neither reading nor saving fails with the
    database, which may be down at the start too; it is asked in threads.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        settings = Settings.from_env()
        given = kwargs.pop("url", None) or kwargs.pop("host", None)
        url = readable_url(given) if given else settings.records_url
        settings.data_path.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._spool = Spool(settings.spool)
        self._records = Records(url, spool=self._spool)
        self._patience = Patience()
        self._windows = Windows()
        self._down = False
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the newest part of the latest session, after a summary of the rest of it."""
        recent = await asyncio.to_thread(self._recent, sender_id)
        if not self.domain or not recent:
            return None
        return _marked(DialogueStateTracker.from_dict(sender_id, recent, self.domain.slots))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return a conversation with all its sessions, whole.

        Raises:
            RecordsError: the database is down.
        """

        def whole(_: Attempt) -> list[str]:
            self._records.replay_events(conversation_id)
            return self._records.all_events(conversation_id)

        data = await asyncio.to_thread(self._ask, whole)
        if not self.domain or not data:
            return None
        events = [json.loads(event) for event in data]
        return _marked(DialogueStateTracker.from_dict(conversation_id, events, self.domain.slots))

    async def keys(self) -> Iterable[str]:
        """Return whose conversations there are.

        Raises:
            RecordsError: the database is down.
        """
        return await asyncio.to_thread(self._ask, lambda _: self._records.event_senders())

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the tracker, or delete everything of its sender if the turn asked for that."""
        sender = tracker.sender_id
        if tracker.get_slot(ERASURE_SLOT):
            await asyncio.to_thread(self._forget, sender)
            return
        await self.stream_events(tracker)
        rows = [_row(event) for event in _new(tracker)]
        if rows:
            await asyncio.to_thread(self._store, sender, rows)
        _marked(tracker)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Send the events that are not stored yet to the event broker, if there is one."""
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, _new(tracker), tracker.sender_id)

    def _recent(self, sender: str) -> list[dict[str, Any]]:
        def newest(_: Attempt) -> Any:
            self._records.replay_events(sender)
            return self._records.recent_events(sender, KEPT_TURNS)

        try:
            recent = self._ask(newest)
        except RecordsError:
            recent = self._windows.known(sender)
            waiting = [row.data for batch in self._spool.events(sender) for row in batch.rows]
            return window(recent, waiting)
        self._windows.keep(sender, recent)
        return window(recent)

    def _store(self, sender: str, rows: list[EventRow]) -> None:
        def add(attempt: Attempt) -> None:
            given_up = attempt.given_up.is_set
            self._records.add_events(sender, rows, again=attempt.again, given_up=given_up)

        try:
            self._ask(add)
        except RecordsError:
            self._spool.keep_events(sender, rows)
            return
        self._windows.add(sender, [row.data for row in rows])
        try:
            self._records.replay(limit=REPLAYED)
        except RecordsError as error:
            logger.warning("What waits for the database goes on waiting: %s", error)

    def _forget(self, sender: str) -> None:
        self._windows.drop(sender)
        self._spool.forget_events(sender)
        self._spool.forget_escalations(conversation_reference(sender, self._settings.secret()))
        try:
            self._ask(lambda _: self._records.finish_erasure(sender))
        except RecordsError as error:
            logger.error("The rest of an erasure is left to the worker: %s", error)

    def _ask(self, request: Callable[[Attempt], Found]) -> Found:
        """Return what the database answers, and say when it goes and when it is back.

        Raises:
            RecordsError: it did not, in time.
        """
        try:
            found = self._patience.ask(request)
        except RecordsError as error:
            if not self._down:
                logger.error("Conversations wait in DATA_DIR for the database: %s", error)
            self._down = True
            raise
        if self._down:
            logger.warning("The database is back: conversations that waited are recorded")
        self._down = False
        return found


def _row(event: Event) -> EventRow:
    data = event.as_dict()
    intent = (data.get("parse_data") or {}).get("intent") or {}
    return EventRow(
        type_name=event.type_name,
        timestamp=data.get("timestamp"),
        intent_name=intent.get("name"),
        # Rasa puts a slot's name there too.
        action_name=data.get("name"),
        data=json.dumps(data),
    )


def _marked(tracker: DialogueStateTracker) -> DialogueStateTracker:
    tracker.stored_events = len(tracker.events)
    return tracker


def _new(tracker: DialogueStateTracker) -> list[Event]:
    """Return the events that are not stored; all, of a tracker that does not come from here."""
    return list(tracker.events)[getattr(tracker, "stored_events", 0) :]
