"""Model archives as files in memory, so that a model can be changed without training it anew."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# Contents by name, as in the archive.
Files = dict[str, bytes]


def read(archive: Path) -> Files:
    """Return the files of a model."""
    with tarfile.open(archive) as packed:
        found = {member.name: packed.extractfile(member) for member in packed if member.isfile()}
        return {name: file.read() for name, file in found.items() if file is not None}


def write(files: Files, archive: Path) -> None:
    """Write files as a model."""
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))


def core_of(root: Path) -> Files:
    """Train a project's rules alone, and return the policy's files and the domain.

    Raises:
        CalledProcessError: Rasa did not train them.
    """
    with tempfile.TemporaryDirectory() as out:
        command = [
            *(sys.executable, "-W", "ignore", "-m", "rasa", "train", "core"),
            *("--config", "config.yml", "--domain", "bot/domain", "--stories", "data"),
            *("--out", out, "--fixed-model-name", "core"),
        ]
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        files = read(Path(out) / "core.tar.gz")
    return {name: content for name, content in files.items() if "_RulePolicy" in name}
