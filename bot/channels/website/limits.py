"""How much one visitor may ask for: token buckets, in the memory of each process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bot import metrics
from bot.channels.website.refusals import Refusal
from bot.settings import Settings

# What one address may do, in times of one session: a family or a ward shares an address.
SHARE = 5
# Buckets kept; a forgotten one is a full one, so only idle ones are worth forgetting.
MOST_BUCKETS = 20_000


class Buckets:
    """Token buckets by key: `burst` at once, then `per_second`.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(
        self, burst: float, per_second: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._rate = per_second
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one and return 0, or return after how many seconds there will be one."""
        now = self._clock()
        level, since = self._levels.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        return 0.0 if allowed else (1 - level) / self._rate


class Limits:
    """The limits of the channel; each check counts as one use.

    Args:
        settings: burst of messages, and new sessions a minute.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        burst, sessions = settings.message_burst, settings.sessions_per_minute
        self._sessions = Buckets(burst, 1, clock=clock)
        self._addresses = Buckets(SHARE * burst, SHARE, clock=clock)
        self._calls = Buckets(SHARE * SHARE * burst, SHARE * SHARE, clock=clock)
        self._new = Buckets(sessions, sessions / 60, clock=clock)

    def call(self, address: str) -> None:
        """Count a connection or a request.

        Raises:
            Refusal: `rate_limited`.
        """
        _check(
            self._calls.wait(address),
            "connections",
            "There are too many connections from your network.",
        )

    def new_session(self, address: str) -> None:
        """Count a new session.

        Raises:
            Refusal: `rate_limited`.
        """
        _check(
            self._new.wait(address),
            "new_sessions",
            "Too many conversations were started from your network.",
        )

    def message(self, sender: str, address: str) -> None:
        """Count a message.

        Raises:
            Refusal: `rate_limited`.
        """
        _check(self._sessions.wait(sender), "sender", "That was a lot of messages at once.")
        _check(
            self._addresses.wait(address), "address", "There are many messages from your network."
        )


def _check(wait: float, limit: str, why: str) -> None:
    if wait:
        metrics.rate_limited(limit)
        raise Refusal("rate_limited", f"{why} Please wait a moment and try again.", wait)
