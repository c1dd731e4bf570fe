"""A conversation with the real actions: real content, real records, the SDK's own objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.services import Services
from bot.content import Content, load_content
from bot.records import Records, Redactor
from bot.reply.compose import Composer
from bot.reply.contract import validate
from bot.reply.outcomes import part_of
from bot.settings import ROOT, Settings
from tests.databases import migrated

SENDER = "sender-7"
SLOTS = set(yaml.safe_load((ROOT / "bot/domain/session.yml").read_text(encoding="utf-8"))["slots"])


@dataclass
class Said:
    """What one action sent, checked against the contract, and the events it returned."""

    texts: list[str]
    buttons: list[str]
    payload: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def slots(self) -> dict[str, Any]:
        """The slots that the action changed."""
        return {e["name"]: e["value"] for e in self.events if e["event"] == "slot"}


@dataclass
class Talk:
    """One sender's conversation: keeps slots and events as Rasa's tracker does."""

    services: Services
    sender: str = SENDER
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    latest: dict[str, Any] = field(default_factory=dict)

    def hear(self, intent: str, text: str, parts: Sequence[str] = (), **decision: Any) -> None:
        """Note a user message as it comes out of the pipeline; `parts` are intents."""
        decided = {"parts": [part_of(part).as_dict() for part in parts], **decision}
        self.latest = {"text": text, "intent": {"name": intent}, "decision": decided}
        key = f"{self.sender}-m{len(self.events)}"
        user = {"event": "user", "text": text, "message_id": key, "input_channel": "rest"}
        self.events.append(user)

    def tracker(self) -> Tracker:
        """Return the SDK's view of the conversation."""
        state = {"sender_id": self.sender, "slots": self.slots, "events": self.events}
        return Tracker.from_dict({**state, "latest_message": self.latest})

    async def act(self, action: Action) -> Said:
        """Run an action on the latest message and take over the slots it sets."""
        dispatcher = CollectingDispatcher()
        events = await action.run(dispatcher, self.tracker(), {})
        self.events.append({"event": "action", "name": action.name()})
        said = _said(dispatcher.messages, events)
        assert set(said.slots) <= SLOTS, "a slot that the domain lacks"
        self.slots.update(said.slots)
        return said

    async def say(
        self, action: Action, intent: str, text: str = "words", parts: Sequence[str] = ()
    ) -> Said:
        """Hear a message and act on it."""
        self.hear(intent, text, parts)
        return await self.act(action)


def _said(messages: list[dict[str, Any]], events: list[dict[str, Any]]) -> Said:
    customs = [m["custom"] for m in messages if m["custom"]]
    if messages:
        assert len(customs) == 1
        validate(customs[0])
        assert messages[-1]["custom"]
    return Said(
        texts=[m["text"] for m in messages if m["text"]],
        buttons=[b["payload"] for m in messages for b in m["buttons"]],
        payload=customs[0] if customs else {},
        events=events,
    )


@pytest.fixture(scope="session")
def content() -> Content:
    """All that the bot says."""
    return load_content()


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    """The redactor with its language model."""
    return Redactor()


@pytest.fixture
def services(
    tmp_path: Path, content: Content, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """Services of a bot of its own, which the actions are given."""
    settings = Settings(
        data_dir=str(tmp_path),
        database_url=migrated(tmp_path / "records.sqlite3"),
        secret_key="a key for tests",
        retention_days=42,
    )
    records = Records(settings.records_url, redact=redactor)
    made = Services(settings, content, Composer(content), records, redactor)
    give(monkeypatch, made)
    yield made
    records.close()


def give(monkeypatch: pytest.MonkeyPatch, made: Services) -> None:
    """Let the actions use these services."""
    for module in ("actions.base", "actions.session"):
        monkeypatch.setattr(f"{module}.services", lambda: made)


@pytest.fixture
def broken(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """Services whose database has no tables, so that nothing can be recorded."""
    records = Records(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    made = replace(services, records=records)
    give(monkeypatch, made)
    yield made
    records.close()


@pytest.fixture
def talk(services: Services) -> Talk:
    """A new conversation."""
    return Talk(services)
