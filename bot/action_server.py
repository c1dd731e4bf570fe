"""Starts the action server, by default on loopback; its errors repeat nothing of a message."""

from __future__ import annotations

import logging
import sys
import traceback

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.lean import hush
from bot.settings import Settings

logger = logging.getLogger(__name__)


def build() -> Sanic:
    """Return the SDK's application with the project's actions and error page."""
    hush()
    # Imported after the hush, since importing it is what deprecations come from.
    from rasa_sdk.endpoint import create_app

    app = create_app("actions", cors_origins="")
    # The SDK's own handler echoes the request, and with it what people wrote.
    app.exception(Exception)(_failed)
    app.register_listener(_warm_up, "before_server_start")
    return app


async def _failed(request: Request, exception: Exception) -> HTTPResponse:
    # The exception's own words may quote a message: its kind and its place are enough.
    place = "".join(traceback.format_tb(exception.__traceback__))
    logger.error("An action failed: %s\n%s", type(exception).__name__, place)
    return response.json({"error": "The action failed."}, status=500)


async def _warm_up(app: Sanic, loop: object) -> None:
    """Load content and the redactor's language model before the first message needs them."""
    from actions.services import services

    services().warm_up()


def main() -> int:
    """Serve until stopped; return the process's exit code."""
    settings = Settings.from_env()
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    build().run(settings.action_host, settings.action_port, workers=1, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
