"""Escalations, once they are opened: taken and resolved by a professional."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from .errors import AlreadyResolved, AlreadyTaken, UnknownReference, UnknownStatus
from .models import Escalation
from .recording import Recording
from .references import normal_reference
from .store import plain, required
from .tables import ESCALATION_STATUSES
from .tables import escalations as table


class EscalationRecords(Recording):
    """The part of the records that professionals work on."""

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
