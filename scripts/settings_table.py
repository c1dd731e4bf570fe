"""Prints docs/settings.md: `python scripts/settings_table.py > docs/settings.md`."""

from __future__ import annotations

import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

# Run as a script, Python looks for modules in scripts/ only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.settings import Settings

INTRODUCTION = """\
# Settings
Every setting is an environment variable with a safe default: `PORT=8080 make run`. A value that \
cannot be used stops the start with a message that names the variable.

This file is made by `python scripts/settings_table.py > docs/settings.md`; change the texts in \
`bot/settings.py`.

| Variable | Kind | Default | What it does |
|---|---|---|---|"""
KINDS = {int: "whole number", float: "number", str: "text", bool: "yes or no"}


def row(setting: Field[Any]) -> str:
    """Return a setting's line of the table."""
    default = f"`{setting.default}`" if setting.default != "" else "empty"
    kind = KINDS[type(setting.default)]
    text = setting.metadata["doc"].replace("|", "\\|")
    return f"| `{setting.name.upper()}` | {kind} | {default} | {text} |"


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *(row(setting) for setting in fields(Settings))]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
