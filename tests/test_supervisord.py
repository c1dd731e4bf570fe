"""What the process manager makes of our file: three processes, kept alive."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.launch import environment
from bot.settings import ROOT, Settings

PARSE = """
import json, sys
from supervisor.datatypes import RestartUnconditionally
from supervisor.options import ServerOptions
options = ServerOptions()
options.realize(["-c", sys.argv[1]])
found = [process for group in options.process_group_configs for process in group.process_configs]
print(json.dumps({process.name: {
    "folder": process.directory,
    "restarted": process.autorestart is RestartUnconditionally,
    "command": process.command,
    "patience": process.stopwaitsecs,
} for process in found}))
"""


def processes(folder: Path, **changes: str) -> dict[str, dict[str, Any]]:
    """Let supervisord's own parser read the file in the environment of a start."""
    config = str(ROOT / "deploy" / "supervisord.conf")
    command = [sys.executable, "-W", "ignore", "-c", PARSE, config]
    given = environment(Settings(data_dir=str(folder)), folder / "model.tar.gz") | changes
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    parsed: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return parsed


def test_three_processes_are_kept_alive(tmp_path: Path) -> None:
    found = processes(tmp_path)

    assert {name: shlex.split(process["command"])[3:] for name, process in found.items()} == {
        "actions": ["-m", "bot.action_server"],
        "rasa": ["-m", "bot.server"],
        "worker": ["-m", "bot.records", "work"],
    }
    for process in found.values():
        assert shlex.split(process["command"])[0] == sys.executable
        assert process["folder"] == str(ROOT)
        assert process["restarted"]


def test_the_server_has_the_time_that_its_drain_takes(tmp_path: Path) -> None:
    assert processes(tmp_path)["rasa"]["patience"] > 15


def test_the_project_may_lie_in_a_folder_with_a_blank(tmp_path: Path) -> None:
    python = "/srv/my bot/.venv/bin/python"

    found = processes(tmp_path, PYTHON=python)

    assert shlex.split(found["rasa"]["command"])[0] == python
