"""Conversation store: Rasa's SQL store on the project's database, able to forget.

Rasa appends a turn's events after its actions ran, and would write a whole deleted conversation
again. So the deletion happens here, in place of the save, when a turn has asked for it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.records import Records
from bot.settings import Settings, readable_url

ERASURE_SLOT = "erasure"


class ConversationStore(SQLTrackerStore):
    """Stores trackers where the records are (`DATABASE_URL`)."""

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

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the tracker, or delete everything of its sender if the turn asked for that."""
        if tracker.get_slot(ERASURE_SLOT):
            await asyncio.to_thread(self._records.finish_erasure, tracker.sender_id)
        else:
            await super().save(tracker)
