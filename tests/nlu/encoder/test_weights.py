"""The weights: the packaged ones, or a refusal that says what to do."""

import json
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.encoder import WeightsError, load_weights, tokenizer_json, weights


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package of another name, without weights as yet; returns its model folder."""
    folder = tmp_path / "other_weights" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise ImportError('wants PyTorch')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(weights, "PACKAGE", "other_weights")
    return folder


def test_the_packaged_weights_are_those_of_a_small_bert() -> None:
    tensors = load_weights()
    assert tensors["embeddings.word_embeddings.weight"].shape == (30522, 384)
    assert "encoder.layer.5.output.dense.weight" in tensors
    assert "encoder.layer.6.output.dense.weight" not in tensors
    assert tensors["embeddings.LayerNorm.bias"].dtype == np.float32


def test_the_packaged_tokenizer_has_the_vocabulary_of_the_weights() -> None:
    assert len(json.loads(tokenizer_json())["model"]["vocab"]) == 30522


# A module without a folder, such as a built-in one, can hold no weights either.
@pytest.mark.parametrize("package", ["no_such_package_of_weights", "math"])
@pytest.mark.parametrize("read", [load_weights, tokenizer_json])
def test_an_absent_package_is_named(
    monkeypatch: pytest.MonkeyPatch, package: str, read: object
) -> None:
    monkeypatch.setattr(weights, "PACKAGE", package)
    with pytest.raises(WeightsError, match=rf"{package} is not installed; run `make train`"):
        read()  # type: ignore[operator]


@pytest.mark.usefixtures("other_package")
def test_a_missing_file_is_named() -> None:
    with pytest.raises(WeightsError, match=r"model\.safetensors is missing .* reinstall it"):
        load_weights()
    with pytest.raises(WeightsError, match=r"tokenizer\.json is missing"):
        tokenizer_json()


def test_changed_weights_are_refused_before_they_are_read(other_package: Path) -> None:
    (other_package / "model.safetensors").write_bytes(b"tampered with")
    with pytest.raises(WeightsError, match=rf"expected {weights.SHA256}"):
        load_weights()
