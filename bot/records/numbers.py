"""What is known of the numbers that Telegram gives to messages: each is above all before it."""

import json
import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .tables import deliveries, entries, sessions

# Groups of this address and below number their messages by themselves.
_LARGE_GROUPS = -(10**12)
# Rows that are looked at for the highest number: more than are answered at any moment.
_LATELY = 500
# How a message is named in its session: by its number, unless it has none.
_NUMBERED = re.compile(r"m\d+")


def in_one_sequence(address: str | int) -> bool:
    """Tell whether a chat's messages are numbered in one sequence with all others: all are, but for
    those of a large group, which has numbers of its own."""
    return int(address) > _LARGE_GROUPS


def highest_number(session: Session) -> int:
    """Return the highest number of that sequence among what was stored lately; 0 if none is."""
    said = select(entries.c.message_id, sessions.c.address).join_from(entries, sessions)
    sent = select(deliveries.c.arrived, deliveries.c.sent_after, sessions.c.address).join_from(
        deliveries, sessions, sessions.c.sender == deliveries.c.sender
    )
    numbers = [0]
    for row in session.execute(_lately(said, entries.c.id)).all():
        numbers += [_number(row.message_id)] if in_one_sequence(row.address) else []
    for row in session.execute(_lately(sent, deliveries.c.entry_id)).all():
        known = (*json.loads(row.arrived), row.sent_after or 0)
        numbers += known if in_one_sequence(row.address) else ()
    return max(numbers)


def newest_number(session: Session, sender: str, message_id: str) -> int:
    """Return a number above which nothing was sent to a chat before the reply to a message: of that
    message, or of the last one sent."""
    before = (
        select(deliveries.c.arrived)
        .where(deliveries.c.sender == sender, deliveries.c.arrived != "[]")
        .order_by(deliveries.c.entry_id.desc())
        .limit(1)
    )
    arrived: list[int] = json.loads(session.scalar(before) or "[]")
    return max(_number(message_id), *arrived, 0)


def _lately(query: Any, order: Any) -> Any:
    theirs = query.where(sessions.c.channel == "telegram")
    return theirs.order_by(order.desc()).limit(_LATELY)


def _number(message_id: str) -> int:
    """Return a message's number, 0 for what is known by another name: a tapped button."""
    return int(message_id[1:]) if _NUMBERED.fullmatch(message_id) else 0
