"""What the tests' other processes do; a module of its own, since they import it."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta, timezone
from multiprocessing import get_context
from typing import Any

from bot.records import Outbox, Records


def open_at(url: str) -> str:
    """Tell of one and the same message."""
    return Records(url, notify=True).open_escalation(
        outcome="crisis", channel="web", conversation="c", message_key="same", text="text"
    )


def claim_at(url: str) -> str | None:
    """Claim one notification."""
    claimed = Records(url).claim_notification(
        now=datetime(2026, 3, 1, 12, 1, tzinfo=timezone.utc),
        lease=timedelta(minutes=2),
        max_attempts=5,
    )
    return claimed and claimed.reference


def deliver_at(url: str, target: str) -> None:
    """Deliver what is due."""
    Outbox(Records(url), [target]).deliver_due()


def together(work: Callable[..., Any], *arguments: Iterable[Any], processes: int = 3) -> list[Any]:
    """Have processes that share nothing call a function at the same time, once an argument.

    They are forked from a process of their own that has imported what they need: once a run.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return list(pool.map(work, *arguments))
