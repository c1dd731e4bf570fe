"""Starts the action server, by default on loopback: for who has its secret, with errors that repeat
nothing."""

from __future__ import annotations

import hmac
import sys
from collections.abc import Callable, Mapping
from typing import Any

from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import logs, metrics
from bot.error_pages import error_page
from bot.lean import hush
from bot.settings import Settings
from bot.strict_request import StrictRequest

# What an action is called with, as the SDK takes it for granted.
_CALL = {"next_action": str, "sender_id": str, "tracker": dict, "domain": dict}
_TRACKER = {"sender_id": str, "slots": dict, "latest_message": dict, "events": list}
# Of the latest message: left out or null in a conversation that has none.
_MESSAGE = {"text": str, "intent": dict, "decision": dict}


def build(secret: Callable[[], str]) -> Sanic:
    """Return the SDK's application with the project's actions, lock and error page.

    Args:
        secret: returns what a caller must say (`Authorization: Bearer …`) to anything but /health.
    """
    hush()
    # Imported after the hush, since importing it is what deprecations come from.
    from rasa_sdk.endpoint import create_app

    app = create_app("actions", cors_origins="")
    # The SDK's own handler echoes the request, and with it what people wrote.
    app.exception(Exception)(error_page)
    app.request_class = StrictRequest

    async def lock(request: Request) -> HTTPResponse | None:
        if request.path == "/health" or _is_known(request, secret()):
            return None
        return response.json({"error": "The secret is missing or wrong."}, status=403)

    app.register_middleware(lock, "request")
    app.register_middleware(_check_call, "request")
    app.register_listener(_warm_up, "before_server_start")
    return app


def _is_known(request: Request, secret: str) -> bool:
    said = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(said, f"Bearer {secret}".encode())


async def _check_call(request: Request) -> HTTPResponse | None:
    """Refuse a call that the SDK would stumble over; one that is compressed it reads itself."""
    if request.method != "POST" or request.headers.get("content-encoding") == "deflate":
        return None
    try:
        call = request.json
    except (SanicException, ValueError, RecursionError):
        call = None
    if _has(call, _CALL) and _has(call["tracker"], _TRACKER) and _is_readable(call["tracker"]):
        return None
    return response.json({"error": "The body is no call of an action."}, status=400)


def _has(value: Any, parts: Mapping[str, type]) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), kind) for name, kind in parts.items()
    )


def _is_readable(tracker: Mapping[str, Any]) -> bool:
    """Tell whether what actions look at in a tracker is of the right kind, where it is there."""
    message = tracker["latest_message"]
    if not all(isinstance(message.get(name) or kind(), kind) for name, kind in _MESSAGE.items()):
        return False
    name = (message.get("intent") or {}).get("name") or ""
    return isinstance(name, str) and all(isinstance(event, dict) for event in tracker["events"])


async def _warm_up(app: Sanic, loop: object) -> None:
    """Load content and the redactor's language model before the first message needs them."""
    from actions.services import services

    services().warm_up()


def main() -> int:
    """Serve until stopped; return the process's exit code."""
    settings = Settings.from_env()
    logs.configure(settings.log_level, settings.log_format)
    metrics.serve("actions", settings.metrics_host, settings.metrics_port)
    app = build(settings.action_key)
    app.run(settings.action_host, settings.action_port, workers=1, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
