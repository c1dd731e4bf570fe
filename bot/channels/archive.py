"""The records as a channel asks them: off the event loop, and never waited for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from bot.records import Records, StorageError

# A person in need must not wait for a database that does not answer.
PATIENCE = 3.0
# Of its own, so that a database that hangs does not hold up other work that needs threads.
THREADS = 8
Found = TypeVar("Found")


class Archive:
    """Calls methods of the records in threads.

    Args:
        name: of the channel, for its threads.
        records: the database; `archive.records.<method>` is what `ask` takes.
        patience: seconds after which a call counts as failed, though it may yet succeed.
    """

    def __init__(self, name: str, records: Records, patience: float = PATIENCE) -> None:
        self.records = records
        self._patience = patience
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"{name}-records")

    async def ask(self, method: Callable[..., Found], *args: Any, **named: Any) -> Found:
        """Return what the method returns.

        Raises:
            StorageError: the database failed, or did not answer in time.
            RecordsError: what else the method raises.
        """
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._threads, partial(method, *args, **named))
        try:
            return await asyncio.wait_for(call, self._patience)
        except asyncio.TimeoutError:
            raise StorageError("the records database did not answer in time") from None

    def close(self) -> None:
        """Let the threads end and close the connections."""
        self._threads.shutdown(wait=False)
        self.records.close()
