"""Conversation store: Rasa's SQL store on the project's database, bounded and able to forget.

Rasa replays a whole session at every turn and sends it to the action server: the four-hundredth
turn costs many times the second. Here a turn gets the last messages, after a summary of what came
before: the latest values of its slots. Everything stays in the database.

Rasa appends a turn's events after its actions ran, and would write a whole deleted conversation
again. So the deletion happens here, in place of the save, when a turn has asked for it.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.archive import Archive
from bot.metrics import timed
from bot.records import Records
from bot.settings import Settings, readable_url

logger = logging.getLogger(__name__)

ERASURE_SLOT = "erasure"
# Messages that a turn can look back on; understanding reads up to three (bot/nlu/context.py).
KEPT_TURNS = 4
# Seconds until a database that does not answer counts as down; a turn asks it twice.
PATIENCE = 2.0

# What the three queries below walk along; Rasa's own index is by sender alone.
_INDEXES = {
    "ix_events_sender_id_id": "sender_id, id",
    "ix_events_sender_id_type_name_id": "sender_id, type_name, id",
    "ix_events_sender_id_type_name_action_name_id": "sender_id, type_name, action_name, id",
}
_SESSION = text(
    "SELECT max(id) FROM events WHERE sender_id = :sender AND type_name = 'session_started'"
)
_CUT = text(
    "SELECT id FROM events WHERE sender_id = :sender AND type_name = 'user' AND id >= :start "
    "ORDER BY id DESC LIMIT 1 OFFSET :kept"
)
_RECENT = text("SELECT data FROM events WHERE sender_id = :sender AND id >= :first ORDER BY id")
# Rasa writes a slot's name into `action_name`.
_SLOTS = text(
    "SELECT data FROM events WHERE id IN (SELECT max(id) FROM events WHERE sender_id = :sender "
    "AND type_name = 'slot' AND id >= :start AND id < :first GROUP BY action_name) ORDER BY id"
)


class ConversationStore(SQLTrackerStore):
    """Stores trackers where the records are (`DATABASE_URL`).

    A tracker that comes from here knows how many of its events are stored (`stored_events`), the
    summary's among them; saving appends those after.
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
        self._records = Records(url)
        super().__init__(domain, host=url, event_broker=event_broker, **kwargs)
        self._create_indexes()
        # In threads: a database that hangs must not keep everybody else from their replies.
        self._beside = Archive("trackers", self._records, PATIENCE)

    @timed("tracker_load", part="store")
    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the newest part of the latest session, after a summary of the rest of it.

        Raises:
            StorageError: the database did not answer in time.
        """
        return await self._beside.ask(self._read, sender_id)

    def _read(self, sender_id: str) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            asked = {"sender": sender_id, "kept": KEPT_TURNS - 1}
            start = session.execute(_SESSION, asked).scalar() or 0
            cut = session.execute(_CUT, {**asked, "start": start}).scalar()
            asked |= {"start": start, "first": cut or start}
            recent = _events(session.execute(_RECENT, asked))
            if cut and recent:
                slots = _events(session.execute(_SLOTS, asked))
                recent = [*_summary(slots, recent[0]["timestamp"]), *recent]
        if not self.domain or not recent:
            return None
        return _marked(DialogueStateTracker.from_dict(sender_id, recent, self.domain.slots))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return a conversation with all its sessions, whole."""
        tracker = await super().retrieve_full_tracker(conversation_id)
        return None if tracker is None else _marked(tracker)

    @timed("tracker_save", part="store")
    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the tracker, or delete everything of its sender if the turn asked for that.

        Raises:
            StorageError: the database did not answer in time.
        """
        if tracker.get_slot(ERASURE_SLOT):
            await self._beside.ask(self._records.finish_erasure, tracker.sender_id)
        else:
            await self.stream_events(tracker)
            await self._beside.ask(self._append, tracker.sender_id, _new(tracker))
            _marked(tracker)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Send the events that are not stored yet to the event broker, if there is one."""
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, _new(tracker), tracker.sender_id)

    def _append(self, sender_id: str, events: list[Event]) -> None:
        """Store events; Rasa would count the session's rows, and skip as many."""
        with self.session_scope() as session:
            session.add_all(self._row(sender_id, event.as_dict()) for event in events)
            session.commit()

    def _row(self, sender_id: str, event: dict[str, Any]) -> Any:
        intent = (event.get("parse_data") or {}).get("intent") or {}
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=event["event"],
            timestamp=event.get("timestamp"),
            intent_name=intent.get("name"),
            action_name=event.get("name"),
            data=json.dumps(event),
        )

    def _create_indexes(self) -> None:
        try:
            with self.engine.begin() as connection:
                for name, columns in _INDEXES.items():
                    statement = f"CREATE INDEX IF NOT EXISTS {name} ON events ({columns})"
                    connection.execute(text(statement))
        except SQLAlchemyError as error:
            # Turns are slower without; another server may be creating them at this moment.
            logger.warning("Indexes could not be created (%s)", type(error).__name__)


def _events(rows: Any) -> list[dict[str, Any]]:
    return [json.loads(data) for (data,) in rows]


def _summary(slots: list[dict[str, Any]], moment: float) -> list[dict[str, Any]]:
    """Return what stands for the events left out: a session's start with these slots."""
    begun = {"event": "session_started", "timestamp": moment}
    listens = {"event": "action", "name": "action_listen", "timestamp": moment}
    return [begun, *(slot for slot in slots if slot.get("value") is not None), listens]


def _marked(tracker: DialogueStateTracker) -> DialogueStateTracker:
    tracker.stored_events = len(tracker.events)
    return tracker


def _new(tracker: DialogueStateTracker) -> list[Event]:
    """Return the events that are not stored; all, of a tracker that does not come from here."""
    return list(tracker.events)[getattr(tracker, "stored_events", 0) :]
