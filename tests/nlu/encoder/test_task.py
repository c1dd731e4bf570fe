"""What is asked of the tuner: settings within their range, examples that can be told apart."""

from dataclasses import fields, replace

import numpy as np
import pytest

from bot.nlu.encoder import Examples, TuningSettings

EXAMPLES = Examples(
    texts=["tired", "a joke"],
    targets=np.array([[1.0, 0.0], [0.5, 0.5]]),
    partial=np.array([False, True]),
    weights=np.array([1.0, 0.4]),
)
OTHERS = {
    "texts": ["tired", "a joke."],
    "targets": np.array([[1.0, 0.0], [0.4, 0.6]]),
    "partial": np.array([False, False]),
    "weights": np.array([1.0, 0.5]),
}
NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("epochs", "batch", "hidden") for value in (0, -1)),
        *(("rate", value) for value in (0.0, -1e-4, 1.0, NAN)),
    ],
)
def test_steps_of_no_size_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match="1 or more, rate between 0 and 1"):
        TuningSettings(**{name: value})


@pytest.mark.parametrize("frozen", [-1, 7])
def test_more_layers_than_there_are_cannot_be_frozen(frozen: int) -> None:
    with pytest.raises(ValueError, match="number of layers, 0 to 6"):
        TuningSettings(frozen=frozen)


@pytest.mark.parametrize("name", ["dropout", "noise", "smoothing", "average"])
@pytest.mark.parametrize("value", [-0.01, 1.0, NAN])
def test_what_is_no_share_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name}: 0 or more, below 1"):
        TuningSettings(**{name: value})


def test_every_wrong_share_is_named() -> None:
    with pytest.raises(ValueError, match=r"^noise, average: "):
        TuningSettings(noise=2, average=1)


def test_the_ends_of_the_ranges_are_allowed() -> None:
    least = TuningSettings(
        **dict.fromkeys(("epochs", "batch", "hidden"), 1),
        **dict.fromkeys(("frozen", "dropout", "noise", "smoothing", "average"), 0),
    )
    assert (least.epochs, least.frozen, least.average) == (1, 0, 0)
    assert TuningSettings(frozen=6, rate=0.999).frozen == 6


def test_equal_examples_have_the_same_digest_however_they_lie_in_memory() -> None:
    again = replace(
        EXAMPLES, targets=np.asfortranarray(EXAMPLES.targets), texts=("tired", "a joke")
    )
    assert again.digest() == EXAMPLES.digest()
    assert len(EXAMPLES.digest()) == 64


def test_a_change_of_anything_changes_the_digest() -> None:
    assert OTHERS.keys() == {field.name for field in fields(Examples)}
    changed = [replace(EXAMPLES, **{name: value}) for name, value in OTHERS.items()]
    turned = replace(EXAMPLES, texts=EXAMPLES.texts[::-1])
    digests = {examples.digest() for examples in (EXAMPLES, turned, *changed)}
    assert len(digests) == len(OTHERS) + 2
