"""A turn of the real bot: every stage is timed, and no word of it is in metrics or logs."""

from __future__ import annotations

import logging

import pytest
from prometheus_client import generate_latest

from bot import logs, metrics
from bot.metrics.catalogue import OF_PROCESS
from bot.metrics.labels import STAGES
from bot.quick_actions import QuickProcessor
from tests.harness import Bot
from tests.metrics.counted import Counted

SAID = (
    "How many milligrams should Bartholomew take?",
    "Why is Bartholomew so tired?",
    "I want to end my life",
    "forget me",
)


async def test_every_stage_is_timed(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.agent, "processor", QuickProcessor.of(bot.agent.processor))
    stages = {stage: Counted("guide_stage_seconds_count", stage=stage) for stage in STAGES}
    escalations = Counted("guide_escalations_total", outcome="dosing", result="opened")
    actions = Counted("guide_action_seconds_count", "actions", action="action_escalate")
    turns = Counted("guide_turns_total", channel="rest", outcome="dosing")

    await bot.conversation().say(SAID[0])

    assert all(stage.grown >= 1 for stage in stages.values())
    assert stages["understanding"].grown == stages["lock_wait"].grown == 1
    assert (escalations.grown, actions.grown, turns.grown) == (1, 1, 1)


async def test_nothing_of_what_is_said_is_in_metrics_or_logs(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    talk = bot.conversation()

    with caplog.at_level(logging.INFO):
        replies = [(await talk.say(text)).text for text in SAID]
        for switched in (False, True):
            bot.endpoint.up = switched
            await talk.say(SAID[0])

    lines = "\n".join(logs.JsonFormatter().format(line) for line in caplog.records)
    shown = "".join(generate_latest(metrics.registry(name)).decode() for name in OF_PROCESS)
    assert lines.count('"event": "turn"') == len(SAID) + 2
    assert '"fault": "action_fault"' in lines
    for private in ("Bartholomew", "milligram", talk.sender, *SAID, *replies):
        assert private not in lines
        assert private not in shown
