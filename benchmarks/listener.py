"""Reads conversations with a model, as a child process of `benchmarks.readings`.

It is handed to Python as text, `python -c … MODEL CONVERSATIONS READINGS`, in the folder of the
code that belongs to the model: of ours it imports nothing but what any version has. In: a JSON list
of conversations, each a list of texts. Out: JSON, for each turn what was understood and how surely.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

# Enough for any threshold, and a tenth of the file that everything would make.
DIGITS, FEWEST, LEAST = 6, 8, 0.0005


class Processor(Protocol):
    """The part of Rasa's MessageProcessor that reads a message in the light of a tracker."""

    async def parse_message(
        self, message: Any, tracker: Any = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """Return what was understood, with all that the pipeline noted if not only the output."""
        ...


def keep_lean() -> None:
    """Keep TensorFlow out where the code knows how to, and warnings off the terminal."""
    try:
        from bot.lean import hush, keep_tensorflow_out
    except ImportError:
        return
    keep_tensorflow_out()
    hush()


def noted(parsed: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return what is kept of a turn: intent, decision, probabilities, the time it took."""
    rankings = parsed.get("piece_rankings") or [parsed.get("intent_ranking") or []]
    return {
        "text": parsed.get("text") or "",
        "intent": parsed["intent"]["name"],
        "confidence": round(float(parsed["intent"]["confidence"]), DIGITS),
        "decision": parsed.get("decision") or {},
        "shares": [_likely(ranking) for ranking in rankings],
        "detected": {
            name: round(float(share), DIGITS)
            for name, share in (parsed.get("detected") or {}).items()
        },
        "pieces": list(parsed.get("pieces") or []),
        "seconds": seconds,
    }


def _likely(ranking: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the first few intents, and all others that are not negligible."""
    return {
        row["name"]: round(float(row["confidence"]), DIGITS)
        for place, row in enumerate(ranking)
        if place < FEWEST or row["confidence"] >= LEAST
    }


async def hold(processor: Processor, texts: Sequence[str], name: str) -> list[dict[str, Any]]:
    """Hold one conversation, each text read with a tracker that remembers those before it."""
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    tracker, turns = DialogueStateTracker.from_events(name, []), []
    for text in texts:
        began = time.perf_counter()
        parsed = await processor.parse_message(UserMessage(text, sender_id=name), tracker, False)
        turns.append(noted({**parsed, "text": text}, time.perf_counter() - began))
        tracker.update(UserUttered(text, parsed["intent"], parsed["entities"]))
    return turns


async def listen(model: str, conversations: Sequence[Sequence[str]]) -> list[list[dict[str, Any]]]:
    """Load the model and hold every conversation."""
    import structlog
    from rasa.core.agent import Agent

    # Unconfigured, structlog prints every message at DEBUG.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    processor = Agent.load(model).processor
    # The first message pays for what is loaded late.
    await hold(processor, ["hello"], "warm-up")
    return [await hold(processor, texts, str(n)) for n, texts in enumerate(conversations)]


def main(model: str, conversations: str, readings: str) -> int:
    """Read the conversations, write the readings."""
    keep_lean()
    texts = json.loads(Path(conversations).read_text(encoding="utf-8"))
    Path(readings).write_text(json.dumps(asyncio.run(listen(model, texts))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
