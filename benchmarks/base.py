"""The model that the current one is compared with: `make evaluate BASE=<git ref or model file>`.

A git ref is checked out into a temporary folder outside the tree; its model is looked for in
models/ under the name that its own code gives it, and trained there if it is missing. A model file
is read by the current code, or by the code of the commit that it was trained at, if that differs.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.readings import Model
from bot import training
from bot.settings import ROOT

# How far back the commit of a model file is looked for, among those that changed a model.
_COMMITS = 60
_SHAPES_A_MODEL = ("config.yml", "bot/domain", "data", "bot/nlu", "bot/reply/outcomes.py")
_OWN_NAME = "from bot.training import model_path; print(model_path().name)"

Tell = Callable[[str], object]


class BaseError(ValueError):
    """There is nothing to compare with under that name, or its model cannot be had."""


@contextmanager
def base(name: str, tell: Tell = print) -> Iterator[Model]:
    """Give the base's model for as long as the block lasts.

    Raises:
        BaseError: the name is neither a file nor a git ref, or its model could not be trained.
    """
    with tempfile.TemporaryDirectory(prefix="base-") as folder:
        path = Path(name)
        if path.is_file():
            yield Model(path, _code_of(path, Path(folder), tell))
        else:
            commit = _commit(name)
            checkout(commit, Path(folder))
            yield Model(_model_of(name, Path(folder), tell), Path(folder))


def checkout(commit: str, folder: Path) -> None:
    """Write a commit's files into a folder.

    The repository itself keeps no trace of it, even if this process is killed.

    Raises:
        BaseError: git does not know the commit.
    """
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder)


def _commit(name: str) -> str:
    try:
        found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except BaseError:
        raise BaseError(f"BASE={name} is neither a model file nor a git ref.") from None
    return found.decode().strip()


def _model_of(name: str, folder: Path, tell: Tell) -> Path:
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-W", "ignore"]
    asked = subprocess.run(
        [*command, "-c", _OWN_NAME],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        raise BaseError(f"{name} does not name its models; give a model file as BASE instead.")
    model = training.MODELS / asked.stdout.strip()
    if not model.is_file():
        tell(
            f"models/ has no {model.name}, the model of {name}: it is trained now, which takes "
            "long (docs/understanding.md says how long). It is kept in models/ afterwards."
        )
        done = subprocess.run([*command, "-m", "bot.training"], cwd=folder, env=env, check=False)
        made = folder / "models" / model.name
        if done.returncode or not made.is_file():
            raise BaseError(f"The model of {name} could not be trained; see above.")
        training.MODELS.mkdir(exist_ok=True)
        shutil.move(made, model)
    return model


def _code_of(archive: Path, folder: Path, tell: Tell) -> Path:
    """Return the folder whose code reads an archive: ours, or that of its commit, checked out."""
    wanted = archive.name.removeprefix("guide-").split(".")[0]
    if wanted == training.fingerprint():
        return ROOT
    commit = _trained_at(wanted)
    if commit is None:
        tell(f"{archive.name} is of no recent commit here: it is read by the current code.")
        return ROOT
    checkout(commit, folder)
    if Model(archive, folder).key == Model(archive).key:
        return ROOT
    tell(f"{archive.name} is read by the code of commit {commit[:7]}, which it was trained with.")
    return folder


def _trained_at(fingerprint: str) -> str | None:
    commits = _git("log", f"-{_COMMITS}", "--format=%H", "--", *_SHAPES_A_MODEL).decode().split()
    for commit in commits:
        with tempfile.TemporaryDirectory(prefix="base-") as folder:
            checkout(commit, Path(folder))
            if training.fingerprint(Path(folder)) == fingerprint:
                return commit
    return None


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise BaseError(done.stderr.decode(errors="replace").strip() or "git failed")
    return done.stdout
