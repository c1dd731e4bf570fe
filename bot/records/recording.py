"""Recording escalations: once, in the database or, while that is down, in the spool until then."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from .errors import StorageError
from .models import Notification
from .references import ESCALATION, message_digest, new_reference
from .spool import Spool
from .store import REFERENCE_TRIES, Store, plain
from .tables import escalations as table
from .tables import notifications

logger = logging.getLogger(__name__)


def _always() -> bool:
    return True


def _stands(spool: Spool, digest: str, told: dict[str, Any]) -> bool:
    """Tell whether what was read of an escalation still is what the spool keeps of it."""
    return spool.escalation(digest) == told


class Recording(Store):
    """The part of the records in which the bot opens escalations."""

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

        While the database is down the spool, if there is one, keeps it under that reference.

        Raises:
            StorageError: the database failed and nothing else took it; nothing was recorded.
        """
        digest = message_digest(message_key)
        kept = self._spool.escalation(digest) if self._spool is not None else None
        values: dict[str, object] = {
            "reference": kept["reference"] if kept else new_reference(ESCALATION),
            "created_at": self._clock(),
            "outcome": plain(outcome),
            "channel": plain(channel),
            "conversation": None if conversation is None else plain(conversation),
            "message_key": digest,
            "excerpt": self._safe_text(text),
            "status": "open",
        }
        if self._spool is None:
            return self._record(values)
        try:
            return self._patience.ask(lambda _: self._record(values))
        except StorageError as failure:
            return self._keep(self._spool, digest, values, failure)

    def replay_escalations(self, limit: int | None = None) -> int:
        """Record the escalations that the spool keeps, once; return how many were looked at.

        Raises:
            StorageError: the database failed; what is left is tried again.
        """
        if self._spool is None:
            return 0
        digests = self._spool.escalations(limit)
        for digest in digests:
            self._replay(self._spool, digest)
        return len(digests)

    def _record(self, values: dict[str, object]) -> str:
        for _ in range(REFERENCE_TRIES):
            reference = self._open(values, self._notify)
            if reference is not None:
                return reference
            values["reference"] = new_reference(ESCALATION)
        raise StorageError("no free reference was found")

    def _keep(
        self, spool: Spool, digest: str, values: dict[str, object], failure: StorageError
    ) -> str:
        told = values | {"created_at": self._clock().isoformat(), "notify": self._notify}
        try:
            kept = spool.keep_escalation(digest, told)
        except OSError:
            raise failure from None
        logger.error("An escalation waits in DATA_DIR for the database: %s", failure)
        return str(kept["reference"])

    def _replay(self, spool: Spool, digest: str) -> None:
        before: dict[str, Any] | None = None
        for _ in range(REFERENCE_TRIES):
            told = spool.escalation(digest)
            if told is None:
                return
            values = {name: told[name] for name in told if name != "notify"}
            values["created_at"] = datetime.fromisoformat(told["created_at"])
            if told == before:
                # It did not change, so another message has its reference.
                values["reference"] = new_reference(ESCALATION)
            before = told
            if self._open(values, told["notify"], partial(_stands, spool, digest, told)):
                spool.drop_escalation(digest)
                return
        raise StorageError("an escalation could not be taken out of the spool")

    def _open(
        self, values: dict[str, object], notify: bool, stands: Callable[[], bool] = _always
    ) -> str | None:
        """Insert, and return the reference under which the message is known afterwards: None when
        the insertion clashed with another message's, or when it does not stand any more."""
        by = "reference" if values["message_key"] is None else "message_key"
        conversation = values["conversation"]
        with self._write() as session:
            if conversation is not None:
                self._alone(session, str(conversation))
            if not stands():
                return None
            session.execute(self._insert_unless_there(table, values))
            known = select(table.c.reference).where(table.c[by] == values[by])
            reference = cast("str | None", session.scalar(known))
            if notify and reference is not None and reference == values["reference"]:
                self._queue(session, reference)
            return reference

    def _queue(self, session: Session, reference: str) -> None:
        there = select(notifications.c.id).where(notifications.c.reference == reference)
        if session.scalar(there) is None:
            session.add(Notification(reference=reference, next_attempt_at=self._clock()))
