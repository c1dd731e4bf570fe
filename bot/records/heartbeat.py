"""The worker's sign of life where it may run on another machine than who asks for it: in Redis."""

from __future__ import annotations

import errno
from typing import Any

KEY = "guide:worker"
# Kept for as long as the worker counts as up without a new one.
SECONDS = 120
_PATIENCE = 1.0


class SharedHeartbeat:
    """A key in Redis that is gone when the worker has not touched it for two minutes.

    Args:
        url: of the Redis.
    """

    def __init__(self, url: str) -> None:
        # Imported here: most of who imports the records never asks a Redis.
        from redis import Redis

        options = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
        self._redis: Any = Redis.from_url(url, **options)

    def touch(self) -> None:
        """Say that the worker lives.

        Raises:
            OSError: Redis does not answer.
        """
        self._ask("set", KEY, "alive", ex=SECONDS)

    def beats(self) -> bool:
        """Tell whether the worker lives.

        Raises:
            OSError: Redis does not answer.
        """
        return bool(self._ask("exists", KEY))

    def _ask(self, command: str, *args: Any, **named: Any) -> Any:
        from redis.exceptions import RedisError

        try:
            return getattr(self._redis, command)(*args, **named)
        except RedisError:
            # Not in its own words: they may hold the address, and with it a password.
            raise OSError(errno.EIO, "Redis does not answer") from None


class Heartbeats:
    """Several signs of life, given as one.

    Args:
        beats: each has a `touch` that may raise an OSError.
    """

    def __init__(self, *beats: Any) -> None:
        self._beats = beats

    def touch(self) -> None:
        """Touch each of them, also after one that fails.

        Raises:
            OSError: one of them failed.
        """
        failures = []
        for beat in self._beats:
            try:
                beat.touch()
            except OSError as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
