"""Measures understanding, ours beside Rasa's default pipeline: the second part of `make bench`.

Trains both pipelines on the same examples, then has both parse every message of tests/evaluation,
each in processes of its own on one core with one thread. By default the examples are a seeded
random tenth, the same share of each intent, since Rasa's classifier (DIET) takes hours on all of
them: `SHARE=1 make bench`. Only ratios are worth quoting: the machine is shared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks import comparison, pipelines, sampling
from benchmarks.comparison import Line
from benchmarks.development import rows
from benchmarks.measures import centile
from benchmarks.processes import ONE_THREAD, PYTHON, Cost, finished, on_one_core
from benchmarks.reader import Reading
from benchmarks.results import CLARIFY, outcome_for
from benchmarks.trainee import MODEL_NAME

SHARE = "0.1"
# Rasa's cache would spare a second run its training.
_ENVIRONMENT = {
    **ONE_THREAD,
    "RASA_MAX_CACHE_SIZE": "0",
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
}


@dataclass(frozen=True)
class Understanding:
    """One pipeline: what its training cost, its archive (MB), and what it made of the messages."""

    training: Cost
    archive: float
    reading: Reading


def right(intents: Sequence[str | None], outcomes: Sequence[str]) -> float:
    """Return the share of intents (0 to 1) that have the expected outcome."""
    pairs = zip(intents, outcomes, strict=True)
    return sum(outcome_for(intent) == outcome for intent, outcome in pairs) / len(outcomes)


def measure(
    config: pipelines.Config, data: Path, texts: Sequence[str], folder: Path, *options: str
) -> Understanding:
    """Train a pipeline in `folder` and let it parse; `options` are the reader's.

    Raises:
        ChildError: training or parsing failed.
    """
    folder.mkdir()
    env = {**os.environ, **_ENVIRONMENT, "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    names = ("config.yml", "texts.json", "reading.json", f"{MODEL_NAME}.tar.gz", "log")
    settings, messages, reading, model, log = (folder / name for name in names)
    settings.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    messages.write_text(json.dumps(list(texts)), encoding="utf-8")
    trainee = [*PYTHON, "benchmarks.trainee", str(settings), str(data), str(folder)]
    reader = [*PYTHON, "benchmarks.reader", str(model), str(messages), str(reading), *options]
    with on_one_core():
        training = finished(trainee, env, log)
        finished(reader, env, log)
    found = Reading(**json.loads(reading.read_text(encoding="utf-8")))
    return Understanding(training, model.stat().st_size / 1e6, found)


def table(ours: Understanding, stock: Understanding, outcomes: Sequence[str]) -> str:
    """Return both pipelines and their ratio as a Markdown table."""
    pairs = zip(_figures(ours, outcomes), _figures(stock, outcomes), strict=True)
    lines = [Line(label, mine, theirs, form) for (label, mine, form), (_, theirs, _) in pairs]
    return comparison.table("ours", "Rasa's default", lines)


def _figures(of: Understanding, outcomes: Sequence[str]) -> list[tuple[str, float, str]]:
    reading, taken = of.reading, of.reading.milliseconds
    asked = [outcome_for(intent) for intent in reading.intents].count(CLARIFY)
    return [
        ("processor seconds of training", of.training.cpu, ".0f"),
        ("seconds of training", of.training.wall, ".0f"),
        ("model archive, MB", of.archive, ".1f"),
        ("processor seconds from start to first answer", reading.ready, ".1f"),
        ("memory, MB", reading.memory, ".0f"),
        ("milliseconds a parse, median", centile(taken, 0.5), ".1f"),
        ("milliseconds a parse, 99th centile", centile(taken, 0.99), ".1f"),
        ("parses a processor second", len(taken) / reading.cpu, ".0f"),
        ("outcome right", right(reading.intents, outcomes), ".1%"),
        ("asked back, which is never right here", asked / len(outcomes), ".1%"),
        ("outcome right, had it never asked back", right(reading.likeliest, outcomes), ".1%"),
    ]


def share_of(text: str) -> float:
    """Return a share of the examples.

    Raises:
        argparse.ArgumentTypeError: it is no number above 0 and up to 1.
    """
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("a share is a number above 0 and at most 1")
    return share


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of a run; without --share, that of the environment, or a tenth."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding")
    given = os.environ.get("SHARE") or SHARE
    parser.add_argument("--share", type=share_of, default=given, help="share of the examples")
    parser.add_argument("--epochs", type=int, help="train so briefly, to try out the measurement")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both pipelines and print the table."""
    chosen = options(arguments)
    found = sampling.examples()
    examples = sampling.sample(found, chosen.share)
    messages: list[dict[str, Any]] = rows()
    texts = [row["text"] for row in messages]
    configs = [pipelines.ours(), pipelines.stock()]
    if chosen.epochs:
        configs = [pipelines.shortened(config, chosen.epochs) for config in configs]
    print(
        f"\nUnderstanding: trained on {len(examples):,} of {len(found):,} examples "
        f"(share {chosen.share:g}, seed {sampling.SEED}), {len(texts):,} messages parsed, "
        "one core, one thread.\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "nlu.yml"
        sampling.write(examples, data)
        ours = measure(configs[0], data, texts, Path(folder) / "ours", "--lean")
        stock = measure(configs[1], data, texts, Path(folder) / "stock")
    print(table(ours, stock, [row["outcome"] for row in messages]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
