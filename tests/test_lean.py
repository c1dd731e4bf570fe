"""Lean serving, each in a process of its own: what is imported cannot be taken back."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest

from bot.lean import hush, keep_tensorflow_out
from bot.settings import ROOT
from bot.training import MODELS, train

SERVE = """
import asyncio, json, sys
from bot.lean import hush, keep_tensorflow_out
keep_tensorflow_out()
import rasa.core.agent

async def parse():
    agent = await rasa.core.agent.load_agent(sys.argv[1])
    return await agent.parse_message("Does ketamine help with brain fog?")

parsed = asyncio.run(parse())
loaded = [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "keras", "jax")]
print(json.dumps({
    "loaded": [name for name in loaded if sys.modules[name] is not None],
    "intent": parsed["intent"]["name"],
}))
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.model
def test_the_real_model_answers_without_tensorflow() -> None:
    made = sorted(MODELS.glob("guide-*.tar.gz"), key=lambda path: path.stat().st_mtime)

    done = run(SERVE, str(made[-1] if made else train()))

    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert seen["loaded"] == []
    assert seen["intent"] == "ask_brain_fog"


@pytest.mark.parametrize("name", ["rasa", "tensorflow"])
def test_it_refuses_to_come_too_late(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("rasa", "tensorflow"):
        monkeypatch.delitem(sys.modules, other, raising=False)
    monkeypatch.setitem(sys.modules, name, object())  # type: ignore[arg-type]
    before = dict(sys.modules)

    with pytest.raises(RuntimeError, match="before Rasa is imported"):
        keep_tensorflow_out()

    assert dict(sys.modules) == before


def test_the_stand_ins_are_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.lean import _STAND_INS, _VALIDATOR

    for name in ("rasa", "tensorflow", *_STAND_INS):
        # Set first, so that the test's end puts back what was there, or that nothing was.
        monkeypatch.setitem(sys.modules, name, sys)
        monkeypatch.delitem(sys.modules, name)

    keep_tensorflow_out()

    assert sys.modules["tensorflow"] is None
    assert all(name in sys.modules for name in _STAND_INS)
    assert sys.modules[_VALIDATOR].DefaultV1RecipeValidator.__name__ == "DefaultV1RecipeValidator"


def test_deprecations_are_hushed_and_other_warnings_are_not() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        hush()
        for category in (DeprecationWarning, PendingDeprecationWarning, SyntaxWarning, UserWarning):
            warnings.warn("listen", category, stacklevel=1)

    assert [warning.category for warning in seen] == [UserWarning]
