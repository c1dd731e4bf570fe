"""How near a decision is to another one."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks import margins
from benchmarks.margins import Judge, Said, line, said, shifted
from benchmarks.readings import Model, Reading
from tests.benchmarks.examples import reading
from tests.plugin.format import files, load


def read(pain: float, dosing: float = 0.01) -> Reading:
    shares = {"ask_pain": pain, "greet": 0.98 - pain}
    return reading("pain?", shares=[shares, shares], detected={"dosing": dosing})


def test_a_probability_moves_by_logits_and_stays_one() -> None:
    assert shifted(0.5, 2) == pytest.approx(0.8808, abs=1e-4)
    assert shifted(shifted(0.3, 1.5), -1.5) == pytest.approx(0.3)
    assert 0 < shifted(0.0, 2) < shifted(1.0, -2) < 1


def test_a_decision_far_from_any_other_has_no_margin_and_one_at_its_bar_has_little() -> None:
    far, near = read(0.9), read(0.9, dosing=0.15)

    assert Judge(far).decision(far) == "answer/pain"
    assert Judge(far).nearest(far) == (math.inf, "")
    shift, becomes = Judge(near).nearest(near)
    assert (shift, becomes) == (0.2, "dosing + answer/pain")


def test_turns_that_models_take_for_different_things_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {"one.tar.gz": [read(0.9), read(0.9, 0.15)], "two.tar.gz": [read(0.9, 0.9)] * 2}
    monkeypatch.setattr(margins, "read", lambda model, talks: [answers[model.archive.name]])
    talk = [Said("first", "pain?"), Said("second", "and pain?")]

    alone = margins.margins([Model(Path("one.tar.gz"))], [talk])
    both = margins.margins([Model(Path(name)) for name in answers], [talk])

    assert [one.said.place for one in alone] == ["second", "first"]
    assert not any(one.disputed for one in alone)
    assert all(one.disputed for one in both)
    assert both[0].decisions == ("answer/pain", "dosing + answer/pain")
    assert '"and pain?"  second' in line(alone[0])


def test_every_turn_of_a_conversation_is_said_and_buttons_as_payloads() -> None:
    path = next(path for path in files() if "taps_from_topic" in path.name)
    talk = load(path)

    told = said(next(talk.variants()))

    assert len(told) == len(talk.turns)
    assert any(turn.text.startswith("/ask_") for turn in told)
