"""What was said in a conversation, and where it first went another way than expected."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.plugin.checks import Difference
from tests.plugin.format import Turn, Variant
from tests.plugin.heard import Heard

WIDTH = 96
# Longest message of a user that is shown whole.
SHOWN = 1500


@dataclass(frozen=True)
class Said:
    """One turn as it went. `did` is what the user wrote or tapped; `broke` an error of the bot."""

    turn: Turn
    did: str
    tapped: bool
    heard: Heard | None
    differences: tuple[Difference, ...] = ()
    broke: str = ""


@dataclass
class Transcript:
    """A conversation as far as it was held; it ends with the first turn that failed."""

    variant: Variant
    channel: str
    said: list[Said] = field(default_factory=list)
    exercised: set[str] = field(default_factory=set)

    @property
    def failed(self) -> bool:
        """Whether the last turn was not as expected."""
        return bool(self.said) and bool(self.said[-1].differences or self.said[-1].broke)

    def render(self) -> str:
        """Return the transcript as text, the first difference marked."""
        path = self.variant.conversation.path
        lines = [f"{self.variant.conversation.about}", ""]
        for said in self.said:
            lines += _turn(said)
        if self.failed:
            last = self.said[-1]
            lines += ["", f"{path}:{last.turn.line}: turn {last.turn.number} is not as expected:"]
            lines += _marked(last)
        return "\n".join(lines)

    def data(self) -> dict[str, Any]:
        """Return all of it as JSON can carry it, for reports of other processes."""
        return {
            "name": self.variant.conversation.name,
            "variant": self.variant.name,
            "about": self.variant.conversation.about,
            "channel": self.channel,
            "turns": [_as_data(said) for said in self.said],
            "exercised": sorted(self.exercised),
        }


def _turn(said: Said) -> list[str]:
    before = [f"{said.turn.pause} minutes pass"] if said.turn.pause else []
    lines = [f"     ({given})" for given in (*before, *said.turn.given)]
    verb = "taps" if said.tapped else "user"
    lines += _wrapped(f"{said.turn.number:>3}  {verb}", _shortened(said.did))
    if said.heard is None:
        return lines
    lines += _wrapped("     bot ", f"[{_label(said.heard.custom)}]")
    for text in said.heard.texts:
        for line in text.splitlines():
            lines += _wrapped("         ", line) if line else []
    if said.heard.buttons:
        titles = "  ".join(f"[{button.title}]" for button in said.heard.buttons)
        lines += _wrapped("         ", titles)
    return lines


def _shortened(text: str) -> str:
    cut = f" … ({len(text)} characters) … "
    return text if len(text) <= SHOWN else text[: SHOWN // 2] + cut + text[-SHOWN // 2 :]


def _label(custom: Mapping[str, Any] | None) -> str:
    if custom is None:
        return "nothing is kept of this reply"
    return "/".join(filter(None, (custom["outcome"], custom["topic"])))


def _marked(said: Said) -> list[str]:
    if said.broke:
        return [f">>> {line}" for line in said.broke.splitlines()]
    first, *others = said.differences
    lines = [
        f">>> {first.key}",
        *_wrapped(">>>   expected:", first.expected),
        *_wrapped(">>>   got:     ", first.got),
    ]
    return lines + [f"    also {one.key}: expected {one.expected}, got {one.got}" for one in others]


def _wrapped(start: str, text: str) -> list[str]:
    """Return a text as lines after a start, those that follow beneath the first."""
    lines = textwrap.wrap(text, WIDTH - len(start), break_long_words=False) or [repr(text)]
    return [f"{start} {lines[0]}", *(f"{' ' * len(start)} {line}" for line in lines[1:])]


def _as_data(said: Said) -> dict[str, Any]:
    heard = said.heard
    return {
        "number": said.turn.number,
        "line": said.turn.line,
        "given": list(said.turn.given),
        "pause": said.turn.pause,
        "did": said.did,
        "tapped": said.tapped,
        "label": _label(heard.custom) if heard else "",
        "texts": list(heard.texts) if heard else [],
        "buttons": [button.title for button in heard.buttons] if heard else [],
        "differences": [asdict(one) for one in said.differences],
        "broke": said.broke,
    }
