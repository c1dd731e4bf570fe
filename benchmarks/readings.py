"""What a model made of messages, with all its probabilities; kept, so that nothing is read twice.

The messages are read in a child process, by the code that belongs to the model. Readings lie in
reports/readings, a file for each model and code, found by the digests of both.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.settings import ROOT

KEPT = ROOT / "reports" / "readings"
_CODE = ("bot/nlu/**/*.py", "bot/reply/outcomes.py")
_LISTENER = Path(__file__).with_name("listener.py")
_LOG_LINES = 20
_DIGITS = 12

Conversation = tuple[str, ...]


class ListenerError(RuntimeError):
    """The model could not be loaded, or failed while it read."""


@dataclass(frozen=True)
class Model:
    """A trained model and the code that reads it: an archive, and a folder that holds `bot`."""

    archive: Path
    code: Path = ROOT

    @property
    def key(self) -> str:
        """Return the digests of archive and code: the same key, the same readings."""
        code = hashlib.sha256()
        for path in sorted(path for pattern in _CODE for path in self.code.glob(pattern)):
            code.update(path.relative_to(self.code).as_posix().encode() + b"\0")
            code.update(hashlib.sha256(path.read_bytes()).digest())
        archive = hashlib.sha256(self.archive.read_bytes())
        return f"{archive.hexdigest()[:_DIGITS]}-{code.hexdigest()[:_DIGITS]}"


@dataclass(frozen=True)
class Reading:
    """What a model made of one message.

    `intent`, `confidence` (0 to 1) and `decision`: as the pipeline gives them. `shares`: the
    probability of each intent in the whole and then in each piece (of older models, of the first
    few). `detected`: the probability of each safety outcome. `pieces`: the cleaned whole and its
    pieces. `seconds`: the time that the parse took.
    """

    text: str
    intent: str | None
    confidence: float
    decision: Mapping[str, Any]
    shares: Sequence[Mapping[str, float]]
    detected: Mapping[str, float]
    pieces: Sequence[str]
    seconds: float

    @property
    def parsed(self) -> dict[str, Any]:
        """Return it in the form of Rasa's parse."""
        intent = {"name": self.intent, "confidence": self.confidence}
        return {"text": self.text, "intent": intent, "decision": dict(self.decision)}

    @property
    def ranking(self) -> list[tuple[str, float]]:
        """Return the intents and their shares in the whole message, the likeliest first."""
        whole = self.shares[0] if self.shares else {}
        return sorted(whole.items(), key=lambda pair: -pair[1])


def read(
    model: Model,
    conversations: Sequence[Conversation],
    *,
    afresh: bool = False,
    folder: Path = KEPT,
) -> list[list[Reading]]:
    """Return the readings of all turns of all conversations; with `afresh`, none from before.

    A message by itself is a conversation of one turn.

    Raises:
        ListenerError: the model does not load, or fails.
    """
    path = folder / f"{model.key}.json"
    known = _known(path)
    wanted = list(dict.fromkeys(tuple(texts) for texts in conversations))
    missing = [texts for texts in wanted if afresh or texts not in known]
    if missing:
        known.update(zip(missing, _listened(model, missing), strict=True))
        _keep(path, known)
    return [known[tuple(texts)] for texts in conversations]


def read_each(model: Model, texts: Sequence[str], *, folder: Path = KEPT) -> list[Reading]:
    """Return the reading of each text, as the first message of a conversation.

    Raises:
        ListenerError: the model does not load, or fails.
    """
    return [turns[0] for turns in read(model, [(text,) for text in texts], folder=folder)]


def _listened(model: Model, conversations: Sequence[Conversation]) -> list[list[Reading]]:
    with tempfile.TemporaryDirectory() as folder:
        texts, readings = Path(folder) / "texts.json", Path(folder) / "readings.json"
        texts.write_text(json.dumps([list(turns) for turns in conversations]), encoding="utf-8")
        source = _LISTENER.read_text(encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "-c", source]
        done = subprocess.run(
            [*command, str(model.archive.resolve()), str(texts), str(readings)],
            cwd=model.code,
            env={**os.environ, "PYTHONPATH": str(model.code), "TQDM_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not readings.is_file():
            said = (done.stdout + done.stderr).splitlines()[-_LOG_LINES:]
            raise ListenerError("\n".join([f"{model.archive.name} could not be read:", *said]))
        found = json.loads(readings.read_text(encoding="utf-8"))
    return [[Reading(**turn) for turn in turns] for turns in found]


def _known(path: Path) -> dict[Conversation, list[Reading]]:
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {tuple(t["text"] for t in turns): [Reading(**t) for t in turns] for turns in found}


def _keep(path: Path, known: Mapping[Conversation, Sequence[Reading]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [[asdict(turn) for turn in turns] for turns in known.values()]
    # An interrupted run leaves the old file whole.
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(found), encoding="utf-8")
    fresh.replace(path)
