"""What counting and one log line cost a turn: `python -m benchmarks.metrics`.

Times all that a turn records (its stages, its end, its line as JSON) with nothing in between.
"""

from __future__ import annotations

import argparse
import logging
import os
import time

from bot import metrics
from bot.logs import JsonFormatter
from bot.metrics.labels import STAGES

FIELDS = {
    "conversation": "0123456789abcdef",
    "channel": "rest",
    "outcome": "answer",
    "topic": "pain",
    "parts": 1,
    "duration_ms": 20.5,
    "fault": None,
}


def turn(logger: logging.Logger) -> None:
    """Record a turn of one action."""
    with metrics.turn("rest") as seen:
        metrics.lock_held()
        for stage in STAGES[1:]:
            with metrics.step(stage, "store"):
                pass
        seen.outcome = "answer"
    logger.info("turn", extra={"fields": FIELDS})


def cost(turns: int) -> float:
    """Return the processor time of one turn's records, in microseconds."""
    logger = logging.getLogger("bot.turns")
    logger.propagate, logger.level = False, logging.INFO
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        handler = logging.StreamHandler(nowhere)
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        began = time.process_time()
        for _ in range(turns):
            turn(logger)
        spent = time.process_time() - began
        logger.removeHandler(handler)
    return spent / turns * 1e6


def main() -> None:
    """Print the cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description=__doc__)
    parser.add_argument("--turns", type=int, default=20_000)
    turns = parser.parse_args().turns
    cost(turns // 10)
    print(f"{cost(turns):.0f} microseconds of processor time a turn ({turns} turns)")


if __name__ == "__main__":
    main()
