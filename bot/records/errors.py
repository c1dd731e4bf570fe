"""What can go wrong in the records room: one base class, one message a person can act on."""


class RecordsError(Exception):
    """Base class: whoever catches this catches every failure of the records room."""


class InvalidUrl(RecordsError):
    """The database URL cannot be read, or names a database that is not supported."""


class StorageError(RecordsError):
    """The database did not answer, or refused the request. Never carries stored text."""


class Unreachable(StorageError):
    """There is no way to the database at the moment; nothing is known to be wrong with it."""


class Unanswered(StorageError):
    """The database did not answer in time; the request may yet come through."""


class NewerTables(StorageError):
    """The tables are of a newer version of this software."""


class InvalidValue(RecordsError):
    """A value given by the caller cannot be recorded, such as an empty name."""


class BackupError(RecordsError):
    """A back-up cannot be made or restored; nothing was changed."""


class InvalidTarget(RecordsError):
    """A notification target cannot be understood. Names its position, never its content."""


class UnknownReference(RecordsError):
    """No escalation has this reference."""


class UnknownFeedback(RecordsError):
    """There is no feedback of this id or conversation to add a comment to."""


class UnknownStatus(RecordsError):
    """Not a status that an escalation can have."""


class AlreadyTaken(RecordsError):
    """Somebody else has taken this escalation."""


class AlreadyResolved(RecordsError):
    """The escalation is closed: it can be neither taken nor resolved again."""


class ErasureIncomplete(RecordsError):
    """Some of the conversation's events are still there after they were deleted."""


class UnknownSession(RecordsError):
    """There is no such session of the website: it never was, has expired, or was forgotten."""


class UnknownMessage(RecordsError):
    """The session holds no reply to such a message."""
