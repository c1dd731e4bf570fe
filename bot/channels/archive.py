"""The records as a channel asks them: off the event loop, and never waited for too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.records import Records, Unanswered

# A person in need must not wait for a database that does not answer.
PATIENCE = 3.0
# One that takes a writer at a time is more likely busy: it tells by itself when a lock cannot be
# had (`bot.records.database`), and to answer from memory meanwhile would only add to the rush.
BUSY_PATIENCE = 15.0
# Of one that has just failed to answer in time, until it answers again.
HUNG_PATIENCE = 0.3
# So many times that, for one call while others are answered: it may only be behind them.
MOST_PATIENCE = 4
# Of its own, so that a database that hangs does not hold up other work that needs threads.
THREADS = 8
Found = TypeVar("Found")


class Archive:
    """Calls methods of the records in threads.

    Args:
        name: of the channel, for its threads.
        records: the database; `archive.records.<method>` is what `ask` takes.
        patience: seconds without any answer after which a call counts as failed, though it may
            yet succeed; by default, as the database needs. In a rush calls wait for each other;
            that is not the database's fault.
    """

    def __init__(self, name: str, records: Records, patience: float | None = None) -> None:
        self.records = records
        usual = BUSY_PATIENCE if records.single_writer else PATIENCE
        self._patience = usual if patience is None else patience
        # Where writers wait for each other anyway, a queue lets each of them in, in its turn.
        threads = 1 if records.single_writer else THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"{name}-records")
        self._answered_at = 0.0
        self._hung_at = 0.0

    async def ask(self, method: Callable[..., Found], *args: Any, **named: Any) -> Found:
        """Return what the method returns.

        Raises:
            StorageError: the database failed.
            Unanswered: it did not answer in time.
            RecordsError: what else the method raises.
        """
        begun: list[float] = []
        asked = time.monotonic()

        def work() -> Found:
            begun.append(time.monotonic())
            try:
                return method(*args, **named)
            finally:
                self._answered_at = time.monotonic()

        call = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            while (left := self._until(asked, begun) - time.monotonic()) > 0:
                done, _ = await asyncio.wait({call}, timeout=left)
                if done:
                    return call.result()
        finally:
            call.cancel()
        self._hung_at = time.monotonic()
        raise Unanswered("the records database did not answer in time")

    def _until(self, asked: float, begun: list[float]) -> float:
        """Return until when a call is waited for."""
        if self._hung_at > self._answered_at:
            return asked + min(HUNG_PATIENCE, self._patience)
        until = max(asked, self._answered_at) + self._patience
        return min([until, *(at + MOST_PATIENCE * self._patience for at in begun)])

    def close(self) -> None:
        """Let the threads end and close the connections."""
        self._threads.shutdown(wait=False)
        self.records.close()
