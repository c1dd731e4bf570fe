"""Training: when it happens, what it leaves behind, and what it says when it fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import training
from bot.model_check import check, hash_file
from bot.settings import ROOT
from bot.training import TrainingError, fingerprint, main, model_path, train

# Stands in for Rasa, which takes half a minute: same command line, same file as result.
RASA = """
import json, os, sys
from pathlib import Path
options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
seen = {"cwd": os.getcwd(), "arguments": sys.argv[1:], "telemetry": os.environ.get(
    "RASA_TELEMETRY_ENABLED")}
with open("calls", "a") as calls:
    calls.write(json.dumps(seen) + "\\n")
behaviour = Path("behaviour").read_text() if Path("behaviour").exists() else ""
if behaviour != "nothing":
    Path(options["--out"], options["--fixed-model-name"] + ".tar.gz").write_text("a model")
sys.exit(1 if behaviour == "failure" else 0)
"""
FILES = {
    "config.yml": "recipe: default.v1",
    "bot/domain/answers.yml": "actions: []",
    "bot/nlu/__init__.py": "",
    "bot/nlu/encoder/graph.py": "LAYERS = 6",
    "bot/reply/outcomes.py": "TOPICS = ()",
    "data/nlu/pain.yml": "nlu: []",
    "data/rules/answers.yml": "rules: []",
    "rasa.py": RASA,
    "bot/server.py": "does not shape the model",
    "uv.lock": "version = 1",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a few files, in which `python -m rasa` is the stand-in."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(training, "ROOT", tmp_path)
    monkeypatch.setattr(training, "MODELS", tmp_path / "models")
    monkeypatch.setattr(training, "fingerprint", lambda: fingerprint(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def calls(project: Path) -> int:
    path = project / "calls"
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def models(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "models").iterdir())


def behave(project: Path, how: str) -> None:
    (project / "behaviour").write_text(how, encoding="utf-8")


def test_the_fingerprint_is_stable(project: Path) -> None:
    assert fingerprint(project) == fingerprint(project)
    assert len(fingerprint(project)) == 12
    assert set(fingerprint(project)) <= set("0123456789abcdef")


SHAPING = [name for name in FILES if name not in ("rasa.py", "bot/server.py", "uv.lock")]


def write(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def rename(path: Path) -> None:
    path.rename(path.with_name(f"renamed{path.suffix}"))


@pytest.mark.parametrize("change", [write, Path.unlink, rename])
@pytest.mark.parametrize("name", SHAPING)
def test_the_fingerprint_changes_with_each_file_that_shapes_the_model(
    project: Path, name: str, change: Callable[[Path], None]
) -> None:
    before = fingerprint(project)

    change(project / name)

    assert fingerprint(project) != before


def test_the_fingerprint_changes_with_a_package_that_computes_the_model(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint(project)

    monkeypatch.setattr(training, "version", lambda name: f"{name}, another")

    assert fingerprint(project) != before


def test_the_fingerprint_changes_with_a_new_example_file(project: Path) -> None:
    before = fingerprint(project)

    (project / "data" / "nlu" / "new.yml").touch()

    assert fingerprint(project) != before


def test_the_fingerprint_ignores_the_rest_and_file_times(project: Path) -> None:
    before = fingerprint(project)

    write(project / "bot" / "server.py")
    write(project / "uv.lock")
    os.utime(project / "config.yml", (1, 1))

    assert fingerprint(project) == before


def test_the_real_sources_are_all_found() -> None:
    for pattern in training._SOURCES:
        assert list(ROOT.glob(pattern)), f"{pattern} matches nothing"


def test_a_model_is_trained_once(project: Path) -> None:
    first = train()
    again = train()

    assert first == again == model_path()
    assert first == project / "models" / f"guide-{fingerprint(project)}.tar.gz"
    assert first.read_text(encoding="utf-8") == "a model"
    assert calls(project) == 1
    assert models(project) == [first.name, f"{first.name}.sha256"]
    assert check(first) == "recorded"


def test_a_model_that_is_not_what_was_trained_is_trained_anew(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = train()
    model.write_text("half a mod", encoding="utf-8")

    assert train() == model

    assert model.read_text(encoding="utf-8") == "a model"
    assert calls(project) == 2
    assert "is not used: its SHA-256 is not the recorded one" in capfd.readouterr().err


def test_a_model_of_unknown_hash_is_kept(project: Path) -> None:
    model = train()
    hash_file(model).unlink()

    assert train() == model
    assert calls(project) == 1


def test_force_trains_again(project: Path) -> None:
    train()
    train(force=True)

    assert calls(project) == 2


def test_rasa_is_called_in_the_project_without_telemetry(project: Path) -> None:
    train()

    seen = (project / "calls").read_text(encoding="utf-8")
    assert f'"cwd": "{project}"' in seen
    assert '"telemetry": "false"' in seen
    assert '["train", "--config", "config.yml", "--domain", "bot/domain"' in seen


@pytest.mark.parametrize("how", ["failure", "nothing"])
def test_a_failed_training_leaves_nothing(project: Path, how: str) -> None:
    behave(project, how)

    with pytest.raises(TrainingError, match="lines above"):
        train()

    assert models(project) == []


def test_a_failed_training_keeps_the_model_there_was(project: Path) -> None:
    kept = train()
    behave(project, "failure")

    with pytest.raises(TrainingError):
        train(force=True)

    assert models(project) == [kept.name, f"{kept.name}.sha256"]
    assert check(kept) == "recorded"


def test_the_newest_models_are_kept_and_other_files_too(project: Path) -> None:
    folder = project / "models"
    folder.mkdir()
    (folder / "README.md").touch()
    for age in range(1, 5):
        old = folder / f"guide-{age}.tar.gz"
        old.touch()
        os.utime(old, (10_000 - age, 10_000 - age))
        hash_file(old).touch()

    new = train()

    kept = ["guide-1.tar.gz", "guide-2.tar.gz", new.name]
    assert models(project) == sorted(["README.md", *kept, *(f"{name}.sha256" for name in kept)])


def test_the_command_says_what_it_did(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = f"models/guide-{fingerprint(project)}.tar.gz"

    assert main([]) == 0
    assert main([]) == 0
    assert main(["--force"]) == 0

    said = capfd.readouterr().out.splitlines()
    assert said == [f"Model trained: {name}", f"Model up to date: {name}", f"Model trained: {name}"]


def test_the_command_fails_with_a_message(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    behave(project, "failure")

    assert main([]) == 1
    assert capfd.readouterr().err == "error: Training failed; the lines above say why.\n"
