"""Some inputs of every kind against the real bot: no 5xx, no hang, no leak, and it goes on."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks.fuzz.__main__ import fuzzed, report

INPUTS = 1000
# Always the same ones, so that a failure is the change's; longer runs take others.
SEED = 20


@pytest.mark.model
async def test_every_entry_takes_whatever_comes(tmp_path: Path) -> None:
    options = argparse.Namespace(inputs=INPUTS, seed=SEED, replay=None)

    figures = await fuzzed(options, tmp_path)

    assert not figures.findings, report(figures)
    assert sum(figures.sent.values()) == INPUTS
    assert {200, 400, 401, 403, 404} <= set(figures.statuses)
