"""A real encoder, tuned once for the whole run, and Rasa's own storage and messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.nlu import featurizer as module
from bot.nlu.decision import OutcomeDecider
from bot.nlu.encoder import Encoder
from bot.nlu.featurizer import INTENTS_FILE, MODEL_FILE, TOKENIZER_FILE, SentenceFeaturizer

from .rankings import SETTINGS
from .small import examples

FEATURIZER = Resource("featurizer")
# Only the head learns, from a handful of texts: seconds, and it tells them apart.
HEAD_ONLY: dict[str, Any] = {
    **SentenceFeaturizer.get_default_config(),
    **{"frozen": 6, "epochs": 30, "hidden": 16, "rate": 2e-3, "noise": 0.0},
}


def storage_in(folder: Path) -> ModelStorage:
    """Return Rasa's model storage in a folder."""
    folder.mkdir(exist_ok=True)
    return LocalModelStorage.create(folder)


@pytest.fixture(scope="session", autouse=True)
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where an interrupted tuning is kept: never that of a training that runs beside the tests."""
    path = tmp_path_factory.mktemp("tuning") / "state.npz"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHECKPOINT", path)
        yield path


@pytest.fixture(scope="session")
def context() -> ExecutionContext:
    """What Rasa hands to a component beside its configuration."""
    return ExecutionContext(GraphSchema({}), node_name="run_featurizer")


@pytest.fixture(scope="session")
def encoder_storage(
    tmp_path_factory: pytest.TempPathFactory, context: ExecutionContext, checkpoint: Path
) -> ModelStorage:
    """A model archive in which a featurizer has stored the encoder that it tuned."""
    storage = storage_in(tmp_path_factory.mktemp("encoder"))
    new = SentenceFeaturizer.create(HEAD_ONLY, storage, FEATURIZER, context)
    assert new.train(examples()) == FEATURIZER
    return storage


@pytest.fixture(scope="session")
def featurizer(encoder_storage: ModelStorage, context: ExecutionContext) -> SentenceFeaturizer:
    """The featurizer as it is loaded after training."""
    return SentenceFeaturizer.load(HEAD_ONLY, encoder_storage, FEATURIZER, context)


@pytest.fixture(scope="session")
def encoder_files(encoder_storage: ModelStorage) -> dict[str, Path]:
    """The files that the featurizer has stored."""
    with encoder_storage.read_from(FEATURIZER) as folder:
        return {name: folder / name for name in (MODEL_FILE, TOKENIZER_FILE, INTENTS_FILE)}


@pytest.fixture(scope="session")
def encoder(encoder_files: dict[str, Path]) -> Encoder:
    """The encoder that serves."""
    model, tokenizer = encoder_files[MODEL_FILE], encoder_files[TOKENIZER_FILE]
    return Encoder(model.read_bytes(), tokenizer.read_text(encoding="utf-8"))


@pytest.fixture
def decider(storage: ModelStorage, context: ExecutionContext) -> OutcomeDecider:
    """The decider with the costs and thresholds that its tests count on."""
    return OutcomeDecider.create(SETTINGS, storage, Resource("decider"), context)


@pytest.fixture
def storage(tmp_path: Path) -> ModelStorage:
    """An empty model storage."""
    return storage_in(tmp_path / "model")
