"""Quick actions: the same check as Rasa's, in the same places, without building it each time."""

from __future__ import annotations

import time
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.quick_actions import QuickAction, QuickProcessor, _validator
from tests.harness import Bot

GOOD: dict[str, Any] = {
    "events": [{"event": "slot", "name": "offer", "value": None, "timestamp": None}],
    "responses": [{"text": "hello"}, {"custom": {}}],
}
BAD: list[dict[str, Any]] = [
    {"events": "none", "responses": []},
    {"events": [], "responses": ["hello"]},
    {"events": [{"event": "slot", "name": 7}], "responses": []},
]


def test_what_rasa_takes_is_taken() -> None:
    assert RemoteAction("action_answer", None)._validate_action_result(GOOD)
    assert QuickAction("action_answer", None)._validate_action_result(GOOD)


@pytest.mark.parametrize("result", BAD)
def test_what_rasa_refuses_is_refused(result: dict[str, Any]) -> None:
    for action in (RemoteAction("action_answer", None), QuickAction("action_answer", None)):
        with pytest.raises(ValidationError):
            action._validate_action_result(result)


def test_the_validator_is_built_once_and_costs_a_fifth_at_most() -> None:
    def cost(action: RemoteAction) -> float:
        began = time.process_time()
        for _ in range(10):
            action._validate_action_result(GOOD)
        return time.process_time() - began

    quick, stock = QuickAction("action_answer", None), RemoteAction("action_answer", None)
    cost(quick)

    assert cost(quick) < cost(stock) / 5
    assert _validator() is _validator()


async def test_a_whole_turn_uses_quick_actions(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []
    real = QuickAction._validate_action_result

    def spy(self: QuickAction, result: dict[str, Any]) -> bool:
        used.append(self.name())
        return real(self, result)

    monkeypatch.setattr(QuickAction, "_validate_action_result", spy)
    processor = QuickProcessor.of(bot.agent.processor)
    output = CollectingOutputChannel()

    await processor.handle_message(UserMessage("/ask_pain", output, "quick", input_channel="rest"))

    assert used == ["action_session_start", "action_answer"]
    assert output.messages
