"""Rasa's lock store: one turn of a conversation at a time, also over several servers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.locks import LockFailed, SharedLocks
from bot.settings import Settings

logger = logging.getLogger(__name__)


class ConversationLocks(LockStore):
    """Locks conversations in Redis (`REDIS_URL`), or in this process's memory where there is none.

    Rasa's own Redis store reads, changes and writes back, so that several servers get one lock; a
    lock of a server that died stays for a minute; and it holds up the event loop while it asks.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        settings = Settings.from_env()
        self._local = InMemoryLockStore()
        self._shared = (
            SharedLocks(settings.redis_url, settings.lock_seconds, settings.turn_deadline)
            if settings.redis_url
            else None
        )

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncIterator[TicketLock]:
        """Hold a conversation's lock for the length of a block.

        In Redis, lifetime and waiting follow ACTION_TIMEOUT and TURN_DEADLINE in place of the
        arguments: Rasa never gives any.

        Raises:
            LockError: the lock was not got in time, was lost, or Redis is down. The guard then
                sends the safe reply.
        """
        if self._shared is None:
            args = (conversation_id, lock_lifetime, wait_time_in_seconds)
            async with self._local.lock(*args) as lock:
                yield lock
            return
        try:
            async with self._shared.hold(conversation_id):
                yield TicketLock(conversation_id)
        except LockFailed as error:
            logger.error("A turn could not have its conversation to itself: %s", error)
            raise LockError(f"No lock: {error}.") from None
