"""The two pipelines that are compared: ours, and the one that Rasa gives who chooses none."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

Config = dict[str, Any]
# Components that are trained in passes over the examples.
_IN_EPOCHS = ("DIETClassifier", "ResponseSelector", "SentenceFeaturizer")


def ours(path: Path = ROOT / "config.yml") -> Config:
    """Return our configuration, without its policies."""
    return _understanding(path.read_text(encoding="utf-8"))


def stock() -> Config:
    """Return the default configuration of the installed Rasa (DIET), without its policies."""
    default = files("rasa") / "engine" / "recipes" / "config_files" / "default_config.yml"
    return _understanding(default.read_text(encoding="utf-8"))


def shortened(config: Mapping[str, Any], epochs: int) -> Config:
    """Return a configuration with so many epochs of training, to try out the measurement."""
    pipeline = [
        {**part, "epochs": epochs} if part["name"].endswith(_IN_EPOCHS) else part
        for part in config["pipeline"]
    ]
    return {**config, "pipeline": pipeline}


def _understanding(text: str) -> Config:
    known = yaml.safe_load(text)
    return {
        "recipe": known["recipe"],
        "assistant_id": "benchmark",
        "language": known["language"],
        "pipeline": known["pipeline"],
    }
