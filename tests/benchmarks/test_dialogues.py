"""Dialogues: each turn is judged with those before it, in a conversation of its own."""

from __future__ import annotations

from typing import Any

from benchmarks.dialogues import answered, dialogues, judged, texts
from benchmarks.readings import Reading
from benchmarks.results import Understood
from bot.reply.outcomes import Part, outcome_of
from tests.benchmarks.examples import reading

PAIN = Part("answer", "pain")
READ = {
    "pain?": reading("pain?", "ask_pain", decision={"parts": [PAIN.as_dict()]}),
    "go on": reading("go on", "ask_more", decision={"parts": []}),
    "how much?": reading("how much?", "dosing", decision={"parts": [{"outcome": "dosing"}]}),
}


def dialogue(name: str, *turns: tuple[str, Part]) -> dict[str, Any]:
    return {"name": name, "turns": [{"text": text, **part.as_dict()} for text, part in turns]}


def heard(talk: dict[str, Any]) -> list[Reading]:
    return [READ[text] for text in texts(talk)]


TALK = dialogue("talk", ("pain?", PAIN), ("how much?", Part("dosing")), ("go on", PAIN))


def test_more_counts_as_the_topic_answered_last() -> None:
    results = judged(TALK, heard(TALK))

    assert [turn.got for turn in results] == [PAIN, Part("dosing"), PAIN]
    assert {turn.source for turn in results} == {"dialogues/talk"}


def test_a_topic_is_not_carried_into_another_conversation() -> None:
    other = dialogue("other", ("go on", PAIN))
    judged(TALK, heard(TALK))

    assert judged(other, heard(other))[-1].got == Part("smalltalk", "ask_more")


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
