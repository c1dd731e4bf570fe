"""Files that appear whole or not at all: written beside, under a name that nobody reads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

SUFFIX = ".draft"


def drafted(folder: Path, text: str, *, sync: bool = False) -> Path:
    """Return a new file of a folder with this text, which its owner alone may read.

    Args:
        sync: wait until it is on the disk, where a power failure does not reach it.

    Raises:
        OSError: the disk does not take it; nothing is left of it.
    """
    # mkstemp's file is private (0600).
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=SUFFIX)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if sync:
                os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
