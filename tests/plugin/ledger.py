"""What a run has seen of conversations, and what it may conclude from that."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

LEDGER: pytest.StashKey[Ledger] = pytest.StashKey()
FOLDER = "tests/conversations"


@dataclass
class Ledger:
    """Counts and transcripts of a run.

    Args:
        wanted: the run was asked for conversations, whether there are any or not.
        whole: it was asked for all of them.
        coverage: on, off or auto.
    """

    wanted: bool
    whole: bool
    coverage: str
    collected: int = 0
    selected: int = 0
    transcripts: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, config: pytest.Config) -> Ledger:
        """Open a ledger for a run's arguments."""
        folder = config.rootpath / FOLDER
        paths = [_path(config, argument) for argument in config.args]
        whole = any(path == folder or path in folder.parents for path in paths)
        inside = any(folder in path.parents for path in paths)
        narrowed = config.getoption("lf", False) or config.getoption("conversation_tags")
        plain = config.getoption("channel") == "inprocess" and not config.option.collectonly
        coverage = config.getoption("bot_coverage")
        return cls(
            wanted=(whole or inside) and not config.getoption("lf", False),
            whole=whole and plain and not narrowed,
            coverage=coverage if plain else "off",
        )

    @property
    def empty(self) -> bool:
        """Whether conversations were wanted and there was none."""
        return self.wanted and self.collected == 0

    @property
    def covers(self) -> bool:
        """Whether the run is to be measured by what of the bot it exercised."""
        all_held = len(self.transcripts) == self.selected == self.collected > 0
        return self.coverage == "on" or (self.coverage == "auto" and self.whole and all_held)


def _path(config: pytest.Config, argument: str) -> Path:
    return (config.invocation_params.dir / argument.split("::")[0]).resolve()
