"""How the rooms of the house count: one function for each thing that happens."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from bot.metrics import catalogue as known
from bot.metrics.labels import (
    CHANNELS,
    DELIVERIES,
    FAULTS,
    LIMITS,
    OUTCOMES,
    PARTS,
    PUBLISHED,
    RECORDED,
    SPOOLED,
    bounded,
)

Result = TypeVar("Result")


@dataclass
class Turn:
    """A turn that runs: what its end will be counted as."""

    channel: str
    began: float
    outcome: str | None = None
    fault: str | None = None

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began


_CURRENT: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def turn(channel: str | None) -> Iterator[Turn]:
    """Count the turn that runs in the block; whoever runs it sets its outcome.

    One that is cancelled (the server stops, or whoever asked is gone) counts as nothing.
    """
    label = bounded(channel, CHANNELS)
    running = Turn(label, time.perf_counter())
    token = _CURRENT.set(running)
    known.TURNS_RUNNING.labels(label).inc()
    try:
        yield running
    except Exception:
        known.UNANSWERED.labels(label).inc()
        raise
    else:
        known.TURNS.labels(label, bounded(running.outcome, OUTCOMES)).inc()
        known.TURN_SECONDS.labels(label).observe(running.seconds)
    finally:
        known.TURNS_RUNNING.labels(label).dec()
        _CURRENT.reset(token)


def fault(reason: str) -> None:
    """Count a safe reply, and note what had failed on the turn that runs."""
    known.SAFE_REPLIES.labels(bounded(reason, FAULTS)).inc()
    running = _CURRENT.get()
    if running is not None:
        running.fault = reason


def lock_held() -> None:
    """Count the time that the turn which runs has waited for its conversation's lock, until now."""
    running = _CURRENT.get()
    if running is not None:
        known.STAGE["lock_wait"].observe(running.seconds)


@contextmanager
def step(stage: str, part: str | None = None) -> Iterator[None]:
    """Time a stage of a turn; of a part of the system, also show whether it failed."""
    began = time.perf_counter()
    try:
        yield
    except Exception:
        if part is not None:
            degraded(part, True)
        raise
    else:
        if part is not None:
            degraded(part, False)
    finally:
        known.STAGE[stage].observe(time.perf_counter() - began)


def timed(
    stage: str, part: str | None = None
) -> Callable[[Callable[..., Awaitable[Result]]], Callable[..., Awaitable[Result]]]:
    """Return a decorator that runs a coroutine function as a `step`."""

    def decorate(function: Callable[..., Awaitable[Result]]) -> Callable[..., Awaitable[Result]]:
        @wraps(function)
        async def run(*args: Any, **named: Any) -> Result:
            with step(stage, part):
                return await function(*args, **named)

        return run

    return decorate


def degraded(part: str, failed: bool) -> None:
    """Show whether a part (`store`, `actions`, `model`) failed when it was last used."""
    known.DEGRADED.labels(bounded(part, PARTS)).set(failed)


def spooled(waiting: Mapping[str, int]) -> None:
    """Show how many conversations, escalations and erasures wait for the database."""
    for kind, count in waiting.items():
        known.SPOOL_WAITING.labels(bounded(kind, SPOOLED)).set(count)


def rate_limited(limit: str) -> None:
    """Count a request that was refused, by the limit that it met."""
    known.RATE_LIMITED.labels(bounded(limit, LIMITS)).inc()


def sockets(count: Callable[[], int]) -> None:
    """Show what `count` returns as the number of open connections."""
    known.SOCKETS_OPEN.set_function(count)


def model_served(name: str, sha256: str) -> None:
    """Show the model's file name and SHA-256."""
    known.MODEL.info({"name": name, "sha256": sha256})


def escalation(outcome: str, result: str) -> None:
    """Count an escalation: `opened`, `repeated` or `failed`."""
    known.ESCALATIONS.labels(bounded(outcome, OUTCOMES), bounded(result, RECORDED)).inc()


@contextmanager
def action_run(name: str) -> Iterator[None]:
    """Time an action in the action server."""
    with known.ACTION_SECONDS.labels(name).time():
        yield


def action_failed() -> None:
    """Count a request to the action server that failed."""
    known.ACTION_FAULTS.inc()


def notification(result: str) -> None:
    """Count an attempt to deliver: `sent`, `retried` or `failed`."""
    known.NOTIFICATIONS.labels(bounded(result, DELIVERIES)).inc()


def analytics(result: str) -> None:
    """Count a message about a turn: `sent` or `dropped`."""
    known.ANALYTICS.labels(bounded(result, PUBLISHED)).inc()


def duty(name: str, failed: bool) -> None:
    """Show whether one of the worker's duties failed."""
    known.DUTY_FAILING.labels(name).set(failed)


def worker_round() -> None:
    """Show that the worker has ended a round now."""
    known.WORKER_ROUND.set_to_current_time()
