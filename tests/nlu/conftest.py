"""The real encoder, built once for the whole run, and Rasa's own storage and messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.nlu.decision import OutcomeDecider
from bot.nlu.encoder import Encoder
from bot.nlu.featurizer import MODEL_FILE, TOKENIZER_FILE, SentenceFeaturizer

FEATURIZER = Resource("featurizer")


def storage_in(folder: Path) -> ModelStorage:
    """Return Rasa's model storage in a folder."""
    folder.mkdir(exist_ok=True)
    return LocalModelStorage.create(folder)


@pytest.fixture(scope="session")
def context() -> ExecutionContext:
    """What Rasa hands to a component beside its configuration."""
    return ExecutionContext(GraphSchema({}), node_name="run_featurizer")


@pytest.fixture(scope="session")
def encoder_storage(tmp_path_factory: pytest.TempPathFactory) -> ModelStorage:
    """Where the featurizer under test keeps its encoder."""
    return storage_in(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def featurizer(encoder_storage: ModelStorage, context: ExecutionContext) -> SentenceFeaturizer:
    """The featurizer as training creates it: this builds and quantises the encoder."""
    return SentenceFeaturizer.create({}, encoder_storage, FEATURIZER, context)


@pytest.fixture(scope="session")
def encoder_files(featurizer: SentenceFeaturizer, encoder_storage: ModelStorage) -> dict[str, Path]:
    """The two files that the featurizer has stored."""
    with encoder_storage.read_from(FEATURIZER) as folder:
        return {name: folder / name for name in (MODEL_FILE, TOKENIZER_FILE)}


@pytest.fixture(scope="session")
def encoder(encoder_files: dict[str, Path]) -> Encoder:
    """The encoder that serves."""
    model, tokenizer = encoder_files[MODEL_FILE], encoder_files[TOKENIZER_FILE]
    return Encoder(model.read_bytes(), tokenizer.read_text(encoding="utf-8"))


@pytest.fixture
def decider(storage: ModelStorage, context: ExecutionContext) -> OutcomeDecider:
    """The decider with its default thresholds."""
    config = OutcomeDecider.get_default_config()
    return OutcomeDecider.create(config, storage, Resource("decider"), context)


@pytest.fixture
def storage(tmp_path: Path) -> ModelStorage:
    """An empty model storage."""
    return storage_in(tmp_path / "model")
