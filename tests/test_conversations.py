"""What holds for tests/conversations as a whole; tests/plugin collects and runs the files.

`FILES`, `FOLDER`, `load`, `check_reply` and `check_row` are for tests/channels/telegram, which
holds each conversation over REST and on Telegram side by side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.content import load_content
from bot.records import Records
from tests.harness import TurnResult
from tests.plugin import format as conversations
from tests.plugin.checks import differences
from tests.plugin.format import FOLDER, SAID, Conversation, Turn, files
from tests.plugin.heard import Heard

ALL = {path: conversations.load(path) for path in files()}


def side_by_side(conversation: Conversation) -> bool:
    """Whether a conversation can be held twice at once, with no clock or database of its own."""
    calm = all(
        len(turn.given) < 2 and not turn.pause and "database" not in " ".join(turn.given)
        for turn in conversation.turns
    )
    return calm and not conversation.returning and "telegram" in conversation.channels


FILES = [path for path, conversation in ALL.items() if side_by_side(conversation)]


def load(path: Path) -> dict[str, Any]:
    """Return a conversation as plain data: the first paraphrase, and payloads for buttons."""
    conversation = ALL[path]
    turns = [
        {
            "user": turn.words[0] if turn.words else payload_of(str(turn.button)),
            **({"given": turn.given[0]} if turn.given else {}),
            **turn.checks,
        }
        for turn in conversation.turns
    ]
    return {"conversation": conversation.about, "turns": turns}


def payload_of(button: str) -> str:
    """Return what a button with this title (or payload) sends."""
    content = load_content()
    titles = {answer.question: f"/ask_{topic}" for topic, answer in content.answers.items()}
    titles |= {text: f"/{name}" for name, text in content.labels.items()}
    return titles.get(button, button)


def check_reply(turn: Mapping[str, Any], reply: TurnResult) -> None:
    """Compare a reply with what the turn expects, but for the row."""
    _check({key: value for key, value in turn.items() if key != "row"}, reply, None)


def check_row(turn: Mapping[str, Any], reply: TurnResult, records: Records) -> None:
    """Compare what was recorded with what the turn expects."""
    if "row" in turn:
        _check({"row": turn["row"]}, reply, records)


def _check(expected: Mapping[str, Any], reply: TurnResult, records: Any) -> None:
    checks = {key: value for key, value in expected.items() if key not in SAID}
    turn = Turn(0, 0, (), None, (), 0, MappingProxyType(checks))
    found = differences(turn, Heard.of(reply.messages), records)
    assert not found, "\n".join(
        f"{one.key}: expected {one.expected}, got {one.got}" for one in found
    )


def test_there_are_enough_conversations() -> None:
    assert len(ALL) >= 150
    assert len(FILES) >= 120, "most can be held on Telegram and over REST side by side"


def test_a_name_tells_what_the_user_does() -> None:
    for path in ALL:
        assert re.fullmatch(r"user_[a-z0-9]+(_[a-z0-9]+)+", path.stem), path.name
        assert path.parent.parent == FOLDER, f"{path}: a folder for each topic, no deeper"


def test_no_two_conversations_show_the_same() -> None:
    told = [conversation.about for conversation in ALL.values()]

    assert len(told) == len(set(told))


def test_a_title_stands_for_its_payload() -> None:
    assert payload_of("Is it proven?") == "/ask_evidence"
    assert payload_of("Yes, please") == "/affirm"
    assert payload_of("/ask_pain") == "/ask_pain"


def test_plain_data_names_one_text_a_turn() -> None:
    for path in FILES:
        for turn in load(path)["turns"]:
            assert isinstance(turn["user"], str)
            assert isinstance(turn.get("given", ""), str)
