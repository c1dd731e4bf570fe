"""Secret keys in files: made on first use, whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.drafts import drafted


def kept_key(path: Path) -> bytes:
    """Return the key in a file, 64 hexadecimal digits; make it if there is none.

    Raises:
        OSError: the folder cannot be written, or the file not read.
    """
    if not path.exists() or not path.stat().st_size:
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = drafted(path.parent, secrets.token_hex(32))
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        # The link appears whole or not at all, and only once.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
