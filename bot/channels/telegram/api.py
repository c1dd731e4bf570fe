"""Calls methods of the Telegram Bot API, and says of each failure whether it may have been done."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.channels.telegram.errors import (
    ApiError,
    Blocked,
    Conflict,
    Refused,
    TooMany,
    Unauthorized,
    Unreached,
    Unsure,
    error_of,
)

__all__ = [
    "ApiError",
    "Blocked",
    "BotApi",
    "Conflict",
    "Refused",
    "TooMany",
    "Unauthorized",
    "Unreached",
    "Unsure",
]


class _Attempt:
    """Whether anything of a request left this machine."""

    def __init__(self) -> None:
        self.begun = False


class BotApi:
    """The Bot API for one bot, on one session of HTTP connections.

    Args:
        token: the bot's token.
        base_url: where the API is; a local Bot API server has another address.
        timeout: seconds for a whole call.
    """

    def __init__(
        self, token: str, base_url: str = "https://api.telegram.org", timeout: float = 10.0
    ) -> None:
        self._token = token
        self._root = f"{base_url.rstrip('/')}/bot{quote(token, safe=':')}"
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        # Whether the last call got through to the bot's account, and when one last succeeded.
        self.reached = False
        self.succeeded_at: datetime | None = None

    async def call(self, method: str, *, wait: float | None = None, **params: Any) -> Any:
        """Call a method and return its `result`; parameters that are None are left out.

        Args:
            method: its name, such as `sendMessage`.
            wait: seconds for this call instead of `timeout`.
            params: its parameters, of anything that JSON can hold.

        Raises:
            ApiError: one of its kinds.
        """
        given = {name: value for name, value in params.items() if value is not None}
        try:
            result = await self._result(method, given, self._timeout if wait is None else wait)
        except ApiError as error:
            self.reached = not isinstance(error, (Unauthorized, Unreached, Unsure))
            raise
        self.reached, self.succeeded_at = True, datetime.now(timezone.utc)
        return result

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _result(self, method: str, given: dict[str, Any], seconds: float) -> Any:
        status, body = await self._post(method, given, seconds)
        answer = _parsed(body)
        if answer is None:
            raise Unsure(f"{method}: {status}: the answer is not of the Bot API")
        if answer["ok"]:
            return answer.get("result")
        code = answer.get("error_code")
        text = given.get("text")
        hide = (self._token, text if isinstance(text, str) else "")
        raise error_of(method, code if isinstance(code, int) else status, answer, hide)

    async def _post(self, method: str, given: dict[str, Any], seconds: float) -> tuple[int, bytes]:
        attempt = _Attempt()
        try:
            async with self._opened().post(
                f"{self._root}/{method}",
                json=given,
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
                trace_request_ctx=attempt,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            kind, name = Unsure if attempt.begun else Unreached, type(error).__name__
        # Raised out here, since aiohttp's own errors quote the address, which holds the token.
        raise kind(f"{method}: {name}")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_begun)
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[trace]
            )
        return self._session


async def _note_begun(_session: Any, context: Any, _params: Any) -> None:
    # Called right before the first byte is written.
    context.trace_request_ctx.begun = True


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Return an answer of the Bot API, None if it is something else."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    known = isinstance(answer, dict) and isinstance(answer.get("ok"), bool)
    return answer if known else None
