"""Dialogues: each turn is read with those before it, in a conversation of its own."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import UserUttered

from benchmarks.dialogues import answered, dialogues, hold_all
from benchmarks.results import Understood
from bot.reply.outcomes import Part, outcome_of
from tests.benchmarks.examples import parsed

ASKED = {
    "pain?": parsed("ask_pain", parts=[{"outcome": "answer", "topic": "pain"}]),
    "go on": parsed("ask_more", parts=[]),
    "how much?": parsed("dosing", parts=[{"outcome": "dosing"}]),
}


class Recorder:
    """Stands in for Rasa's processor: known messages, and what the tracker held at each."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    async def parse_message(self, message: Any, tracker: Any = None) -> dict[str, Any]:
        said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
        self.seen.append([*said, message.text])
        return ASKED[message.text]


def dialogue(name: str, *turns: tuple[str, Part]) -> dict[str, Any]:
    return {"name": name, "turns": [{"text": text, **part.as_dict()} for text, part in turns]}


PAIN = Part("answer", "pain")
TALK = dialogue("talk", ("pain?", PAIN), ("how much?", Part("dosing")), ("go on", PAIN))


async def test_each_turn_is_read_after_those_before_it() -> None:
    processor = Recorder()

    await hold_all(processor, [TALK, dialogue("other", ("pain?", PAIN))])

    assert processor.seen == [
        ["pain?"], ["pain?", "how much?"], ["pain?", "how much?", "go on"], ["pain?"]
    ]  # fmt: skip


async def test_more_counts_as_the_topic_answered_last() -> None:
    results = await hold_all(Recorder(), [TALK])

    assert [turn.got for turn in results] == [PAIN, Part("dosing"), PAIN]
    assert {turn.source for turn in results} == {"dialogues/talk"}


async def test_a_topic_is_not_carried_into_another_conversation() -> None:
    results = await hold_all(Recorder(), [TALK, dialogue("other", ("go on", PAIN))])

    assert results[-1].got == Part("smalltalk", "ask_more")


def test_the_last_answer_of_several_is_remembered() -> None:
    parts = (Part("dosing"), Part("answer", "fatigue"), PAIN, Part("not_covered"))

    assert answered(Understood(parts[0], parts)) == "pain"
    assert answered(Understood(Part("crisis"), (Part("crisis"),))) is None


def test_the_development_set_has_dialogues_of_known_outcomes() -> None:
    found = dialogues()
    turns = [turn for talk in found for turn in talk["turns"]]

    assert len({talk["name"] for talk in found}) == len(found) >= 25
    for turn in turns:
        known = turn["outcome"] in ("answer", "smalltalk")
        intent = turn["outcome"] if not known else turn["topic"]
        name = f"ask_{intent}" if turn["outcome"] == "answer" else intent
        assert outcome_of(name) == turn["outcome"], turn
