"""Which turns of the conversations lie near a decision: `python -m benchmarks.margins [MODEL …]`.

A newly trained model moves every probability a little, so a turn that is right by a hair today is a
test that fails tomorrow for no fault of the change. For each turn that somebody writes, this finds
the smallest shift of one probability, in logits, that would change the decision, over one model
(the current one) or several; and the turns that the models take for different things.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.asking import settings
from benchmarks.models import current
from benchmarks.readings import Model, Reading, read
from tests.exports.convos import payload_of
from tests.plugin.format import Variant, files, load

# Shifts that are tried, in logits; 2 turns a probability of 50 % into 88 %.
STEPS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
# A share below this is nobody's second thought.
LEAST = 0.001
_EDGE = 1e-6


class Said(NamedTuple):
    """A turn that is written: where it stands, and its text."""

    place: str
    text: str


class Margin(NamedTuple):
    """How near one turn is to a flip.

    `shift`: the smallest over the models, infinite if no step flips it; `becomes`: what it would be
    then; `decisions`: what each model takes it for.
    """

    said: Said
    shift: float
    becomes: str
    decisions: tuple[str, ...]

    @property
    def disputed(self) -> bool:
        """Whether the models differ."""
        return len(set(self.decisions)) > 1


class Judge:
    """Decides one message again and again, with other probabilities.

    What depends on its words alone is read once: the screen, and the symptoms that it lists.
    """

    def __init__(self, reading: Reading) -> None:
        # Rasa is slow to import, and only needed here.
        from bot.nlu.decision import OutcomeDecider
        from bot.nlu.screen import screen
        from bot.nlu.symptoms import listed

        self._decider = OutcomeDecider(settings())
        self._danger = screen(reading.text)
        self._symptoms = listed(reading.pieces[0]) if reading.pieces else ()

    def decision(self, reading: Reading) -> str:
        """Return what the bot would reply to, in words: all parts, or why it asks."""
        shares = reading.shares if reading.pieces else ()
        rankings = [
            [{"name": name, "confidence": share} for name, share in sorted(row.items(), key=_last)]
            for row in shares
        ]
        found = self._decider.decide(rankings, reading.detected, self._danger, self._symptoms)
        parts = [
            "/".join(filter(None, (part["outcome"], part.get("topic"))))
            for part in found[2].get("parts", ())
        ]
        return " + ".join(parts) or str(found[2].get("reason") or found[0])

    def nearest(self, reading: Reading) -> tuple[float, str]:
        """Return the smallest shift that changes the decision, and to what; infinite if none."""
        now = self.decision(reading)
        for step in STEPS:
            for by in (step, -step):
                for other in neighbours(reading, by):
                    if (then := self.decision(other)) != now:
                        return step, then
        return math.inf, ""


def _last(pair: tuple[str, float]) -> float:
    return -pair[1]


def shifted(share: float, by: float) -> float:
    """Return a probability moved by so many logits."""
    inside = min(max(share, _EDGE), 1 - _EDGE)
    return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) + by)))


def neighbours(reading: Reading, by: float) -> Iterator[Reading]:
    """Yield the reading with one of its probabilities moved, each in turn."""
    for name, share in reading.detected.items():
        yield replace(reading, detected={**reading.detected, name: shifted(share, by)})
    for place, shares in enumerate(reading.shares):
        for name, share in shares.items():
            if share >= LEAST:
                moved = [dict(row) for row in reading.shares]
                moved[place][name] = shifted(share, by)
                yield replace(reading, shares=moved)


def said(variant: Variant) -> list[Said]:
    """Return all turns of a conversation; a tapped button as the payload that it sends."""
    where = f"{variant.conversation.name} ({variant.name})"
    pairs = zip(variant.conversation.turns, variant.words, strict=True)
    return [
        Said(f"{where} turn {turn.number}", payload_of(str(turn.button)) if text is None else text)
        for turn, text in pairs
    ]


def margins(models: Sequence[Model], talks: Sequence[Sequence[Said]]) -> list[Margin]:
    """Return a margin for each turn that is written, the nearest to a flip first.

    The same words after the same conversation count once.

    Raises:
        ListenerError: a model does not load, or fails.
    """
    held = [read(model, [tuple(turn.text for turn in talk) for talk in talks]) for model in models]
    found: dict[tuple[str, ...], Margin] = {}
    for number, talk in enumerate(talks):
        for place, turn in enumerate(talk):
            told = tuple(one.text for one in talk[: place + 1])
            readings = [conversations[number][place] for conversations in held]
            if told not in found and readings[0].pieces and not turn.text.startswith("/"):
                judge = Judge(readings[0])
                shift, becomes = min(map(judge.nearest, readings))
                found[told] = Margin(turn, shift, becomes, tuple(map(judge.decision, readings)))
    return sorted(found.values(), key=lambda one: (not one.disputed, one.shift))


def line(one: Margin) -> str:
    """Return a margin as a line of text."""
    now = " | ".join(dict.fromkeys(one.decisions))
    return f'{one.shift:4.1f}  {now} -> {one.becomes}  "{one.said.text}"  {one.said.place}'


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the turns below the bar, and how many there are at each step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.margins", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, help="archives, read by the current code")
    parser.add_argument("--below", type=float, default=0.5, help="show turns this near, or nearer")
    chosen = parser.parse_args(arguments)
    models = [Model(path) for path in chosen.models] or [current()]
    talks = [said(variant) for path in files() for variant in load(path).variants()]
    found = margins(models, talks)
    near = [one for one in found if one.disputed or one.shift <= chosen.below]
    print("\n".join(map(line, near)))
    disputed = sum(one.disputed for one in found)
    print(f"\n{len(found)} turns, {len(models)} models: {disputed} taken for different things")
    for bar in (0.3, 0.5, 1.0, 2.0):
        count = sum(one.shift <= bar for one in found)
        print(f"{count} would flip if one probability moved by {bar:g} logits")
    return 0


if __name__ == "__main__":
    from bot.lean import hush, keep_tensorflow_out

    keep_tensorflow_out()
    hush()
    sys.exit(main())
