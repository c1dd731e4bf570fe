"""What is lost, doubled or misplaced, of messages and replies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.web_bot import Row


@dataclass
class Outcome:
    """What came of the kills.

    Args:
        kills: how often the server was killed.
        sent: how many messages were written.
        interrupted: kills that met a message not stored or not answered yet.
        lost: messages that are missing, or have no reply, where they are shown or in the database.
        doubled: messages or replies that are there more than once.
        misplaced: what stands in another order than it was written.
        connected: seconds from the server's being ready to the client's being connected.
        back: seconds from the server's being ready to the last reply's being shown.
    """

    kills: int = 0
    sent: int = 0
    interrupted: int = 0
    lost: int = 0
    doubled: int = 0
    misplaced: int = 0
    connected: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)

    @property
    def flawless(self) -> bool:
        """Whether nothing is lost, doubled or misplaced."""
        return not (self.lost or self.doubled or self.misplaced)


def count_rows(rows: list[Row], texts: Sequence[str], outcome: Outcome) -> None:
    """Count what the database holds: each message and, by its id, each reply."""
    asked = [row for row in rows if row.author == "user"]
    said = [json.loads(row.body)["text"] for row in asked]
    count(said, texts, outcome)
    outcome.misplaced += said != list(texts)
    replies = [row.message_id for row in rows if row.author == "bot"]
    count(replies, [row.message_id for row in asked], outcome)
    outcome.misplaced += replies != [row.message_id for row in asked]
    outcome.lost += sum(not row.answered for row in asked)


def count(found: Sequence[str], wanted: Sequence[str], outcome: Outcome) -> None:
    """Count what is missing of what is wanted, and what is there too often."""
    there, due = Counter(found), Counter(wanted)
    outcome.lost += sum((due - there).values())
    outcome.doubled += sum((there - due).values())
