"""Headers that every HTTP answer of the bot carries, whoever made it."""

from __future__ import annotations

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse

from bot.error_pages import error_page
from bot.strict_request import StrictRequest

# An answer that knows better keeps its own: the website's files may be kept and asked for again.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# Bytes of a body that are read at all; channels refuse less, and say why. Sanic's own is 100 MB.
MAX_REQUEST = 2_000_000


def secure(answer: BaseHTTPResponse) -> None:
    """Add the headers that the answer lacks, and take out what names the server's software."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.pop("Server", None)


def secure_app(app: Sanic) -> None:
    """Secure every answer of an app: of any channel, of Rasa's own routes, and of errors, which
    repeat nothing of their requests."""
    if getattr(app.ctx, "secured", False):
        return
    app.ctx.secured = True

    async def last(request: Request, answer: BaseHTTPResponse) -> None:
        secure(answer)

    app.register_middleware(last, "response")
    app.exception(Exception)(error_page)
    app.request_class = StrictRequest
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST


class SecureBlueprint(Blueprint):
    """Routes that bring the headers to the whole app."""

    def register(self, app: Sanic, options: dict[str, object]) -> None:
        """Add the routes to the app."""
        secure_app(app)
        super().register(app, options)
