"""The model's hash: when an archive is refused, and by what it is known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot import model_check
from bot.model_check import ModelRefused, check, hash_file, record, sha256


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "guide-1.tar.gz"
    path.write_bytes(b"a model" * 300_000)
    record(path, path)
    return path


def test_a_model_that_is_as_it_was_recorded(model: Path) -> None:
    assert check(model) == "recorded"


def test_the_hash_is_what_sha256sum_writes_and_checks(model: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", hash_file(model).name],
        cwd=model.parent,
        check=False,
        capture_output=True,
    )

    assert done.returncode == 0


def test_without_a_hash_it_is_told_so(model: Path) -> None:
    hash_file(model).unlink()

    assert check(model) == "unrecorded"


def test_a_model_and_its_hash_may_be_copied_to_another_name(model: Path) -> None:
    other = model.with_name("guide-2.tar.gz")
    other.write_bytes(model.read_bytes())
    hash_file(other).write_bytes(hash_file(model).read_bytes())

    assert check(other) == "recorded"


@pytest.mark.parametrize(
    "change",
    [b"", b"a model", b"a model" * 299_999 + b"a modem"],
    ids=["empty", "cut", "changed"],
)
def test_a_changed_or_cut_model_is_refused(model: Path, change: bytes) -> None:
    model.write_bytes(change)

    with pytest.raises(ModelRefused, match="not the recorded one"):
        check(model)


@pytest.mark.parametrize("text", ["", "  \n", "0" * 64, "\u00e9", "not a hash"])
def test_a_hash_that_is_none_refuses(model: Path, text: str) -> None:
    hash_file(model).write_text(text, encoding="utf-8")

    with pytest.raises(ModelRefused):
        check(model)


def test_a_pinned_hash_counts_whatever_is_recorded(model: Path) -> None:
    pinned = sha256(model)
    assert check(model, pinned.upper()) == "pinned"

    model.write_bytes(b"replaced")
    record(model, model)

    assert check(model) == "recorded"
    with pytest.raises(ModelRefused, match="not the pinned one"):
        check(model, pinned)


def test_a_model_that_cannot_be_read_is_refused(model: Path) -> None:
    model.unlink()

    with pytest.raises(ModelRefused, match="FileNotFoundError"):
        check(model)


def test_a_hash_is_written_whole_or_not_at_all(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hash_file(model).read_bytes()

    def broken(path: Path) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr(model_check, "sha256", broken)

    with pytest.raises(OSError, match="full"):
        record(model, model)
    assert hash_file(model).read_bytes() == before
