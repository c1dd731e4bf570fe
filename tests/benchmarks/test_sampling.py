"""The sample of the examples: the same each time, in proportion, nothing lost on the way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.sampling import FEWEST, Example, examples, sample, write

FOUND = [
    *(Example("ask_pain", f"pain {number}") for number in range(200)),
    *(Example("crisis", f"crisis {number}") for number in range(50)),
    *(Example("ask_pain", f"both {number}", {"also": ["ask_fatigue"]}) for number in range(30)),
    Example("goodbye", "bye"),
]


def test_each_stratum_gives_its_share() -> None:
    counts = Counter(example.stratum for example in sample(FOUND, 0.1))

    assert counts == {
        ("ask_pain", False): 20, ("crisis", False): 5, ("ask_pain", True): 3, ("goodbye", False): 1
    }  # fmt: skip


def test_a_rare_intent_is_not_lost() -> None:
    counts = Counter(example.stratum for example in sample(FOUND, 0.001))

    assert set(counts.values()) == {FEWEST, 1}
    assert len(counts) == 4


def test_the_same_seed_draws_the_same_examples_in_their_order() -> None:
    drawn = sample(FOUND, 0.2)

    assert drawn == sample(FOUND, 0.2)
    assert drawn != sample(FOUND, 0.2, seed=1)
    assert drawn == sorted(drawn, key=FOUND.index)


def test_a_share_of_one_is_everything() -> None:
    assert sample(FOUND, 1.0) == FOUND


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_is_above_0_and_at_most_1(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        sample(FOUND, share)


def test_what_is_written_is_what_rasa_reads(tmp_path: Path) -> None:
    chosen = [
        Example("ask_pain", "does it help: really? \"yes\" or 'no' #1 - 😀"),
        Example("ask_pain", "pain, tiredness", {"also": ["ask_fatigue"]}),
        Example("crisis", "no"),
    ]

    write(chosen, tmp_path / "nlu.yml")

    assert examples(tmp_path) == chosen
