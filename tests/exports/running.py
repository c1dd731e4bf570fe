"""Runs the exports: `python -m tests.exports.running {botium,stories} [DIR]`.

`botium` starts a bot of its own, with the model of the current files, and has botium-core talk to
its REST channel; `stories` has `rasa test core` play the stories on that model. With DIR, what lies
there is run instead of a fresh export. Exit code: 0 all passed, 1 some failed, 2 nothing was run.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.web_bot import WebBot
from bot.settings import ROOT
from bot.training import model_path
from tests.exports import __main__ as exports
from tests.exports.stories import FIRST, WHOLE

NODE_FOLDER = Path(__file__).parent / "botium"
_TAIL = 40


class CannotRun(RuntimeError):
    """Something that the run needs is missing; the text says what."""


def install() -> None:
    """Have npm fetch botium-core, once for each lock file.

    Raises:
        CannotRun: there is no Node, or npm failed.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise CannotRun("Botium needs Node 20 or newer, with npm.")
    lock = NODE_FOLDER / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = NODE_FOLDER / "node_modules" / ".installed"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=NODE_FOLDER, check=False).returncode:
            raise CannotRun("npm could not install botium-core; the lines above say why.")
        stamp.write_text(wanted)


def botium(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run the convos of a folder against a REST channel, and return what Botium said."""
    return subprocess.run(
        ["node", "run.js", str(folder.resolve()), f"{url}/webhooks/rest/webhook"],
        cwd=NODE_FOLDER,
        env={**os.environ, "BOTIUM_ANALYTICS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )


async def run_botium(folder: Path) -> int:
    """Start a bot, run the convos against it, print Botium's lines, and return its exit code."""
    install()
    model = _model()
    with tempfile.TemporaryDirectory() as data:
        async with WebBot(Path(data), MODEL=str(model)).running() as bot:
            done = await asyncio.to_thread(botium, folder, bot.url)
    print(done.stdout + done.stderr, end="")
    return done.returncode


def run_stories(folder: Path, model: Path | None = None) -> int:
    """Play both files with `rasa test core`, say how many passed, and return the exit code.

    Rasa ends with 0 where there is no story at all, and plays one of several that are the same;
    hence the count before and after.
    """
    model = model or _model()
    code = 0
    for name, flags in ((WHOLE, []), (FIRST, ["--e2e"])):
        count = _stories_in(folder / name)
        if not count:
            print(f"error: there is no story in {folder / name}", file=sys.stderr)
            return 2
        failed = _play(folder / name, count, flags, model)
        print(f"{name}: {f'FAILED (of {count})' if failed else f'{count} passed, 0 failed'}")
        code = code or int(failed)
    return code


def _stories_in(path: Path) -> int:
    if not path.is_file():
        return 0
    return len(yaml.safe_load(path.read_text(encoding="utf-8")).get("stories") or ())


def _play(path: Path, count: int, flags: list[str], model: Path) -> bool:
    """Play one file; print the end of Rasa's output and return True if it did not all pass."""
    with tempfile.TemporaryDirectory() as out:
        command = [
            *(sys.executable, "-W", "ignore", "-m", "rasa", "test", "core"),
            *("--model", str(model), "--stories", str(path.resolve()), "--out", out),
            *("--endpoints", os.devnull, "--no-plot", "--fail-on-prediction-errors", *flags),
        ]
        env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode == 0 and _played(Path(out)) == count:
            return False
        lines = (done.stdout + done.stderr).strip().splitlines()
        print("\n".join([line for line in lines if "Processed story blocks" not in line][-_TAIL:]))
        return True


def _played(out: Path) -> int:
    """Return how many stories Rasa's report counts as right."""
    report = out / "story_report.json"
    if not report.is_file():
        return 0
    found = json.loads(report.read_text(encoding="utf-8"))
    return int(found["conversation_accuracy"]["correct"])


def _model() -> Path:
    path = model_path()
    if not path.is_file():
        raise CannotRun(f"there is no model of the current files ({path.name}): run make train")
    return path


def main(arguments: list[str] | None = None) -> int:
    """Export unless told where, run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.exports.running", description=__doc__)
    parser.add_argument("kind", choices=["botium", "stories"])
    parser.add_argument("folder", type=Path, nargs="?", help="an export, to be run as it is")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as fresh:
        folder = options.folder or Path(fresh)
        if options.folder is None and exports.main([options.kind, fresh]):
            return 2
        try:
            if options.kind == "stories":
                return run_stories(folder)
            return asyncio.run(run_botium(folder))
        except CannotRun as error:
            print(f"error: {error}", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
