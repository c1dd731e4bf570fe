"""Puts a reply among those that its channel sends by itself."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .tables import BOT, deliveries, entries

# Of the name of a reply in its buttons: nobody guesses another person's.
KEY_BYTES = 12


def post_reply(session: Session, sender: str, message_id: str, now: datetime) -> None:
    """Have the stored reply to a message sent."""
    reply = select(entries.c.id).where(
        entries.c.sender == sender,
        entries.c.author == BOT,
        entries.c.message_id == message_id,
    )
    session.execute(
        deliveries.insert().values(
            entry_id=reply.scalar_subquery(),
            sender=sender,
            key=secrets.token_urlsafe(KEY_BYTES),
            arrived="[]",
            tapped="[]",
            done=False,
            attempts=0,
            next_attempt_at=now,
        )
    )
