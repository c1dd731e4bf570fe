"""What may go wrong with a call of the Bot API, sorted by what the caller can do about it.

No text of an error holds the bot's token or what a message said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MAX_RETRY_AFTER = 3600.0
_MAX_DESCRIPTION = 200
# Answers of code 400 that say the same as 403: nobody is there to write to.
_GONE = ("chat not found", "user is deactivated")
_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'")


class ApiError(Exception):
    """A call of the Bot API that brought no result."""


class Refused(ApiError):
    """The call is wrong, and would be refused again.

    Args:
        method: the method called.
        code: the code of the answer, 400 and above.
        description: Telegram's words, without anything they quote.
    """

    def __init__(self, method: str, code: int, description: str) -> None:
        super().__init__(f"{method}: {code}: {description}")
        self.code = code
        self.description = description


class Blocked(ApiError):
    """The person blocked the bot, or is gone."""


class TooMany(ApiError):
    """Too many calls.

    Args:
        method: the method called.
        retry_after: seconds until the next one, above 0 and at most `MAX_RETRY_AFTER`.
    """

    def __init__(self, method: str, retry_after: float) -> None:
        super().__init__(f"{method}: 429: retry after {retry_after:g} seconds")
        self.retry_after = retry_after


class Unreached(ApiError):
    """Nothing of the call left this machine: it was certainly not done."""


class Unsure(ApiError):
    """The call may or may not have been done."""


class Conflict(ApiError):
    """A webhook is set while polling, or somebody else polls with the same token."""


class Unauthorized(ApiError):
    """Telegram does not know the token."""


def error_of(method: str, code: int, answer: Mapping[str, Any], hide: tuple[str, ...]) -> ApiError:
    """Return the error that an answer with `"ok": false` tells of.

    Args:
        method: the method called.
        code: `error_code` of the answer, or the HTTP status.
        answer: the answer.
        hide: texts that no error may hold: the token, the text of the message.
    """
    description = _cleaned(answer.get("description"), hide)
    said = f"{method}: {code}: {description}"
    if code == 429:
        return TooMany(method, _retry_after(answer.get("parameters")))
    if code in (401, 404):
        return Unauthorized(said)
    if code == 409:
        return Conflict(said)
    if code == 403 or (code == 400 and any(words in said.lower() for words in _GONE)):
        return Blocked(said)
    return Refused(method, code, description) if 400 <= code < 500 else Unsure(said)


def _cleaned(description: object, hide: tuple[str, ...]) -> str:
    text = description if isinstance(description, str) else ""
    for secret in filter(None, hide):
        text = text.replace(secret, "…")
    return " ".join(_QUOTED.sub("…", text).split())[:_MAX_DESCRIPTION]


def _retry_after(parameters: object) -> float:
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 1.0
    return float(min(seconds, MAX_RETRY_AFTER)) if seconds > 0 else 1.0
