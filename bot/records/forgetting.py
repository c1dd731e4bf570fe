"""Deletes what was said: on request, and by age."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, false, or_, select, update
from sqlalchemy.orm import Session

from .store import affected
from .tables import USER, entries, sessions


def forget_talk(session: Session, sender: str, now: datetime) -> int:
    """Delete a sender's session, which voids its token, and return how many entries it had.

    In a chat what waits behind the message that is being answered, the one that asked for this,
    is let be: a new conversation begins with it.
    """
    talk = _locked(session, sender)
    theirs = entries.c.sender == sender
    later = _behind_the_turn(session, sender) if talk is not None and talk.address else false()
    gone = affected(session.execute(delete(entries).where(theirs, ~later)))
    if session.scalar(select(entries.c.id).where(theirs).limit(1)) is None:
        session.execute(delete(sessions).where(sessions.c.sender == sender))
    else:
        begun = update(sessions).where(sessions.c.sender == sender).values(created_at=now)
        session.execute(begun)
    return gone


def forget_reopened(session: Session, sender: str) -> None:
    """Delete a session that was opened again while it was being forgotten, with a token that is
    void. What is said in a chat since then belongs to a new conversation."""
    talk = _locked(session, sender)
    if talk is not None and talk.address is None:
        session.execute(delete(entries).where(entries.c.sender == sender))
        session.execute(delete(sessions).where(sessions.c.sender == sender))


def purge_talks(session: Session, now: datetime, limit: datetime) -> int:
    """Delete what was said before a moment, with sessions as old, and sessions of the day before
    in which nothing was ever said; return how many entries that were."""
    gone = affected(session.execute(delete(entries).where(entries.c.created_at < limit)))
    unused = (sessions.c.last_seq == 0) & (sessions.c.created_at < now - timedelta(days=1))
    # What a website's session that is too old said later goes with it: its token has expired. A
    # chat that others keep open goes when nothing is left of it.
    talks_on = exists().where(entries.c.sender == sessions.c.sender)
    old = (sessions.c.created_at < limit) & or_(sessions.c.address.is_(None), ~talks_on)
    session.execute(
        delete(sessions).where(or_(old, unused)).execution_options(synchronize_session=False)
    )
    return gone


def _locked(session: Session, sender: str) -> Any:
    # The session first, as everywhere: who locks in another order may wait for ever.
    theirs = select(sessions.c.address, sessions.c.turn).where(sessions.c.sender == sender)
    return session.execute(theirs.with_for_update()).first()


def _behind_the_turn(session: Session, sender: str) -> Any:
    """Return which messages wait behind the one that a turn runs for; none if no turn runs."""
    waiting = (entries.c.sender == sender) & entries.c.answered.is_(False)
    runs = select(sessions.c.turn).where(sessions.c.sender == sender)
    first = session.scalar(select(entries.c.seq).where(waiting).order_by(entries.c.seq).limit(1))
    if first is None or session.scalar(runs) is None:
        return false()
    return waiting & (entries.c.author == USER) & (entries.c.seq > first)
