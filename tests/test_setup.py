"""The set-up: scripts that parse and explain themselves, a short Makefile, files of a fair size."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import ROOT

SCRIPTS = [path for path in (ROOT / "scripts").iterdir() if path.read_bytes().startswith(b"#!")]
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
TOOLS = ("bash", "cat", "chmod", "cksum", "dirname", "env", "mkdir", "rm", "touch")

# Stands in for uv: writes down its calls; `sync` makes an environment, or fails as it is told.
UV = """#!/usr/bin/env bash
case "$1" in
  --version) echo "uv 0"; exit 0 ;;
  python) [[ "$2" == find ]] && echo "$PWD/python"; exit 0 ;;
esac
echo "$* with $UV_PYTHON" >> calls
if [[ -e sync-fails ]]; then exit 2; fi
mkdir -p .venv/bin
echo '#!/usr/bin/env bash
if [[ "$2" == "import rasa"* && -e incomplete ]]; then exit 1; fi
exit 0' > .venv/bin/python
chmod +x .venv/bin/python
"""
WORKS = "#!/usr/bin/env bash\nexit 0\n"
FAILS = "#!/usr/bin/env bash\nexit 1\n"


@dataclass
class Copy:
    """A copy of what the install script needs, with a PATH of its own."""

    folder: Path

    def program(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)

    def install(self, *arguments: str, script: str = "install") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.folder / "scripts" / script), *arguments],
            cwd=self.folder.parent,
            env={"PATH": str(self.folder / "path"), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def bare(tmp_path: Path) -> Copy:
    """A fresh clone on a machine with neither uv nor Python."""
    folder = tmp_path / "a clone"
    for name in ("scripts", "path"):
        (folder / name).mkdir(parents=True)
    for name in ("scripts/install", "scripts/with-env", "scripts/uv-requirements.txt"):
        shutil.copy2(ROOT / name, folder / name)
    for name in ("pyproject.toml", "uv.lock"):
        (folder / name).write_text(name, encoding="utf-8")
    for tool in TOOLS:
        (folder / "path" / tool).symlink_to(str(shutil.which(tool)))
    return Copy(folder)


@pytest.fixture
def clone(bare: Copy) -> Copy:
    """A fresh clone on a machine with uv and a Python 3.10."""
    bare.program("path/uv", UV)
    bare.program("python", WORKS)
    return bare


def test_a_fresh_clone_is_installed_once(clone: Copy) -> None:
    first, again = clone.install(), clone.install()

    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert clone.calls == [
        f"sync --frozen --quiet --no-dev --inexact with {clone.folder / 'python'}"
    ]
    assert "Installing the locked dependencies" in first.stderr
    assert (again.stdout, again.stderr) == ("", "")


def test_the_full_set_holds_the_serving_set(clone: Copy) -> None:
    assert clone.install().returncode == 0
    assert clone.install("--dev").returncode == 0
    assert clone.install().returncode == 0
    assert clone.install("--dev").returncode == 0

    assert [call.split(" with ")[0] for call in clone.calls] == [
        "sync --frozen --quiet --no-dev --inexact",
        "sync --frozen --quiet --all-groups",
    ]


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_changed_dependencies_are_installed(clone: Copy, name: str) -> None:
    clone.install()
    (clone.folder / name).write_text("changed", encoding="utf-8")

    assert clone.install().returncode == 0
    assert len(clone.calls) == 2


def test_a_broken_environment_is_made_anew(clone: Copy) -> None:
    clone.install()
    clone.program(".venv/bin/python", FAILS)
    (clone.folder / ".venv" / "leftover").touch()

    done = clone.install()

    assert done.returncode == 0
    assert "The environment in .venv is broken" in done.stderr
    assert not (clone.folder / ".venv" / "leftover").exists()
    assert len(clone.calls) == 2


def test_an_interrupted_install_is_done_again(clone: Copy) -> None:
    clone.program(".venv/bin/python", WORKS)

    assert clone.install().returncode == 0
    assert clone.calls == ["sync --frozen --quiet --no-dev --inexact with .venv/bin/python"]


def test_a_failed_download_says_what_to_do_and_is_tried_again(clone: Copy) -> None:
    (clone.folder / "sync-fails").touch()
    failed = clone.install()
    (clone.folder / "sync-fails").unlink()

    assert failed.returncode == 1
    assert "error: The dependencies could not be installed" in failed.stderr
    assert "run this again" in failed.stderr
    assert clone.install().returncode == 0
    assert len(clone.calls) == 2


def test_an_incomplete_environment_is_removed(clone: Copy) -> None:
    (clone.folder / "incomplete").touch()

    done = clone.install()

    assert done.returncode == 1
    assert "error: The environment was incomplete" in done.stderr
    assert not (clone.folder / ".venv").exists()


def test_without_uv_and_python_it_says_what_to_install(bare: Copy) -> None:
    done = bare.install()

    assert done.returncode == 1
    assert "error: Neither uv nor Python 3.9 or newer was found." in done.stderr


def test_a_shim_without_a_program_is_no_uv(bare: Copy) -> None:
    bare.program("path/uv", FAILS)

    assert "Neither uv nor Python" in bare.install().stderr


def test_uv_that_cannot_be_downloaded_is_reported(bare: Copy) -> None:
    make = 'if [[ "$2" == venv ]]; then mkdir -p "$3/bin"; cp_pip "$3"; fi\n'
    bare.program("path/python3", "#!/usr/bin/env bash\n" + make)
    bare.program("path/cp_pip", '#!/usr/bin/env bash\ncat "$HOME/pip" > "$1/bin/pip"\n'
                 'chmod +x "$1/bin/pip"\n')  # fmt: skip
    bare.program("pip", '#!/usr/bin/env bash\necho "$*" > "$HOME/asked"\nexit 1\n')

    done = bare.install()

    assert done.returncode == 1
    assert "error: uv could not be downloaded. Check the network" in done.stderr
    assert "--require-hashes" in (bare.folder / "asked").read_text(encoding="utf-8")


def test_commands_run_in_the_environment(clone: Copy) -> None:
    clone.program("show", '#!/usr/bin/env bash\necho "$1|$PYTHONPATH|$PATH"\n')

    done = clone.install("--dev", "./show", "two words", script="with-env")

    said, pythonpath, path = done.stdout.strip().split("|")
    assert (said, pythonpath) == ("two words", str(clone.folder))
    assert path.startswith(f"{clone.folder}/.venv/bin:")
    assert "--all-groups" in clone.calls[0]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_parse_and_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"set -euo pipefail" in script.read_bytes()


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_makefile_is_short_and_explains_each_target() -> None:
    targets = TARGET.findall(makefile())
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {"run", "test", "chat", "train", "evaluate", "lint", "bench"} <= set(targets)
    assert len(set(targets) - {"help"}) <= 12
    assert sorted(targets) == sorted(re.findall(r"^make ([a-z-]+) +\w", listed.stdout, re.M))
    assert set(targets) <= set(re.findall(r"^\.PHONY: (.*)$", makefile(), re.M)[0].split())


def test_the_readme_names_each_target() -> None:
    readme = ROOT / "README.md"
    if not readme.is_file():
        pytest.skip("there is no README yet")
    text = readme.read_text(encoding="utf-8")

    assert [name for name in TARGET.findall(makefile()) if f"make {name}" not in text] == []


def project_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git clone")
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_python_files_are_of_a_fair_size() -> None:
    lengths = {path: length(path) for path in project_files() if path.suffix == ".py"}
    source = [
        lines
        for path, lines in lengths.items()
        if path.relative_to(ROOT).parts[0] in ("bot", "actions") and lines > 1
    ]

    assert [str(path) for path, lines in lengths.items() if lines > 300] == []
    assert statistics.median(source) <= 150


def test_no_file_holds_a_path_of_one_machine() -> None:
    machine = re.compile(rb"(?<![\w.])/(?:root|work|Users)/\w|/home/(?!me/)\w")
    found = [str(path) for path in project_files() if machine.search(path.read_bytes())]

    assert found == []


def test_the_name_rasa_looks_for_leads_to_the_domain() -> None:
    # `rasa train`, `rasa test` and `rasa data validate` read domain.yml unless told otherwise.
    assert (ROOT / "domain.yml").resolve() == ROOT / "bot" / "domain"
