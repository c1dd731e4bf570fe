"""Counting mutants: the rate, what does not count, the exit code, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.mutation.__main__ import _arguments, sample
from benchmarks.mutation.diary import Diary
from benchmarks.mutation.mutant import Mutant
from benchmarks.mutation.operators import OPERATORS
from benchmarks.mutation.report import EQUIVALENTS, Report, equivalents
from benchmarks.mutation.server import Result
from benchmarks.mutation.suite import Failure, by_marks
from benchmarks.pr_comment import comment

EVERYTHING = [mutant for operator in OPERATORS for mutant in operator.mutants()]
KILLED = Result("a", "one", "x\n-1\n+2", by="conversations", test="t", why="no")
SURVIVED = Result("a", "two", "x\n-1\n+3")


def results(killed: int, survived: int) -> list[Result]:
    return [Result("a", f"k{n}", "d", by="loader") for n in range(killed)] + [
        Result("b", f"s{n}", "d") for n in range(survived)
    ]


@pytest.mark.parametrize(("killed", "survived", "code"), [(19, 1, 0), (18, 2, 1), (0, 0, 2)])
def test_the_exit_code_is_that_of_the_goal(killed: int, survived: int, code: int) -> None:
    assert Report(results(killed, survived), {}).code == code


@pytest.mark.parametrize(("killed", "survived", "code"), [(11, 1, 0), (9, 3, 1), (380, 20, 0)])
def test_a_sample_is_below_the_goal_only_beyond_chance(
    killed: int, survived: int, code: int
) -> None:
    assert Report(results(killed, survived), {}, everything=1000).code == code


def test_the_comment_on_a_pull_request_reads_what_is_written(tmp_path: Path) -> None:
    Report([KILLED, SURVIVED], {}).write(tmp_path, "python -m benchmarks.mutation")

    told = comment(tmp_path)

    assert (
        "| ❌ | Mutation | 1 of 2 mutants noticed (50.0 %, 95 % interval 9.4 % to 90.5 %) |" in told
    )
    assert "- `a: two`" in told


def test_what_changes_nothing_does_not_count() -> None:
    report = Report([KILLED, SURVIVED], {"a: two": "nobody could tell"})

    assert (report.total.rate, report.total.equivalent, report.code) == (1.0, 1, 0)
    assert report.survivors == []


def test_an_equivalent_mutant_that_is_noticed_is_a_mistake() -> None:
    report = Report([KILLED], {"a: one": "nobody could tell"})

    assert report.mistaken == [KILLED]
    assert report.code == 2


def test_what_could_not_be_tried_is_no_kill() -> None:
    report = Report([KILLED, Result("a", "three", "d", by="broken", why="Traceback")], {})

    assert report.total.killed == 1
    assert report.code == 2
    assert "## Could not be tried" in report.markdown()


def test_survivors_stand_with_their_diff_and_operators_with_their_counts(tmp_path: Path) -> None:
    report = Report([KILLED, SURVIVED], {})
    report.write(tmp_path, "python -m benchmarks.mutation")
    text = (tmp_path / "mutation.md").read_text("utf-8")

    assert "1 of 2 mutants were noticed: 50.0% (95 % interval 9.5% to 90.5%; goal 95%)." in text
    assert "| a | 2 | 0 | 1 | 1 | 50% | 0 | 0 | 1 | 0 | 0 |" in text
    assert "### a: two\n```diff\nx\n-1\n+3\n```" in text
    body = json.loads((tmp_path / "mutation.json").read_text("utf-8"))
    assert (body["rate"], body["killed"], body["survived"]) == (0.5, 1, 1)
    assert body["mutants"][0]["by"] == "conversations"


def test_equivalents_exist_and_have_a_reason(tmp_path: Path) -> None:
    known = [mutant.id for mutant in EVERYTHING]
    assert all(equivalents(known).values())
    path = tmp_path / "equivalents.yml"
    path.write_text("- {mutant: 'a: gone', why: because}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a: gone"):
        equivalents(known, path)
    path.write_text("- {mutant: 'a: one'}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="without a reason"):
        equivalents(["a: one"], path)
    assert EQUIVALENTS.is_file()


def test_a_sample_is_spread_over_the_operators_and_repeats() -> None:
    found = sample(EVERYTHING, 30, 1)

    assert len(found) == len({mutant.operator for mutant in found}) == 30
    assert found == sample(EVERYTHING, 30, 1)
    assert found != sample(EVERYTHING, 30, 2)
    assert len(sample(EVERYTHING, 60, 1)) == 60
    assert sample(EVERYTHING[:5], 30, 1) == EVERYTHING[:5]


def test_conversations_that_pass_there_run_first_then_the_quickest() -> None:
    record = {"a": {"topic:pain"}, "b": {"topic:pain", "outcome:dosing"}, "c": set(), "d": set()}
    order = by_marks(["topic:pain", "outcome:dosing"], record, {"c": 2.0, "d": 1.0})

    assert sorted(record, key=order) == ["b", "a", "d", "c"]


@pytest.mark.parametrize(
    ("test", "room"),
    [
        ("tests/test_conversations.py::test_conversation[x]", "conversations"),
        ("tests/conversations/crisis/user_x.yml::as written", "conversations"),
        ("tests/content/test_doubt.py::test_doubt_stays[pain.text]", "content checks"),
        ("tests/actions/test_urgent.py::test_x", "unit tests"),
    ],
)
def test_who_noticed(test: str, room: str) -> None:
    assert Failure(test, "").room == room


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "part.jsonl"
    mutant = next(one for one in EVERYTHING if one.operator == "contact dropped")
    first = Diary(path, resume=False)
    first.write(Result(mutant.operator, mutant.name, mutant.diff, by="loader"))

    again = Diary(path, resume=True)
    assert again.result(mutant).by == "loader"
    changed = Mutant(mutant.name, "another diff", mutant.change, operator=mutant.operator)
    assert again.known(changed) is None
    assert Diary(path, resume=False).known(mutant) is None


def test_the_command_line_names_operators() -> None:
    options = _arguments(["--only", "rule dropped", "--sample", "5"])

    assert (options.only, options.sample, options.seed) == (["rule dropped"], 5, 1)
