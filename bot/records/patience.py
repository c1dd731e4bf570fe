"""Asking the database without waiting for it for long: so often, so long, and then not at all."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .errors import RecordsError, StorageError

Result = TypeVar("Result")

# Seconds that one request may take, with all its attempts; a turn makes three or four.
PATIENCE = 1.5
# Seconds between attempts. Whoever finds the database failing again makes one attempt only.
PAUSES = (0.05, 0.15)
# After a request that got no answer at all, nobody waits for so many seconds.
HUNG_SECONDS = 5.0


@dataclass
class Attempt:
    """One attempt at a request: whether an earlier one may have come through unheard, and whether
    nobody waits for this one any more."""

    again: bool = False
    given_up: threading.Event = field(default_factory=threading.Event)


class Patience:
    """Asks a database that may fail for a moment, for long, or not answer at all.

    Args:
        seconds: that a request may take.
        clock: seconds that only go up.
    """

    def __init__(
        self, seconds: float = PATIENCE, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._failing = False
        self._hung_until = float("-inf")

    @property
    def failing(self) -> bool:
        """Whether the latest request failed."""
        return self._failing

    def ask(self, request: Callable[[Attempt], Result]) -> Result:
        """Return what a request returns; it runs in a thread, which is left behind if it hangs.

        Raises:
            StorageError: it failed at each attempt, or did not end in time.
            RecordsError: it failed otherwise, and is not tried again.
        """
        if self._clock() < self._hung_until:
            raise StorageError("the database did not answer a moment ago")
        asked = _Asked(request, () if self._failing else PAUSES)
        # A daemon, so that a request that hangs does not hold up the end of the process.
        threading.Thread(target=asked.run, daemon=True).start()
        if not asked.done.wait(self._seconds):
            asked.given_up.set()
            self._hung_until = self._clock() + HUNG_SECONDS
            self._failing = True
            raise StorageError("the database does not answer in time")
        self._failing = isinstance(asked.error, StorageError)
        if asked.error is not None:
            raise asked.error
        return asked.results[0]


class _Asked(Generic[Result]):
    def __init__(self, request: Callable[[Attempt], Result], pauses: tuple[float, ...]) -> None:
        self._request, self._pauses = request, pauses
        self.done, self.given_up = threading.Event(), threading.Event()
        self.results: list[Result] = []
        self.error: Exception | None = None

    def run(self) -> None:
        for number, pause in enumerate((0.0, *self._pauses)):
            if self.given_up.wait(pause):
                break
            try:
                self.results.append(self._request(Attempt(number > 0, self.given_up)))
                self.error = None
                break
            except StorageError as failure:
                self.error = failure
            except RecordsError as failure:
                self.error = failure
                break
            except Exception as failure:
                self.error = StorageError(f"a request failed ({type(failure).__name__})")
                break
        self.done.set()
