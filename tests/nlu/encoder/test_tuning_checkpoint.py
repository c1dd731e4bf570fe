"""Tuning that was interrupted goes on after its last whole epoch, and only with the same task."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.nlu.encoder import Array, Examples, TuningSettings
from bot.nlu.encoder.tuning import Tuner
from bot.nlu.encoder.weights import Weights

from .lesson import LABELS, SETTINGS, batches_told, furthest, labelled, learn

# Without dropout: which units are left out after an interruption is another draw.
LESSON = replace(SETTINGS, epochs=6, rate=1e-3, dropout=0.0)
STOPPED_AFTER = 4


class Interrupted(Tuner):
    """A tuner that somebody stops, with Ctrl+C, when it has some epochs behind it."""

    def _save(self, epoch: int, sure: Array) -> None:
        super()._save(epoch, sure)
        if epoch == STOPPED_AFTER:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def state(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What is left of the interrupted training."""
    path = tmp_path_factory.mktemp("stopped") / "folder" / "made" / "state.npz"
    with pytest.raises(KeyboardInterrupt):
        learn(weights, labelled(), LESSON, path, Interrupted)
    assert [file.name for file in path.parent.iterdir()] == ["state.npz"]
    return path.read_bytes()


@pytest.fixture
def checkpoint(state: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "state.npz"
    path.write_bytes(state)
    return path


def test_an_interrupted_training_goes_on_and_ends_where_an_uninterrupted_one_does(
    weights: Weights, checkpoint: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # As another process reads them: their order is the file's reader's to choose.
    shuffled = dict(reversed(weights.items()))
    with caplog.at_level("INFO"):
        resumed = learn(shuffled, labelled(), LESSON, checkpoint)
        left = batches_told(caplog)
        caplog.clear()
        whole = learn(weights, labelled(), LESSON)
    assert list(left) == [5, 6]
    # What is known surely by then is known after the interruption too.
    assert left[5] < len(LABELS) / LESSON.batch
    assert left.items() <= batches_told(caplog).items()
    assert furthest(resumed, whole) < 1e-4
    assert list(checkpoint.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("examples", "settings"),
    [
        (labelled(), replace(LESSON, rate=9e-4)),
        (replace(labelled(), weights=labelled().weights * 2), LESSON),
    ],
)
def test_what_is_left_of_another_training_is_not_gone_on_with(
    weights: Weights,
    checkpoint: Path,
    examples: Examples,
    settings: TuningSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"), pytest.raises(KeyboardInterrupt):
        learn(weights, examples, settings, checkpoint, Interrupted)
    assert list(batches_told(caplog)) == [1, 2, 3, 4]
