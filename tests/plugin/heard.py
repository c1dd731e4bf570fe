"""What came back of a turn, the same whatever channel it came over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Button(NamedTuple):
    """A button as offered."""

    title: str
    payload: str


@dataclass(frozen=True)
class Call:
    """A call of the action server: which action, for which intent, with which slots before it."""

    action: str
    intent: str
    slots: Mapping[str, Any]


@dataclass(frozen=True)
class Heard:
    """One turn's reply: texts in order, buttons, and the machine-readable message.

    `custom` is None only where the channel keeps none: on Telegram, after "forget me".
    """

    texts: tuple[str, ...]
    buttons: tuple[Button, ...]
    custom: Mapping[str, Any] | None
    calls: tuple[Call, ...] = ()

    @classmethod
    def of(cls, messages: list[dict[str, Any]], calls: Iterable[Call] = ()) -> Heard:
        """Read a turn's messages; they are checked against the reply contract.

        Raises:
            AssertionError, ContractError: they break it, or hold a dose.
        """
        # Brings Rasa in, which a run without conversations need not wait for.
        from tests.harness import TurnResult

        result = TurnResult(messages)
        buttons = [b for message in messages for b in message.get("buttons") or ()]
        return cls(
            texts=tuple(result.texts),
            buttons=tuple(Button(button["title"], button["payload"]) for button in buttons),
            custom=result.custom,
            calls=tuple(calls),
        )

    @property
    def text(self) -> str:
        """All the texts."""
        return "\n\n".join(self.texts)

    def find(self, name: str) -> Button | None:
        """Return the button with this title or payload."""
        return next((button for button in self.buttons if name in button), None)
