"""Which model is measured, and which it is compared with."""

from __future__ import annotations

from benchmarks.readings import Model
from bot.training import train


def current() -> Model:
    """Return the model of the current files, trained now if there is none.

    Raises:
        TrainingError: it could not be trained.
    """
    return Model(train())
