"""The faults can still be seeded, and a check that misses one, or does not name it, is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import sampling
from bot.settings import ROOT
from tests.seeding.__main__ import Run, judged, main
from tests.seeding.faults import FAULTS, CannotSeed, Check, Edit, Fault, thinned

CHECK = Check(("pytest", "tests/x"), (r"user_asks", r"No, it is not"))
FAULT = Fault("wrong", "says the opposite", (), (CHECK,))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_can_be_seeded_in_the_files_of_today(fault: Fault, tmp_path: Path) -> None:
    for path in {edit.path for edit in fault.edits}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)

    for edit in fault.edits:
        edit.apply(tmp_path)

    assert fault.edits or fault.model or fault.prepare
    for path in {edit.path for edit in fault.edits}:
        assert (tmp_path / path).read_bytes() != (ROOT / path).read_bytes()


def test_what_is_no_longer_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one one")

    for old in ("one", "two"):
        with pytest.raises(CannotSeed, match=r"a\.yml has [02] times"):
            Edit("a.yml", old, "three").apply(tmp_path)


@pytest.mark.parametrize(
    ("code", "output", "good", "said"),
    [
        (1, "FAILED user_asks\n'No, it is not proven' is missing", True, "'No, it is not proven'"),
        (0, "1 passed; user_asks; No, it is not", False, "passed: NOT CAUGHT"),
        (1, "FAILED user_asks", False, "failed, but does not say 'No, it is not'"),
        (1, "No, it is not", False, "failed, but does not say 'user_asks'"),
    ],
)  # fmt: skip
def test_a_fault_is_caught_only_if_the_check_fails_and_names_it(
    code: int, output: str, good: bool, said: str
) -> None:
    row = judged(FAULT, CHECK, Run(code, output, 1.0))

    assert row.good is good
    assert said in row.said


def test_a_report_needs_no_failure_but_must_say_it() -> None:
    check = Check(("python", "-m", "benchmarks.evaluate"), ("Worse than the base",), fails=False)

    assert judged(FAULT, check, Run(0, "Worse than the base: 3 better", 1.0)).good
    assert not judged(FAULT, check, Run(0, "No difference", 1.0)).good
    assert not judged(FAULT, check, Run(1, "Worse than the base: 3 better", 1.0)).good


def test_a_worse_model_learns_every_intent_from_a_tenth(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "nlu"
    folder.mkdir(parents=True)
    rows = "".join(f"      - is {word} proven\n" for word in range(40))
    head = 'version: "3.1"\nnlu:\n'
    (folder / "greet.yml").write_text(f"{head}  - intent: greet\n    examples: |\n{rows}")
    (folder / "deny.yml").write_text(
        f"{head}  - intent: deny\n    examples: |\n      - no\n      - nope\n      - nah\n"
    )

    thinned(tmp_path)

    kept = [example.intent for example in sampling.examples(folder)]
    assert (kept.count("greet"), kept.count("deny")) == (4, 2)


def test_faults_are_listed_and_an_unknown_name_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--list"]) == 0
    assert main(["no-such-fault"]) == 1

    said = capsys.readouterr().out
    assert all(f"{fault.name}: {fault.what}" in said for fault in FAULTS)
