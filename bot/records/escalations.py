"""Escalations: opened by the bot, then taken and resolved by a professional."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import metrics

from .errors import (
    AlreadyResolved,
    AlreadyTaken,
    StorageError,
    UnknownReference,
    UnknownStatus,
)
from .models import Escalation, Notification
from .references import ESCALATION, message_digest, new_reference, normal_reference
from .spooled import Draft
from .store import REFERENCE_TRIES, Store, plain, required
from .tables import ESCALATION_STATUSES
from .tables import escalations as table


class EscalationRecords(Store):
    """The part of the records that professionals work on."""

    def open_escalation(
        self,
        *,
        outcome: str,
        channel: str,
        conversation: str | None,
        message_key: str,
        text: str | None,
    ) -> str:
        """Record that a message was escalated, once however often it is told, and return
        its reference. The notification, if any, is queued in the same transaction.

        Raises:
            StorageError: the database failed; nothing was recorded.
        """
        draft = self.draft_escalation(outcome, channel, conversation, message_key, text)
        return self.keep_escalation(draft)

    def draft_escalation(
        self,
        outcome: str,
        channel: str,
        conversation: str | None,
        message_key: str,
        text: str | None,
    ) -> Draft:
        """Return an escalation of this moment, fit to be stored now or later."""
        return Draft(
            created_at=self._clock(),
            outcome=plain(outcome),
            channel=plain(channel),
            conversation=None if conversation is None else plain(conversation),
            message_key=message_digest(message_key),
            excerpt=self._safe_text(text),
        )

    def keep_escalation(self, draft: Draft) -> str:
        """Store a draft as `open_escalation` does; return its reference.

        What the spool keeps of the message is stored in its place: it may have been cleared since.

        Raises:
            StorageError: the database failed; nothing was recorded.
        """
        try:
            reference, is_new = self._opened(draft)
        except StorageError:
            metrics.escalation(draft.outcome, "failed")
            raise
        metrics.escalation(draft.outcome, "opened" if is_new else "repeated")
        return reference

    def replay_escalation(self, digest: str) -> None:
        """Record what the spool keeps of a message's escalation.

        Raises:
            StorageError: the database failed; it is to be tried again.
        """
        draft = self._spool.escalation(digest) if self._spool is not None else None
        if draft is not None and self._spool is not None:
            self.keep_escalation(draft)
            self._spool.drop_escalation(digest)

    def replay_escalations(self, conversation: str) -> None:
        """Record what the spool keeps of a conversation's escalations.

        Raises:
            StorageError: the database failed; what is left is to be tried again.
        """
        for draft in self._spool.escalations() if self._spool is not None else ():
            if draft.conversation == conversation:
                self.replay_escalation(draft.message_key)

    def _opened(self, draft: Draft) -> tuple[str, bool]:
        for _ in range(REFERENCE_TRIES):
            fresh = new_reference(ESCALATION)
            reference = self._open(draft, fresh)
            if reference is not None:
                return reference, reference == fresh
        raise StorageError("no free reference was found")

    def _open(self, draft: Draft, fresh: str) -> str | None:
        """Insert, and return the reference under which the message is known afterwards:
        None when the insertion clashed with another message's reference."""
        digest = draft.message_key
        with self._write() as session:
            # Who forgets a conversation clears the spool first and then waits here for us.
            self._alone(session, draft.conversation or digest)
            kept = self._spool.escalation(digest) if self._spool is not None else None
            values = {**vars(kept or draft), "status": "open", "reference": fresh}
            session.execute(self._insert_unless_there(table, values))
            known = session.scalar(select(table.c.reference).where(table.c.message_key == digest))
            reference = cast("str | None", known)
            if self._notify and reference == fresh:
                session.add(Notification(reference=reference, next_attempt_at=self._clock()))
            return reference

    def escalations(self, status: str | None = "open") -> list[Escalation]:
        """Return the escalations of a status, or all of them for None, the oldest first.

        Raises:
            UnknownStatus: there is no such status.
        """
        if status is not None and status not in ESCALATION_STATUSES:
            known = ", ".join(ESCALATION_STATUSES)
            raise UnknownStatus(f"there is no status {status!r}: it is one of {known}")
        query = select(Escalation).order_by(table.c.created_at, table.c.id)
        if status is not None:
            query = query.where(table.c.status == status)
        with self._read() as session:
            return list(session.scalars(query))

    def escalation(self, reference: str) -> Escalation:
        """Return one escalation.

        Raises:
            UnknownReference: there is none of this reference.
        """
        with self._read() as session:
            return _find(session, reference)

    def take(self, reference: str, by: str) -> Escalation:
        """Note who looks after an escalation; saying so twice changes nothing.

        Raises:
            UnknownReference: there is none of this reference.
            AlreadyTaken: somebody else has it.
            AlreadyResolved: it is closed.
            InvalidValue: no name was given.
        """
        name = required(by, "the name of who takes it")
        with self._write() as session:
            found = _find_open(session, reference)
            if found.taken_by not in (None, name):
                raise AlreadyTaken(f"{found.reference} is taken by {found.taken_by}")
            found.status, found.taken_by = "taken", name
            return found

    def resolve(self, reference: str, by: str, resolution: str) -> Escalation:
        """Close an escalation with a note of what was done; whoever closes it need not be
        who took it, whose name then stays.

        Raises:
            UnknownReference: there is none of this reference.
            AlreadyResolved: it is closed.
            InvalidValue: the name or the note is empty.
        """
        name = required(by, "the name of who resolves it")
        note = self._safe_text(required(resolution, "the note of what was done"))
        with self._write() as session:
            found = _find_open(session, reference)
            found.status, found.resolved_at = "resolved", self._clock()
            found.taken_by, found.resolution = found.taken_by or name, note
            return found


def _find(session: Session, reference: str, *, lock: bool = False) -> Escalation:
    wanted = plain(normal_reference(reference))
    query = select(Escalation).where(table.c.reference == wanted)
    if lock:
        query = query.with_for_update()
    found = cast("Escalation | None", session.scalars(query).first())
    if found is None:
        raise UnknownReference(f"there is no escalation {wanted!r}")
    return found


def _find_open(session: Session, reference: str) -> Escalation:
    found = _find(session, reference, lock=True)
    if found.status == "resolved":
        raise AlreadyResolved(f"{found.reference} is already resolved, by {found.taken_by}")
    return found
