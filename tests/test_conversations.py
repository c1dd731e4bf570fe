"""Runs every conversation of tests/conversations through the whole bot.

A file is one conversation: `conversation` says what it shows, `turns` are user messages with what
the bot must do. Checks of a turn, all optional but `user` and `outcome`: `topic`, `parts`,
`contains`, `lacks`, `disclaimers`, `sources`, `buttons` (payloads that must be there, `[]` for
none), `row` (outcome of the escalation that must have been recorded, `false` for none) and
`given` (`action server down` or `action server up`, from this turn on).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.records import Records
from tests.harness import Bot, TurnResult

FOLDER = Path(__file__).with_name("conversations")
FILES = sorted(FOLDER.rglob("user_*.yml"))
CHECKS = {
    "user",
    "outcome",
    "topic",
    "parts",
    "contains",
    "lacks",
    "disclaimers",
    "sources",
    "buttons",
    "row",
    "given",
}


def load(path: Path) -> dict[str, Any]:
    """Return a conversation; a misspelt check is an error, not a check that never runs."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(data) == {"conversation", "turns"}, path
    assert data["turns"], path
    for turn in data["turns"]:
        assert set(turn) <= CHECKS, f"{path}: unknown checks {set(turn) - CHECKS}"
        assert {"user", "outcome"} <= set(turn), f"{path}: a turn wants user and outcome"
    return data


def check_reply(turn: dict[str, Any], reply: TurnResult) -> None:
    """Compare a reply with what the turn expects."""
    assert reply.outcome == turn["outcome"]
    if "topic" in turn:
        assert reply.topic == turn["topic"]
    if "parts" in turn:
        assert reply.custom["parts"] == turn["parts"]
    for words in turn.get("contains", ()):
        assert words in reply.text
    for words in turn.get("lacks", ()):
        assert words not in reply.text
    assert set(turn.get("disclaimers", ())) <= set(reply.custom["disclaimers"])
    sections = {source["section"] for source in reply.custom.get("sources", ())}
    assert set(turn.get("sources", ())) <= sections
    if "buttons" in turn:
        assert set(turn["buttons"]) <= set(reply.payloads)
        assert bool(turn["buttons"]) == bool(reply.payloads)


def check_row(turn: dict[str, Any], reply: TurnResult, records: Records) -> None:
    """Compare what was recorded with what the turn expects."""
    reference = reply.custom.get("escalation")
    if turn.get("row"):
        assert reference, "no escalation reference in the reply"
        row = records.escalation(reference)
        assert (row.outcome, row.status) == (turn["row"], "open")
    elif "row" in turn:
        assert reference is None


def test_there_are_conversations() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
async def test_conversation(path: Path, bot: Bot, records: Records) -> None:
    talk = bot.conversation()
    try:
        for number, turn in enumerate(load(path)["turns"], start=1):
            bot.endpoint.up = {"action server down": False, "action server up": True}.get(
                turn.get("given", ""), bot.endpoint.up
            )
            reply = await talk.say(turn["user"])
            try:
                check_reply(turn, reply)
                check_row(turn, reply, records)
            except AssertionError as error:
                said = f"turn {number}: {turn['user']!r} got {reply.outcome}/{reply.topic}"
                raise AssertionError(f"{said}\n{reply.text}\n{error}") from error
    finally:
        bot.endpoint.up = True
