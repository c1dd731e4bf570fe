"""Feedback: whether an answer helped, and what somebody had to say about it."""

from typing import cast

from sqlalchemy import select

from .errors import UnknownFeedback
from .models import Feedback
from .store import Store, plain, required
from .tables import feedback as table


class FeedbackRecords(Store):
    """The part of the records that tells the maintainer which answers help."""

    def add_feedback(
        self, *, conversation: str | None, topic: str, helpful: bool, comment: str | None = None
    ) -> int:
        """Record one opinion and return its id.

        Raises:
            InvalidValue: the topic is empty.
        """
        entry = Feedback(
            created_at=self._clock(),
            conversation=None if conversation is None else plain(conversation),
            topic=required(topic, "the topic of feedback"),
            helpful=helpful,
            comment=self._safe_text(comment),
        )
        with self._write() as session:
            session.add(entry)
        return entry.id

    def add_comment(self, to: int | str, comment: str) -> int:
        """Put a comment on the feedback of an id, or on the latest of a conversation (its
        reference), in place of an earlier comment; return the feedback's id.

        Raises:
            UnknownFeedback: there is no such feedback.
        """
        is_id = isinstance(to, int)
        which = table.c.id == to if is_id else table.c.conversation == plain(str(to))
        query = select(Feedback).where(which).order_by(table.c.id.desc()).limit(1)
        safe = self._safe_text(comment)
        with self._write() as session:
            found = cast("Feedback | None", session.scalars(query.with_for_update()).first())
            if found is None:
                raise UnknownFeedback("there is no such feedback to comment on")
            found.comment = safe
            return found.id

    def feedback(self) -> list[Feedback]:
        """Return all feedback, the oldest first."""
        with self._read() as session:
            return list(session.scalars(select(Feedback).order_by(table.c.id)))
