"""Loads a model and parses messages one by one: a child process of `benchmarks.understanding`.

`python -m benchmarks.reader MODEL TEXTS READING [--lean]` reads a JSON list of texts and writes a
`Reading` as JSON; `--lean` keeps TensorFlow out, as our server does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.reply.outcomes import FALLBACK_INTENT

WARM_UP = "what is long covid"


@dataclass(frozen=True)
class Reading:
    """What a model made of messages, and at what cost.

    `ready`: processor seconds from the start of the process to its first answer; `memory`:
    resident megabytes at the end; `cpu`: processor seconds of all parses; `milliseconds`: time of
    each; `intents`: what each was taken for; `likeliest`: the same, had the model never asked back.
    """

    ready: float
    memory: float
    cpu: float
    milliseconds: list[float]
    intents: list[str | None]
    likeliest: list[str | None]


async def read(model: str, texts: list[str]) -> Reading:
    """Load the model and parse the texts."""
    import psutil
    import structlog
    from rasa.core.agent import Agent

    # Unconfigured, structlog prints every message at DEBUG.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    agent = Agent.load(model)
    await agent.parse_message(WARM_UP)
    ready = time.process_time()
    milliseconds, parses = [], []
    for text in texts:
        began = time.perf_counter()
        parsed = await agent.parse_message(text)
        milliseconds.append((time.perf_counter() - began) * 1000)
        parses.append(parsed)
    used = time.process_time() - ready
    return Reading(
        ready=ready,
        memory=psutil.Process().memory_info().rss / 1e6,
        cpu=used,
        milliseconds=milliseconds,
        intents=[parsed["intent"]["name"] for parsed in parses],
        likeliest=[likeliest(parsed) for parsed in parses],
    )


def likeliest(parsed: Mapping[str, Any]) -> str | None:
    """Return a message's intent or, where the model asks back, the one it ranks first."""
    ranked = (parsed["intent"], *parsed["intent_ranking"])
    return next((row["name"] for row in ranked if row["name"] != FALLBACK_INTENT), None)


def main(model: str, texts: str, reading: str, *options: str) -> int:
    """Read the texts, write the reading."""
    if "--lean" in options:
        from bot.lean import keep_tensorflow_out

        keep_tensorflow_out()
    found = asyncio.run(read(model, json.loads(Path(texts).read_text(encoding="utf-8"))))
    Path(reading).write_text(json.dumps(asdict(found)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
