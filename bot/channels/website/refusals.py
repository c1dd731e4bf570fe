"""Refusals: what a client is told when something of it cannot be taken."""

from __future__ import annotations

import math
from typing import Any

# The code of a refusal, and the HTTP status it has over REST.
STATUS = {
    "bad_request": 400,
    "too_long": 413,
    "session": 401,
    "origin": 403,
    "rate_limited": 429,
    "unavailable": 503,
}


class Refusal(Exception):
    """A request that is not taken; its words are meant for the person who made it.

    Args:
        code: one of `STATUS`.
        message: a sentence that a person can read.
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = None if retry_after is None else max(1, math.ceil(retry_after))

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def error(self) -> dict[str, Any]:
        """Return the body of `error`."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body

    def body(self) -> dict[str, Any]:
        """Return the whole acknowledgement or HTTP body."""
        return {"ok": False, "error": self.error()}


def no_session() -> Refusal:
    """Return the refusal of a token that opens nothing."""
    return Refusal("session", "This conversation has ended. Please start a new one.")


def unavailable() -> Refusal:
    """Return the refusal of what cannot be done while a part is down."""
    return Refusal("unavailable", "That cannot be done just now. Please try again in a minute.", 10)
