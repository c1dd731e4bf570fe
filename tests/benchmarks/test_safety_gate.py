"""The safety gate: what is a miss, what is a false alarm, what blocks, and how it says so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import safety_gate
from benchmarks.gate_sets import Case, GateError, Threshold, Thresholds, cases, thresholds
from benchmarks.readings import Reading
from benchmarks.report_files import sections
from benchmarks.safety_gate import Verdict, causes, data, described, judge, markdown, table
from tests.benchmarks.examples import reading

ALLOWED = Thresholds(
    {"crisis": Threshold(0, "Lives."), "dosing": Threshold(1, "No amounts.")},
    {"urgent": Threshold(0.1, "Fright."), "any": Threshold(0.5, "Annoyance.")},
)


def verdict(name: str, intent: str, *, detected: dict[str, float] | None = None) -> Verdict:
    parts = [{"outcome": intent.split("_")[0] if intent.startswith("ask_") else intent}]
    read = reading(f"{name} {intent}", intent, detected=detected, decision={"parts": parts})
    if intent == "nlu_fallback":
        read = reading(f"{name} {intent}", intent, decision={"readings": []})
    return judge([Case(name, "plain", read.text)], [read])[0]


@pytest.mark.parametrize(
    ("name", "intent", "fault"),
    [
        ("crisis", "crisis", False),
        ("crisis", "emergency", False),
        ("crisis", "dosing", True),
        ("crisis", "human", True),
        ("emergency", "crisis", False),
        ("emergency", "personal_advice", True),
        ("emergency", "nlu_fallback", True),
        ("dosing", "personal_advice", False),
        ("dosing", "crisis", False),
        ("dosing", "not_covered", True),
        ("dosing", "ask_pain", True),
        ("obtaining", "dosing", False),
        ("obtaining", "nlu_fallback", True),
        ("calm", "ask_pain", False),
        ("calm", "nlu_fallback", False),
        ("calm", "personal_advice", True),
        ("calm", "crisis", True),
    ],
)
def test_what_is_a_fault(name: str, intent: str, fault: bool) -> None:
    assert verdict(name, intent).fault is fault


def test_misses_are_counted_and_false_alarms_are_a_share() -> None:
    verdicts = [
        verdict("crisis", "crisis"),
        verdict("crisis", "human"),
        verdict("dosing", "not_covered"),
        verdict("calm", "crisis"),
        verdict("calm", "dosing"),
        verdict("calm", "human"),
        verdict("calm", "human"),
    ]
    lines = table(verdicts, ALLOWED)

    assert [(line.name, line.faults, line.of, line.passed) for line in lines] == [
        ("crisis missed", 1, 2, False),
        ("dosing missed", 1, 1, True),
        ("calm taken for crisis or emergency", 1, 4, False),
        ("calm escalated", 2, 4, True),
    ]
    assert "| crisis missed | 1 | 2 | 9.5% to 90.5% | 0 | **FAIL** |" in markdown(lines)
    assert causes(lines) == [
        "BLOCKED: crisis missed: 1 of 2, at most 0 allowed. Lives.",
        "BLOCKED: calm taken for crisis or emergency: 1 of 4, at most 0 allowed. Fright.",
    ]


def test_a_fault_is_shown_with_what_the_model_thought() -> None:
    shown = described(verdict("crisis", "human", detected={"dosing": 0.01, "crisis": 0.05}))

    assert shown.startswith('crisis/plain: "crisis human" got human')
    assert "likeliest: ask_pain 1.000; detected: crisis 0.0500, dosing 0.0100" in shown


@pytest.mark.parametrize(("intent", "code"), [("crisis", 0), ("human", 1)])
def test_a_miss_blocks_and_names_the_cause(
    intent: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(model: object, texts: list[str]) -> list[Reading]:
        return [reading(text, intent if text == texts[0] else _right(text)) for text in texts]

    sets = {case.text: case.set for case in cases()}

    def _right(text: str) -> str:
        return "human" if sets[text] == "calm" else sets[text]

    # The first of the calm messages comes first; a missed crisis must block instead.
    ordered = sorted(cases(), key=lambda case: case.set != "crisis")
    monkeypatch.setattr(safety_gate, "cases", lambda: ordered)
    monkeypatch.setattr(safety_gate, "read_each", read)

    assert safety_gate.main(["--model", "any.tar.gz"]) == code
    said = capsys.readouterr().out
    assert ("BLOCKED: crisis missed: 1 of" in said) is (code == 1)
    assert ("The safety gate is open" in said) is (code == 0)


def test_the_sets_are_as_large_as_promised() -> None:
    sizes = Counter(case.set for case in cases())

    assert sizes["crisis"] >= 120
    assert sizes["emergency"] >= 80
    assert sizes["dosing"] >= 120
    assert sizes["obtaining"] >= 60
    assert sizes["calm"] >= 150
    assert set(sizes) == {*thresholds().misses, "calm"}


def test_a_set_that_is_missing_or_says_something_twice_is_refused(tmp_path: Path) -> None:
    for name in ("calm", "crisis", "dosing", "emergency"):
        (tmp_path / f"{name}.yml").write_text(f"plain:\n  - {name}\n", encoding="utf-8")
    with pytest.raises(GateError, match="for obtaining"):
        cases(tmp_path)

    (tmp_path / "obtaining.yml").write_text("plain: [a, b]\nodd: [a]\n", encoding="utf-8")
    with pytest.raises(GateError, match="twice"):
        cases(tmp_path)


@pytest.mark.parametrize("entry", ["{most: 1}", "{why: because}", "{most: some, why: a}"])
def test_a_threshold_needs_a_number_and_a_reason(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "gate.yml"
    path.write_text(f"misses: {{crisis: {entry}}}\nfalse_alarms: {{}}\n", encoding="utf-8")

    with pytest.raises(GateError, match="crisis needs a number"):
        thresholds(path)


def test_every_threshold_has_a_reason() -> None:
    found = thresholds()

    assert set(found.false_alarms) == {"urgent", "any"}
    assert all(line.why for line in (*found.misses.values(), *found.false_alarms.values()))


def test_the_comment_on_a_pull_request_reads_what_the_gate_found(tmp_path: Path) -> None:
    verdicts = [verdict("crisis", "human"), verdict("dosing", "dosing"), verdict("calm", "crisis")]
    found = data(verdicts, table(verdicts, ALLOWED))

    (tmp_path / "gate.json").write_text(json.dumps(found), encoding="utf-8")
    section = next(one for one in sections(tmp_path) if one.name == "Safety gate")

    assert found["misses"] == [{"outcome": "crisis", "text": "crisis human", "got": "human"}]
    assert section.passed is False
    assert "1 miss; false alarms 1 of 1" in section.summary
