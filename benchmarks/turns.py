"""Measures what a turn costs as a conversation gets longer, with our tracker store beside Rasa's.

Holds one long conversation with the real model, rules and actions in this process, then gives
copies of its first part to each store and measures the processor time of the next turn. Prints the
cost by length, and how many times the second turn each costs; fails if ours grows by more than the
goal allows.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from bot.settings import ROOT, Settings
from bot.training import model_path

LENGTHS = (2, 50, 200, 400)
GOAL_RATIO = 1.5
TEXTS = ("what is long covid", "does ketamine help with pain?", "is it proven", "thanks")
OURS, STOCK, MEMORY = "ours", "Rasa's SQL store", "Rasa's in-memory store"

Costs = dict[str, dict[int, float]]


class Bench:
    """The bot in this process, whose tracker store can be exchanged."""

    def __init__(self, agent: Any) -> None:
        self.agent = agent
        self.stores: dict[str, Any] = {}

    @classmethod
    async def start(cls, settings: Settings) -> Bench:
        """Load the model and open the stores, all on one database."""
        from rasa.core.agent import load_agent
        from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
        from rasa.core.utils import AvailableEndpoints
        from rasa.utils.endpoints import EndpointConfig
        from rasa_sdk.executor import ActionExecutor

        from bot.quick_actions import QuickProcessor
        from bot.tracker_store import ConversationStore

        class InProcess(EndpointConfig):
            async def request(self, *_: Any, json: Any = None, **__: Any) -> Any:
                return await executor.run(json)

        executor = ActionExecutor()
        executor.register_package("actions")
        endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
        endpoints.tracker_store = endpoints.lock_store = None
        bench = cls(await load_agent(str(model_path()), endpoints=endpoints))
        bench.agent.processor = QuickProcessor.of(bench.agent.processor)
        bench.agent.processor.action_endpoint = InProcess("http://here", selective_domain=True)
        domain = bench.agent.domain
        bench.stores = {
            OURS: ConversationStore(domain),
            STOCK: SQLTrackerStore(domain, host=settings.records_url),
            MEMORY: InMemoryTrackerStore(domain),
        }
        return bench

    async def turn(self, kind: str, sender: str, number: int) -> float:
        """Take a turn with one of the stores; return its processor time in milliseconds."""
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        self.agent.processor.tracker_store = self.stores[kind]
        text = TEXTS[number % len(TEXTS)]
        message = UserMessage(text, CollectingOutputChannel(), sender, input_channel="rest")
        began = time.process_time()
        await self.agent.handle_message(message)
        return (time.process_time() - began) * 1000

    async def copy(self, kind: str, sender: str, target: str, turns: int) -> None:
        """Give a store a conversation of the first turns of another."""
        from rasa.shared.core.events import UserUttered
        from rasa.shared.core.trackers import DialogueStateTracker

        whole = await self.stores[OURS].retrieve_full_tracker(sender)
        events = list(whole.events)
        begins = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
        part = events[: begins[turns]] if turns < len(begins) else events
        slots = self.agent.domain.slots
        await self.stores[kind].save(DialogueStateTracker.from_events(target, part, slots))


async def measure(lengths: Sequence[int], repeats: int) -> Costs:
    """Return milliseconds of processor time by store and number of the turn: the medians."""
    bench = await Bench.start(Settings.from_env())
    for number in range(1, max(lengths)):
        await bench.turn(OURS, "long", number)
    found: Costs = {kind: {} for kind in bench.stores}
    for length in lengths:
        times: dict[str, list[float]] = {kind: [] for kind in bench.stores}
        for repeat in range(repeats):
            for kind, taken in times.items():
                sender = f"{kind} {length} {repeat}"
                await bench.copy(kind, "long", sender, length - 1)
                # The same message at every length, so that only the length differs.
                taken.append(await bench.turn(kind, sender, 1))
        for kind, taken in times.items():
            found[kind][length] = median(taken)
    return found


def table(costs: Costs) -> str:
    """Return the costs as a Markdown table, with ratios to the shortest conversation."""
    lengths = list(next(iter(costs.values())))
    lines = ["| turn | " + " | ".join(costs) + " |", "|---" * (len(costs) + 1) + "|"]
    for length in lengths:
        cells = (
            f"{by[length]:.1f} ms, {by[length] / by[lengths[0]]:.2f}x" for by in costs.values()
        )
        lines.append(f"| {length} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def growth(costs: Costs) -> float:
    """Return how many times the shortest conversation's turn our longest costs."""
    taken = list(costs[OURS].values())
    return taken[-1] / taken[0]


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9, help="turns measured at each length")
    parser.add_argument("--longest", type=int, default=LENGTHS[-1], help="leave longer ones out")
    return parser.parse_args(arguments)


def main() -> int:
    """Measure, print the table, and return 1 if ours grows by more than the goal allows."""
    given = options()
    if not model_path().is_file():
        print(f"error: there is no model at {model_path()}; run `make train`.", file=sys.stderr)
        return 1
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    from bot.lean import keep_tensorflow_out

    keep_tensorflow_out()
    import logging

    from rasa.utils.log_utils import configure_structlog

    from bot.records import upgrade

    configure_structlog(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, DATABASE_URL="", NOTIFY_URLS="", REDIS_URL="")
        upgrade(Settings.from_env().records_url)
        lengths = [length for length in LENGTHS if length <= given.longest]
        costs = asyncio.run(measure(lengths, given.repeats))
    print("Processor time of a turn, and how many times that of the second turn.\n")
    print(table(costs))
    return 0 if growth(costs) <= GOAL_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
