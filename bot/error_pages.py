"""Error answers that repeat nothing of a request; Sanic's own name its path and odd headers."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus

from sanic import response
from sanic.exceptions import SanicException, ServiceUnavailable
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

# What Sanic calls a request whose connection ended before it was answered.
_GONE = ("Cancelled",)


async def error_page(request: Request, exception: Exception) -> HTTPResponse:
    """Answer a request that was refused before a handler had it, or whose handler failed."""
    # Sanic's errors have a status if they are about one.
    status = (
        getattr(exception, "status_code", 500) if isinstance(exception, SanicException) else 500
    )
    if isinstance(exception, ServiceUnavailable) and exception.args == _GONE:
        # Anybody can do that as often as they like: it must not fill the log with errors.
        logger.debug("A client left before its answer")
    elif status >= 500:
        # The exception's own words may quote a message: its kind and its place are enough.
        place = "".join(traceback.format_tb(exception.__traceback__))
        logger.error("A request failed: %s\n%s", type(exception).__name__, place)
    allow = (getattr(exception, "headers", None) or {}).get("Allow")
    headers = {"Allow": allow} if allow else None
    return response.json({"error": HTTPStatus(status).phrase}, status=status, headers=headers)
