"""Makes inputs from a seed: the same seed makes the same inputs."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.fuzz import entries, sockets
from benchmarks.fuzz.case import Case
from benchmarks.fuzz.values import Strategy

# Of each thousand inputs; those named turns are answered by the whole bot, the others refused.
SHARES: dict[Callable[[], Strategy[Case]], int] = {
    entries.rest: 160,
    entries.rest_turns: 40,
    entries.website: 160,
    entries.website_turns: 15,
    entries.telegram: 150,
    entries.telegram_turns: 10,
    entries.files: 130,
    entries.broken: 60,
    entries.actions: 95,
    sockets.sockets: 120,
    sockets.socket_turns: 10,
    sockets.polls: 50,
}


def batch(number: int, size: int) -> list[Case]:
    """Return about `size` inputs, in an order without order; each seed has its own."""
    found: list[Case] = []
    for index, (strategy, share) in enumerate(SHARES.items()):
        found += _drawn(strategy(), max(1, size * share // 1000), number * len(SHARES) + index)
    random.Random(number).shuffle(found)
    return found


def _drawn(strategy: Strategy[Case], count: int, number: int) -> list[Case]:
    found: list[Case] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(case: Case) -> None:
        found.append(case)

    gather()
    return found[:count]
