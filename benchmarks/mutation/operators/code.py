"""Faults in the code between understanding and reply, one line each."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.mutation.mutant import Mutant, Operator, diff
from benchmarks.mutation.operators.snippets import SNIPPETS, Snippet
from benchmarks.mutation.source import SourceChange, replaced, source
from bot.reply.outcomes import PRECEDENCE

# The tests of each module's own; they run after the conversations, which are what is measured.
UNIT_CHECKS = {
    "actions/answer.py": ("tests/actions/test_answer.py",),
    "actions/base.py": ("tests/actions/test_base.py",),
    "actions/clarify.py": ("tests/actions/test_clarify.py",),
    "actions/escalate.py": ("tests/actions/test_escalate.py",),
    "actions/feedback.py": ("tests/actions/test_feedback.py",),
    "actions/privacy.py": ("tests/actions/test_privacy.py",),
    "actions/session.py": ("tests/actions/test_session.py",),
    "actions/smalltalk.py": ("tests/actions/test_smalltalk.py",),
    "actions/turn.py": ("tests/actions/test_turn.py",),
    "actions/urgent.py": ("tests/actions/test_urgent.py",),
    "bot/degraded.py": ("tests/test_degraded.py",),
    "bot/nlu/decision.py": (
        "tests/nlu/test_decision.py",
        "tests/nlu/test_decision_beside.py",
        "tests/nlu/test_readings.py",
    ),
    "bot/reply/compose.py": ("tests/reply/test_compose.py",),
    "bot/reply/contract.py": ("tests/reply/test_contract.py",),
    "bot/reply/outcomes.py": ("tests/reply/test_outcomes.py",),
    "bot/reply/urgent.py": ("tests/reply/test_urgent.py",),
    "bot/tracker_store.py": ("tests/tracker_store/test_store.py",),
}
_OUTCOMES = "bot/reply/outcomes.py"


def _mutant(path: str, name: str, old: str, new: str, text: str) -> Mutant:
    number = _line_of(path, text)
    shown = diff(f"{path}:{number}", old, new)
    return Mutant(name, shown, SourceChange(path, text), (), UNIT_CHECKS[path], unit_last=True)


def _line_of(path: str, text: str) -> int:
    """Return the first line of the source that differs, from 1."""
    pairs = zip(source(path).splitlines(), text.splitlines(), strict=False)
    return next(number for number, (one, other) in enumerate(pairs, start=1) if one != other)


def _snippets(operator: str) -> Iterator[Mutant]:
    found: list[Snippet] = SNIPPETS[operator]
    for path, name, old, new in found:
        yield _mutant(path, name, old, new, replaced(path, old, new))


def _precedence() -> Iterator[Mutant]:
    """Swap each two neighbours in the order of urgency."""
    for one, other in itertools.pairwise(PRECEDENCE):
        old = f'    "{one}",\n    "{other}",\n'
        new = f'    "{other}",\n    "{one}",\n'
        text = source(_OUTCOMES)
        at = text.index(old, text.index("PRECEDENCE = ("))
        changed = text[:at] + new + text[at + len(old) :]
        yield _mutant(_OUTCOMES, f"{one} <-> {other}", old, new, changed)


@dataclass(frozen=True)
class _Condition:
    """A condition in a source: where it stands, and what it says."""

    start: int
    end: int
    line: int
    text: str


def _conditions(path: str) -> list[_Condition]:
    text = source(path)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tests: list[ast.expr] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.If, ast.IfExp)):
            tests.append(node.test)
        elif isinstance(node, ast.comprehension):
            tests.extend(node.ifs)
    # The sources are ASCII but for quotes in docstrings, so that a column is a letter.
    found = [
        _Condition(
            starts[test.lineno - 1] + test.col_offset,
            starts[(test.end_lineno or 0) - 1] + (test.end_col_offset or 0),
            test.lineno,
            ast.get_source_segment(text, test) or "",
        )
        for test in tests
    ]
    return sorted(found, key=lambda one: (one.start, -one.end))


def _negated() -> Iterator[Mutant]:
    for path in UNIT_CHECKS:
        text = source(path)
        for number, one in enumerate(_conditions(path), start=1):
            new = f"(not ({one.text}))"
            changed = text[: one.start] + new + text[one.end :]
            name = f"{path} {number}: {' '.join(one.text.split())}"
            shown = diff(f"{path}:{one.line}", one.text, new)
            change = SourceChange(path, changed)
            yield Mutant(name, shown, change, (), UNIT_CHECKS[path], unit_last=True)


OPERATORS = (
    *(
        Operator(name, description, lambda name=name: _snippets(name))  # type: ignore[misc]
        for name, description in (
            ("record lost", "Something is said to be recorded or erased, and is not."),
            ("part of a reply lost", "A disclaimer, referral, reference or text is left out."),
            ("memory lost", "A slot is not kept, or kept too long."),
            ("wrong way", "A decision takes the other way."),
        )
    ),
    Operator("precedence swapped", "Two neighbours in the order of urgency.", _precedence),
    Operator("condition negated", "An `if` of these modules is the other way round.", _negated),
)
