"""All kinds of fault."""

from __future__ import annotations

from benchmarks.mutation.mutant import Operator
from benchmarks.mutation.operators import answers, code, hedges, rules, safety, understanding

OPERATORS: tuple[Operator, ...] = (
    *answers.OPERATORS,
    *hedges.OPERATORS,
    *safety.OPERATORS,
    *rules.OPERATORS,
    *understanding.OPERATORS,
    *code.OPERATORS,
)
