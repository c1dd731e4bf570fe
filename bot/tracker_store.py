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
from dataclasses import replace
from threading import Event as Signal
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot import metrics
from bot.channels.archive import Archive
from bot.metrics import timed
from bot.records import (
    EventRow,
    Recent,
    Records,
    RecordsError,
    Unanswered,
    conversation_reference,
    spool_at,
)
from bot.settings import Settings, readable_url
from bot.windows import KEPT_TURNS, Windows, window

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

ERASURE_SLOT = "erasure"
# Seconds until a database that does not answer counts as down; a turn asks it twice.
PATIENCE = 2.0
# Seconds before each further try of what failed at once; none while the database is down.
PAUSES = (0.05, 0.15)


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """Stores trackers where the records are (`DATABASE_URL`).

    A tracker that comes from here knows how many of its events are stored (`stored_events`), the
    summary's among them; saving appends those after. Neither reading nor saving fails with the
    database, which may be down at the start too.
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
        self._spool = spool_at(settings.spool)
        self._records = Records(url, spool=self._spool)
        # In threads: a database that hangs must not keep everybody else from their replies.
        self._beside = Archive("trackers", self._records, PATIENCE)
        self._windows = Windows()
        self._down = False
        super().__init__(domain, event_broker)

    @timed("tracker_load")
    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the newest part of the latest session, after a summary of the rest of it."""
        try:
            recent = await self._ask(self._newest, sender_id)
            self._windows.keep(sender_id, recent)
        except RecordsError:
            recent = await asyncio.to_thread(self._remembered, sender_id)
        events = window(recent)
        if not self.domain or not events:
            return None
        return _marked(DialogueStateTracker.from_dict(sender_id, events, self.domain.slots))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return a conversation with all its sessions, whole.

        Raises:
            RecordsError: the database is down.
        """
        data = await self._ask(self._whole, conversation_id)
        if not self.domain or not data:
            return None
        events = [json.loads(event) for event in data]
        return _marked(DialogueStateTracker.from_dict(conversation_id, events, self.domain.slots))

    async def keys(self) -> Iterable[str]:
        """Return whose conversations there are.

        Raises:
            RecordsError: the database is down.
        """
        return await self._ask(self._records.event_senders)

    @timed("tracker_save")
    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the tracker, or delete everything of its sender if the turn asked for that."""
        if tracker.get_slot(ERASURE_SLOT):
            await self._forget(tracker.sender_id, str(tracker.get_slot(ERASURE_SLOT)))
        else:
            await self.stream_events(tracker)
            await self._append(tracker.sender_id, [_row(event) for event in _new(tracker)])
            _marked(tracker)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Send the events that are not stored yet to the event broker, if there is one."""
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, _new(tracker), tracker.sender_id)

    def _newest(self, sender: str) -> Recent:
        self._records.catch_up(sender)
        return self._records.recent_events(sender, KEPT_TURNS)

    def _whole(self, sender: str) -> list[str]:
        self._records.catch_up(sender)
        return self._records.all_events(sender)

    def _remembered(self, sender: str) -> Recent:
        """Return what this process and the spool know of a conversation."""
        waiting = [row.data for batch in self._spool.events(sender) for row in batch.rows]
        known, spooled = self._windows.known(sender), set(waiting)
        stored = (event for event in known.events if event not in spooled)
        return replace(known, events=(*stored, *waiting))

    async def _append(self, sender: str, rows: list[EventRow]) -> None:
        if not rows:
            return
        given_up, tried = Signal(), False

        def add() -> None:
            nonlocal tried
            self._records.catch_up(sender)
            again, tried = tried, True
            self._records.add_events(sender, rows, again=again, given_up=given_up.is_set)

        try:
            await self._ask(add)
        except RecordsError:
            # What still runs in a thread must not add them too.
            given_up.set()
            await asyncio.to_thread(self._spool.keep_events, sender, rows)
        self._windows.add(sender, [row.data for row in rows])

    async def _forget(self, sender: str, reference: str) -> None:
        self._windows.drop(sender)
        known_as = conversation_reference(sender, self._settings.secret())
        wish = self._records.wish(conversation=known_as, sender=sender, reference=reference)
        await asyncio.to_thread(self._spool.forget, sender, wish.conversation)

        def forget() -> None:
            self._records.catch_up(sender)
            self._records.fulfil(wish)

        try:
            await self._ask(forget)
        except RecordsError as error:
            logger.warning("An erasure waits for the database (%s)", type(error).__name__)
            await asyncio.to_thread(self._spool.keep_wish, wish)

    async def _ask(self, method: Callable[..., Found], *args: Any) -> Found:
        """Return what the database answers, and say when it goes and when it is back.

        Raises:
            RecordsError: it did not, in time.
        """
        for pause in (*(() if self._down else PAUSES), None):
            try:
                found = await self._beside.ask(method, *args)
                break
            except RecordsError as error:
                if pause is None or isinstance(error, Unanswered):
                    self._tell(down=True, why=str(error))
                    raise
                await asyncio.sleep(pause)
        self._tell(down=False)
        return found

    def _tell(self, *, down: bool, why: str = "") -> None:
        metrics.degraded("store", down)
        if down and not self._down:
            logger.warning("Conversations wait in DATA_DIR for the database: %s", why)
        if self._down and not down:
            logger.warning("The database is back: what waited for it is recorded")
        self._down = down


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
