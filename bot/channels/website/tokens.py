"""Session tokens: made and signed by the server alone, and what they open."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from bot.channels.rest import WEBSITE_SENDER

ALGORITHM = "HS256"
DAY = 86_400
# A session begun while the database was down: it is stored, and its token exchanged, once it is up.
LOOSE_SECONDS = DAY
_SID = re.compile(r"[A-Za-z0-9_-]{22}")


class TokenError(ValueError):
    """A token that is forged, expired or not ours. Never carries the token."""


@dataclass(frozen=True)
class Session:
    """What a token stands for.

    Attributes:
        sid: the secret in the token, 128 random bits.
        sender: the tracker's sender; cannot be turned back into a token.
        loose: it was begun while the database was down, so that no row stands for it yet.
    """

    sid: str
    sender: str
    loose: bool = False


class Tokens:
    """Makes and reads tokens.

    Args:
        secret: the server's secret; keys of other purposes are derived from it too.
        days: how long a token opens its session.
        clock: seconds since 1970.
    """

    def __init__(self, secret: bytes, days: int, *, clock: Callable[[], float] = time.time) -> None:
        self._key = _derived(secret, "website token")
        self._sender_key = _derived(secret, "website sender")
        self._seconds = days * DAY
        self._clock = clock

    def new(self, *, loose: bool = False) -> Session:
        """Return a session that nobody has."""
        return self._session(secrets.token_urlsafe(16), loose)

    def write(self, session: Session) -> str:
        """Return a token for the session."""
        now = int(self._clock())
        claims: dict[str, Any] = {"sid": session.sid, "iat": now, "exp": now + self._seconds}
        if session.loose:
            claims |= {"loose": True, "exp": now + LOOSE_SECONDS}
        return jwt.encode(claims, self._key, ALGORITHM)

    def read(self, token: str) -> Session:
        """Return what a token stands for.

        Raises:
            TokenError: it is forged, expired or not ours.
        """
        options: Any = {"require": ["sid", "iat", "exp"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options=options)
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise TokenError("not a token of this server") from None
        if not isinstance(claims["exp"], int) or claims["exp"] <= self._clock():
            raise TokenError("the token has expired")
        if not isinstance(claims["sid"], str) or not _SID.fullmatch(claims["sid"]):
            raise TokenError("not a token of this server")
        return self._session(claims["sid"], bool(claims.get("loose")))

    def _session(self, sid: str, loose: bool) -> Session:
        digest = hmac.new(self._sender_key, sid.encode(), hashlib.sha256).hexdigest()[:32]
        return Session(sid, f"{WEBSITE_SENDER}{digest}", loose)


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
