"""The child that reads conversations: what it hands to the model, and what it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.shared.core.events import UserUttered

from benchmarks.listener import FEWEST, hold, noted
from benchmarks.readings import Reading


class Recorder:
    """Stands in for Rasa's processor: what the tracker held at each message."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    async def parse_message(
        self, message: Any, tracker: Any = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        assert not only_output_properties
        said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
        self.seen.append([*said, message.text])
        return parsed()


def parsed(**more: Any) -> dict[str, Any]:
    intent = {"name": "ask_pain", "confidence": 0.75}
    return {"text": "a", "intent": intent, "entities": [], **more}


async def test_each_turn_is_read_after_those_before_it() -> None:
    processor = Recorder()

    turns = await hold(processor, ["pain?", "how much?"], "one")
    await hold(processor, ["go on"], "two")

    assert processor.seen == [["pain?"], ["pain?", "how much?"], ["go on"]]
    assert [turn["text"] for turn in turns] == ["pain?", "how much?"]
    assert all(turn["seconds"] > 0 for turn in turns)


def test_what_is_kept_makes_a_reading() -> None:
    ranking = [{"name": "ask_pain", "confidence": np.float64(0.75)}]
    detected = {"crisis": np.float64(0.123456789)}
    pieces, decision = ["a", "b"], {"parts": [{"outcome": "answer", "topic": "pain"}]}
    found = parsed(
        piece_rankings=[ranking, ranking], detected=detected, pieces=pieces, decision=decision
    )

    kept = Reading(**noted(found, 0.5))

    assert kept.ranking == [("ask_pain", 0.75)]
    assert len(kept.shares) == 2
    assert kept.detected == {"crisis": 0.123457}
    assert (kept.pieces, kept.decision, kept.seconds) == (pieces, decision, 0.5)
    assert kept.parsed["intent"] == {"name": "ask_pain", "confidence": 0.75}


def test_an_older_model_that_keeps_less_can_be_read() -> None:
    kept = noted(parsed(intent_ranking=[{"name": "ask_pain", "confidence": 0.75}]), 0.5)

    assert kept["shares"] == [{"ask_pain": 0.75}]
    assert (kept["detected"], kept["pieces"], kept["decision"]) == ({}, [], {})


def test_negligible_shares_are_left_out_but_for_the_first() -> None:
    ranking = [{"name": str(n), "confidence": 10.0 ** -(n + 1)} for n in range(20)]
    likely = [{"name": str(n), "confidence": 0.05} for n in range(20)]

    assert len(noted(parsed(piece_rankings=[ranking]), 0.1)["shares"][0]) == FEWEST
    assert len(noted(parsed(piece_rankings=[likely]), 0.1)["shares"][0]) == len(likely)
