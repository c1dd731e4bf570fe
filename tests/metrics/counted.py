"""Reads what was counted, as a scrape would."""

from __future__ import annotations

from bot import metrics


def value(name: str, process: str = "server", **labels: str) -> float:
    """A sample's value; 0 if it is not there yet."""
    return metrics.registry(process).get_sample_value(name, labels) or 0.0


class Counted:
    """How much a sample has grown since this was made."""

    def __init__(self, name: str, process: str = "server", **labels: str) -> None:
        self._asked = (name, process, labels)
        self._before = self._now()

    def _now(self) -> float:
        name, process, labels = self._asked
        return value(name, process, **labels)

    @property
    def grown(self) -> float:
        return self._now() - self._before
