"""Exports the conversations: `python -m tests.exports {botium,stories} DIR`.

Prints what was written, and what was left out by which rule. Exit code 1 if nothing was written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.exports import convos, stories
from tests.plugin.format import FOLDER, files, load


def main(arguments: list[str] | None = None) -> int:
    """Write an export, say what it holds, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.exports", description=__doc__)
    parser.add_argument("kind", choices=["botium", "stories"])
    parser.add_argument("folder", type=Path, help="where to write; made if needed")
    parser.add_argument("--conversations", type=Path, default=FOLDER, help="what to export")
    options = parser.parse_args(arguments)
    talks = [load(path) for path in files(options.conversations)]
    if options.kind == "botium":
        tallies = {"Botium": convos.export(talks, options.folder)}
    else:
        tallies = stories.export(talks, options.folder)
    for name, tally in tallies.items():
        what = "convos" if options.kind == "botium" else "stories"
        print("\n    ".join([f"{name}: {tally.lines(what)[0]}", *tally.lines(what)[1:]]))
    if not all(tally.talks for tally in tallies.values()):
        print(f"error: there is nothing to export in {options.conversations}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
