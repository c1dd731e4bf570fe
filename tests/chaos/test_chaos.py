"""Fifty conversations on three channels while everything fails at random, for some seconds.

The long run is `python -m benchmarks.faults chaos --minutes 30` (docs/faults.md).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from benchmarks.faults.stand import CHAOS
from benchmarks.faults.turns import run

pytestmark = pytest.mark.model
SECONDS = 15


def missing() -> list[str]:
    """Return what the bot's surroundings lack on this machine."""
    there = {
        "PostgreSQL": bool(list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
        "Redis": bool(shutil.which("redis-server")),
        "Node": bool(shutil.which("node") and shutil.which("npm")),
    }
    return [name for name, found in there.items() if not found]


async def test_everybody_is_answered_once_whatever_fails() -> None:
    if lacking := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Chaos needs {', '.join(lacking)}.")
        pytest.skip(f"there is no {', '.join(lacking)}")

    found = await run(10**6, people=50, seed=7, faults=CHAOS, seconds=SECONDS)

    assert found.wrong == []
    assert sum(found.faults.values()) >= 2
    for channel, tally in found.tallies.items():
        assert tally.turns >= 16, channel
        assert (tally.silent, tally.incomplete, tally.doubled) == (0, 0, 0), channel
