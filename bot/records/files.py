"""Private files in a folder: each appears whole or not at all, whenever the process is killed."""

import errno
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.drafts import drafted

logger = logging.getLogger(__name__)

# Ends of names: of a file that is whole, and of one that is damaged.
WHOLE, DAMAGED = ".json", ".damaged"
APPEND_TRIES = 20


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; nothing if it is not there."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def whole(folder: Path) -> list[Path]:
    """Return a folder's files in order, without those that are being written."""
    return [file for file in entries(folder) if file.suffix == WHOLE]


def read(file: Path) -> dict[str, Any] | None:
    """Return what is in a file; None if it is gone. One that is damaged is set aside."""
    try:
        told = json.loads(file.read_bytes())
        if isinstance(told, dict):
            return told
    except ValueError:
        pass
    except FileNotFoundError:
        return None
    except OSError as failure:
        logger.error("A file of %s cannot be read (%s)", file.parent.name, failure.strerror)
        return None
    set_aside(file)
    return None


def set_aside(file: Path) -> None:
    """Give a damaged file a name under which nobody reads it again, and say so."""
    with suppress(OSError):
        file.rename(file.with_suffix(DAMAGED))
        logger.error("A file of %s is damaged and was set aside: %s", file.parent.name, file.stem)


def place(path: Path, told: Mapping[str, Any], *, sync: bool = True) -> None:
    """Make a file, whole.

    Args:
        sync: wait until it is on the disk, where a power failure does not reach it.

    Raises:
        FileExistsError: there is such a file.
        OSError: the disk does not take it.
    """
    draft = _drafted(path.parent, told, sync)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def replace(path: Path, told: Mapping[str, Any]) -> None:
    """Put something else into a file.

    Raises:
        OSError: the disk does not take it.
    """
    _drafted(path.parent, told, True).replace(path)


def append(folder: Path, told: Mapping[str, Any]) -> None:
    """Put a file behind the others of a folder.

    Raises:
        OSError: the disk does not take it.
    """
    for _ in range(APPEND_TRIES):
        numbers = [int(f.stem) for f in entries(folder) if f.suffix in (WHOLE, DAMAGED)]
        # Another process may be first, or drop the folder as it was empty: then once more.
        with suppress(FileExistsError, FileNotFoundError):
            place(folder / f"{max(numbers, default=0) + 1:08d}{WHOLE}", told)
            return
    raise OSError(errno.EIO, "no file could be added")


def _drafted(folder: Path, told: Mapping[str, Any], sync: bool) -> Path:
    _make_private(folder)
    return drafted(folder, json.dumps(dict(told)), sync=sync)


def _make_private(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
