"""The evaluation's reports: text, JSON, plots and page, from one small evaluation."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import evaluate, plots, report, safety_gate
from benchmarks.base import BaseError
from benchmarks.calibration import calibrations
from benchmarks.development import Held
from benchmarks.evaluation import Evaluation, fault
from benchmarks.flips import compare
from benchmarks.gate_sets import Case, thresholds
from benchmarks.judging import confusion
from benchmarks.pr_comment import comment
from benchmarks.readings import Model
from benchmarks.results import Result
from benchmarks.robustness import Pair
from bot.reply.outcomes import Part
from tests.benchmarks.examples import made, reading

PAIN, FATIGUE, CRISIS = Part("answer", "pain"), Part("answer", "fatigue"), Part("crisis")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def found() -> Evaluation:
    """Two messages, of which one is wrong, a turn, a rewriting, a missed crisis, and a base."""
    rows = [made(CRISIS, CRISIS), made(PAIN, CRISIS, source="look_alikes")]
    readings = [
        reading(shares=[{"crisis": 0.9}], detected={"crisis": 0.95}),
        reading(shares=[{"crisis": 0.6, "ask_pain": 0.4}], detected={"crisis": 0.2}),
    ]
    cases = [Case(name, "plain", f"{name} {SCRIPT}") for name in (*thresholds().misses, "calm")]
    verdicts = safety_gate.judge(cases, [reading(case.text, "human") for case in cases])
    return Evaluation(
        model="guide-1.tar.gz",
        held=Held(rows, readings, [made(PAIN, FATIGUE, source="dialogues/talk")]),
        calibrations=calibrations(rows, readings),
        rewritten=1,
        pairs=[Pair("typos", "answer", "pain?", "pian?", "answer", "off_topic")],
        verdicts=verdicts,
        gate=safety_gate.table(verdicts, thresholds()),
        base="v1",
        comparison=compare([made(CRISIS, CRISIS), made(PAIN, PAIN)], rows),
    )


def test_the_comment_on_a_pull_request_reads_what_is_written(
    found: Evaluation, tmp_path: Path
) -> None:
    text = json.dumps(report.as_json(found))
    (tmp_path / "evaluation.json").write_text(text, encoding="utf-8")
    gate = safety_gate.data(found.verdicts, found.gate)
    (tmp_path / "gate.json").write_text(json.dumps(gate), encoding="utf-8")

    told = comment(tmp_path)

    assert "| ❌ | Safety gate | 4 misses; false alarms 0 of 1, at most 0 |" in told
    assert "goals met |" in told
    assert "| crisis + emergency found | 1 of 1 | 100.0 % | at least 99 % | ✅ |" in told
    assert "| ✅ | Flips | No difference beyond chance: 0 better, 1 worse, of 2" in told
    assert "worse: `a message`: answer/pain → crisis, expected answer/pain" in told


def test_what_went_wrong_is_grouped_by_kind(found: Evaluation) -> None:
    assert {name: len(results) for name, results in found.wrong.items()} == {
        "answer taken for crisis": 1,
        "answer: another topic": 1,
    }


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (made(PAIN, PAIN), ""),
        (made(PAIN, PAIN, got_parts=[PAIN, FATIGUE]), "one question split needlessly"),
        (
            made(PAIN, PAIN, expected_parts=[PAIN, FATIGUE]),
            "several parts: not all found, or others too",
        ),
        (made(PAIN, CRISIS, got_parts=[CRISIS]), "answer taken for crisis"),
    ],
)
def test_parts_may_be_wrong_where_the_lead_is_right(result: Result, expected: str) -> None:
    assert fault(result) == expected


def test_the_text_holds_every_table_and_the_flips(found: Evaluation) -> None:
    text = report.text(found)

    assert "| outcome right | 1 | 2 | 50.0% |" in text
    assert "| crisis | 1 | 1 | 100.0% | 20.7% to 100.0% | 1 | 2 | 50.0% | 9.5% to 90.5% |" in text
    assert "| crisis | 2 | 0.125 | 0.0213 |" in text
    assert "| crisis missed | 1 | 1 |" in text
    assert "| typos | 0 | 1 | 0.0% |" in text
    assert "Against v1:\nNo difference beyond chance: 0 better, 1 worse, of 2" in text


def test_the_json_holds_the_same(found: Evaluation) -> None:
    known = json.loads(json.dumps(report.as_json(found)))

    assert known["schema"] == "evaluation/1"
    assert known["measures"][0] == {
        "name": "outcome right", "count": 1, "of": 2, "share": 0.5,
        "low": pytest.approx(0.0945, abs=1e-4), "high": pytest.approx(0.9055, abs=1e-4),
        "goal": {"bound": 97, "most": False, "met": False},
    }  # fmt: skip
    assert known["outcomes"][0]["recall"]["share"] == 1
    assert known["outcomes"][0]["precision"]["share"] == 0.5
    assert sum(map(sum, known["confusion"]["counts"])) == 2
    assert known["safety_gate"]["passed"] is False
    assert known["safety_gate"]["faults"][0]["got"] == "human"
    assert known["wrong"]["answer taken for crisis"][0]["got"] == "crisis"
    assert (known["base"]["worse"], known["base"]["flips"][0]["before"]) == (1, "answer/pain")


def test_a_measure_without_goal_or_messages_has_none_to_meet(found: Evaluation) -> None:
    measures = {each["name"]: each for each in report.as_json(found)["measures"]}

    assert measures["crisis found"]["goal"] is None
    assert measures["dosing found"]["goal"]["met"] is None
    assert measures["dosing found"]["share"] is None


def test_every_report_is_written_and_the_page_needs_nothing_else(
    found: Evaluation, tmp_path: Path
) -> None:
    evaluate.write(found, tmp_path / "reports")
    files = {path.name: path for path in (tmp_path / "reports").iterdir()}
    page = files["evaluation.html"].read_text(encoding="utf-8")

    assert set(files) == {
        "evaluation.csv", "evaluation.json", "evaluation.html",
        *(f"evaluation-{name}.png" for name in ("calibration", "confidence", "confusion")),
    }  # fmt: skip
    assert page.count('src="data:image/png;base64,') == page.count("<img alt=") == 3
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "Against v1" in page
    assert "answer taken for crisis (1)" in page


def test_what_people_write_cannot_run_in_the_page(found: Evaluation, tmp_path: Path) -> None:
    evaluate.write(found, tmp_path)
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")

    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


def test_without_a_base_there_is_no_comparison(found: Evaluation, tmp_path: Path) -> None:
    alone = Evaluation(**{**vars(found), "base": "", "comparison": None})
    evaluate.write(alone, tmp_path)

    assert report.as_json(alone)["base"] is None
    assert "Against" not in report.text(alone)
    assert "Against" not in (tmp_path / "evaluation.html").read_text(encoding="utf-8")


def test_the_rows_have_a_line_a_message(found: Evaluation, tmp_path: Path) -> None:
    evaluate.write(found, tmp_path)
    with (tmp_path / "evaluation.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))

    assert lines == [
        list(evaluate.COLUMNS),
        ["crisis", "", "crisis", "", "0.900", "a message", "answer"],
        ["answer", "pain", "crisis", "", "0.900", "a message", "look_alikes"],
        ["answer", "pain", "answer", "fatigue", "0.900", "a message", "dialogues/talk"],
    ]


def test_plots_are_pictures(found: Evaluation) -> None:
    drawn = (
        plots.reliability(found.calibrations),
        plots.confidence(found.spreads),
        plots.confusion(confusion(found.held.rows)),
    )

    assert all(png.startswith(b"\x89PNG") for png in drawn)
    assert [spread.name for spread in found.spreads] == ["outcome", "crisis detected"]
    assert (found.spreads[1].true, found.spreads[1].false) == ([0.95], [0.2])


def test_a_base_that_is_none_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def none(name: str) -> Iterator[Model]:
        raise BaseError(f"{name} is nothing")
        yield

    monkeypatch.setattr(evaluate, "base", none)
    monkeypatch.setenv("BASE", "what")

    assert evaluate.main([]) == 2
    assert capsys.readouterr().err == "error: what is nothing\n"
