"""The reply contract `reply/1`: what every turn sends, on every channel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from bot.reply.outcomes import Part

SCHEMA_NAME = "reply/1"
_SCHEMA_FILE = Path(__file__).with_name("schema.json")


class ContractError(ValueError):
    """A payload does not follow the reply contract."""


@dataclass(frozen=True)
class Button:
    """A next question: `title` as shown, `payload` as sent back (`/ask_pain`)."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One turn's reply. `parts` leads with the primary outcome; `texts` are whole on their own."""

    parts: tuple[Part, ...]
    texts: tuple[str, ...]
    disclaimers: tuple[str, ...] = ()
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()
    referral: Mapping[str, Any] | None = None
    escalation: str | None = None
    suggestions: tuple[Button, ...] = ()

    @property
    def outcome(self) -> str:
        """The primary outcome."""
        return self.parts[0].outcome

    @property
    def topic(self) -> str | None:
        """The primary topic, of answers and smalltalk."""
        return self.parts[0].topic

    def with_text(self, text: str) -> Reply:
        """Return the reply with one more text message at its end."""
        return replace(self, texts=(*self.texts, text))

    def suggesting(self, suggestions: tuple[Button, ...]) -> Reply:
        """Return the reply with these buttons instead of its own."""
        return replace(self, suggestions=suggestions)

    def on_answers(
        self,
        footer: str,
        disclaimers: tuple[str, ...],
        sources: tuple[tuple[str, tuple[str, ...]], ...],
        suggestions: tuple[Button, ...],
    ) -> Reply:
        """Return the reply closed as one that answers: its footer, disclaimers and sources."""
        return replace(
            self.with_text(footer),
            disclaimers=disclaimers,
            sources=sources,
            suggestions=suggestions,
        )

    def payload(self) -> dict[str, Any]:
        """Return the machine-readable message (`custom`), as built; `validate` checks it."""
        body: dict[str, Any] = {
            "schema": SCHEMA_NAME,
            "outcome": self.outcome,
            "topic": self.topic,
            "parts": [part.as_dict() for part in self.parts],
            "disclaimers": list(self.disclaimers),
        }
        if self.sources:
            body["sources"] = [{"section": s, "claims": list(c)} for s, c in self.sources]
        if self.referral:
            body["referral"] = dict(self.referral)
        if self.escalation:
            body["escalation"] = self.escalation
        if self.suggestions:
            body["suggestions"] = [vars(button) for button in self.suggestions]
        return body

    def messages(self) -> list[dict[str, Any]]:
        """Return Rasa responses: the texts, buttons on the last one, then the payload."""
        responses: list[dict[str, Any]] = [{"text": text} for text in self.texts]
        if self.suggestions:
            responses[-1]["buttons"] = [vars(button) for button in self.suggestions]
        return [*responses, {"custom": self.payload()}]


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the machine-readable message."""
    loaded: dict[str, Any] = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _validator() -> Draft7Validator:
    return Draft7Validator(schema())


def validate(payload: object) -> None:
    """Check a payload against the contract.

    Raises:
        ContractError: it does not follow the schema; the message names the field.
    """
    errors = sorted(_validator().iter_errors(payload), key=lambda error: list(error.path))
    if errors:
        first = errors[0]
        where = "/".join(str(step) for step in first.path) or "the payload"
        raise ContractError(f"{where}: {first.message}")
