"""Trains one pipeline from scratch: a child process of `benchmarks.understanding`.

`python -m benchmarks.trainee CONFIG DATA FOLDER` leaves FOLDER/model.tar.gz.
"""

from __future__ import annotations

import sys
from pathlib import Path

MODEL_NAME = "model"


def main(config: str, data: str, folder: str) -> int:
    """Train and return the exit code: 1 if no model came of it."""
    from rasa.model_training import train_nlu

    if "bot.nlu" in Path(config).read_text(encoding="utf-8"):
        from bot.nlu import featurizer

        # What an interrupted training left would shorten this one, and this one would disturb it.
        featurizer.CHECKPOINT = Path(folder) / "checkpoint.npz"
    made = train_nlu(config, data, folder, fixed_model_name=MODEL_NAME)
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
