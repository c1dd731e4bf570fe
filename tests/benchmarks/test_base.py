"""The base of a comparison: a model file or a git ref, and what is said when it is neither."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import base as module
from benchmarks.base import BaseError, base, checkout
from bot import training
from bot.settings import ROOT

GIT = ROOT / ".git"
needs_git = pytest.mark.skipif(
    not GIT.exists() or shutil.which("git") is None, reason="not in a git checkout"
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models lie here, and none is there yet."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(training, "MODELS", folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose bot names its models after its config, and trains in no time."""
    root = tmp_path / "repository"
    (root / "bot" / "nlu").mkdir(parents=True)
    (root / "bot" / "training.py").write_text(
        "from pathlib import Path\n"
        "config = Path('config.yml').read_text().strip()\n"
        "def model_path(): return Path('models') / f'guide-{config}.tar.gz'\n"
        "if __name__ == '__main__':\n"
        "    assert config != 'broken'\n"
        "    Path('models').mkdir()\n"
        "    model_path().write_text('trained')\n",
        encoding="utf-8",
    )
    (root / "bot" / "__init__.py").touch()
    (root / "bot" / "nlu" / "text.py").write_text("", encoding="utf-8")
    git(root, "init", "-q")
    commit(root, "old")
    commit(root, "new")
    monkeypatch.setattr(module, "ROOT", root)
    return root


def git(root: Path, *arguments: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *named, *arguments], cwd=root, check=True)


def commit(root: Path, config: str) -> None:
    (root / "config.yml").write_text(config, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", config)


def test_a_refs_model_is_found_by_the_name_that_its_own_code_gives_it(
    repository: Path, models: Path
) -> None:
    (models / "guide-old.tar.gz").write_text("kept", encoding="utf-8")
    said: list[str] = []

    with base("HEAD~1", said.append) as found:
        assert found.archive == models / "guide-old.tar.gz"
        assert (found.code / "config.yml").read_text(encoding="utf-8") == "old"
        assert ROOT not in found.code.parents

    assert said == []
    assert not found.code.exists(), "the checkout is gone"


def test_a_refs_model_that_is_missing_is_trained_and_kept(repository: Path, models: Path) -> None:
    said: list[str] = []

    with base("HEAD~1", said.append) as found:
        assert found.archive.read_text(encoding="utf-8") == "trained"

    assert (models / "guide-old.tar.gz").is_file()
    assert len(said) == 1
    assert "guide-old.tar.gz" in said[0]
    assert "takes long" in said[0]


def test_a_ref_that_cannot_be_trained_is_an_error(repository: Path, models: Path) -> None:
    commit(repository, "broken")

    with pytest.raises(BaseError, match="could not be trained"), base("HEAD", lambda _: None):
        pass


def test_a_ref_without_models_of_its_own_is_an_error(repository: Path, models: Path) -> None:
    (repository / "bot" / "training.py").unlink()
    commit(repository, "before there was a bot")

    with pytest.raises(BaseError, match="give a model file"), base("HEAD"):
        pass


@pytest.mark.parametrize("name", ["no-such-branch", "--help", "missing.tar.gz"])
def test_what_is_neither_file_nor_ref_is_an_error(name: str, repository: Path) -> None:
    with pytest.raises(BaseError, match="neither a model file nor a git ref"), base(name):
        pass


def test_a_file_of_an_unknown_model_is_read_by_the_current_code(
    repository: Path, tmp_path: Path
) -> None:
    archive, said = tmp_path / "theirs.tar.gz", []
    archive.write_bytes(b"a model")

    with base(str(archive), said.append) as found:
        assert (found.archive, found.code) == (archive, repository)

    assert said == ["theirs.tar.gz is of no recent commit here: it is read by the current code."]


def test_a_file_is_read_by_the_code_that_it_was_trained_with(
    repository: Path, tmp_path: Path
) -> None:
    trained_at = training.fingerprint(repository)
    (repository / "bot" / "nlu" / "text.py").write_text("changed = True", encoding="utf-8")
    commit(repository, "later")
    archive, said = tmp_path / f"guide-{trained_at}.tar.gz", []
    archive.write_bytes(b"a model")

    with base(str(archive), said.append) as found:
        assert found.code != repository
        assert (found.code / "bot" / "nlu" / "text.py").read_text(encoding="utf-8") == ""

    assert "is read by the code of commit" in said[0]


def test_a_file_of_the_current_code_needs_no_checkout(repository: Path, tmp_path: Path) -> None:
    archive = tmp_path / f"guide-{training.fingerprint()}.tar.gz"
    archive.write_bytes(b"a model")
    said: list[str] = []

    with base(str(archive), said.append) as found:
        assert found.code == repository

    assert said == []


@needs_git
def test_a_checkout_holds_the_commits_files_and_leaves_no_trace(tmp_path: Path) -> None:
    worktrees = _worktrees()

    checkout("HEAD", tmp_path)

    assert (tmp_path / "config.yml").is_file()
    assert not (tmp_path / ".git").exists()
    assert _worktrees() == worktrees


def _worktrees() -> bytes:
    return subprocess.check_output(["git", "worktree", "list"], cwd=ROOT)
