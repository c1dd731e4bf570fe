"""The comparison with Rasa's default pipeline: its figures, options and pipelines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import pipelines
from benchmarks.comparison import Line
from benchmarks.comparison import table as side_by_side
from benchmarks.processes import PYTHON, ChildError, Cost, finished, on_one_core
from benchmarks.reader import Reading, likeliest
from benchmarks.understanding import Understanding, options, table


def test_figures_stand_side_by_side_with_their_ratio() -> None:
    lines = [Line("seconds", 1.0, 4.0), Line("found", 0.9, 0.6, ".0%"), Line("asked", 0.1, 0.0)]

    assert side_by_side("ours", "theirs", lines).splitlines() == [
        "| | ours | theirs | ratio |",
        "|---|---|---|---|",
        "| seconds | 1.0 | 4.0 | 0.25 |",
        "| found | 90% | 60% | 1.50 |",
        "| asked | 0.1 | 0.0 |  |",
    ]


def test_a_pipeline_is_right_where_its_intent_has_the_outcome() -> None:
    intents, likeliest = ["ask_pain", "nlu_fallback", None], ["ask_pain", "ask_fatigue", None]
    reading = Reading(2.0, 300.0, 0.5, [1.0, 3.0, 2.0], intents, likeliest)
    ours = Understanding(Cost(60.0, 70.0), 20.0, reading)

    lines = table(ours, ours, ["answer", "answer", "answer"]).splitlines()
    assert "| outcome right | 33.3% | 33.3% | 1.00 |" in lines
    assert "| asked back, which is never right here | 66.7% | 66.7% | 1.00 |" in lines
    assert "| outcome right, had it never asked back | 66.7% | 66.7% | 1.00 |" in lines
    assert "| milliseconds a parse, median | 2.0 | 2.0 | 1.00 |" in lines
    assert "| parses a processor second | 6 | 6 | 1.00 |" in lines


def test_the_likeliest_intent_is_no_fallback() -> None:
    fallback = {"name": "nlu_fallback", "confidence": 0.3}
    pain = {"name": "ask_pain", "confidence": 0.2}

    assert likeliest({"intent": fallback, "intent_ranking": [fallback, pain]}) == "ask_pain"
    assert likeliest({"intent": fallback, "intent_ranking": [pain]}) == "ask_pain"
    assert likeliest({"intent": pain, "intent_ranking": []}) == "ask_pain"
    assert likeliest({"intent": fallback, "intent_ranking": []}) is None


def test_the_share_is_a_tenth_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHARE", raising=False)
    assert options([]).share == 0.1
    monkeypatch.setenv("SHARE", "1")
    assert options([]).share == 1
    assert options(["--share", "0.5"]).share == 0.5


@pytest.mark.parametrize("share", ["0", "2", "-1", "all", "nan"])
def test_a_wrong_share_is_refused(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options([f"--share={share}"])

    assert "above 0 and at most 1" in capsys.readouterr().err


def test_the_other_pipeline_is_the_installed_rasas_default() -> None:
    theirs = pipelines.stock()["pipeline"]

    names = [part["name"] for part in theirs]
    assert {"WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer"} <= set(names)
    assert names.count("CountVectorsFeaturizer") == 2
    (diet,) = [part for part in theirs if part["name"] == "DIETClassifier"]
    assert diet["epochs"] == 100


def test_ours_is_the_one_of_config_yml() -> None:
    config = pipelines.ours()

    assert "policies" not in config
    assert config["pipeline"][-1]["name"] == "bot.nlu.decision.OutcomeDecider"


def test_a_trial_trains_briefly() -> None:
    for config in (pipelines.ours(), pipelines.stock()):
        epochs = {
            part["epochs"]
            for part in pipelines.shortened(config, 1)["pipeline"]
            if "epochs" in part
        }
        assert epochs == {1}


def test_a_failed_child_shows_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ChildError, match=r"No module named benchmarks\.nothing"):
        finished([*PYTHON, "benchmarks.nothing"], os.environ, tmp_path / "log")


def test_a_child_costs_what_it_used(tmp_path: Path) -> None:
    cost = finished([sys.executable, "-c", "sum(range(10**6))"], os.environ, tmp_path / "log")

    assert cost.cpu > 0
    assert cost.wall > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process on a core")
def test_children_stay_on_the_one_core() -> None:
    before = os.sched_getaffinity(0)
    script = "import os; print(len(os.sched_getaffinity(0)))"

    with on_one_core():
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert done.stdout.strip() == b"1"
    assert os.sched_getaffinity(0) == before
