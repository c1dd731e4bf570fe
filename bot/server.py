"""Starts the Rasa server with this project's settings: `python -m bot.server`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from bot.lean import hush, keep_tensorflow_out
from bot.model_check import ModelRefused, check
from bot.settings import ROOT, Settings, SettingsError
from bot.training import model_path

logger = logging.getLogger(__name__)


def main() -> int:
    """Serve until stopped; return the process's exit code."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    model = Path(settings.model or model_path())
    if not model.is_file():
        # Rasa would start all the same, and answer nothing.
        print(f"error: there is no model at {model}; run `make train`.", file=sys.stderr)  # noqa: T201
        return 1
    # Vectors this small gain nothing from a second thread, whose waiting costs a whole core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    keep_tensorflow_out()
    hush()
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    level = logging.getLevelName(settings.log_level.upper())
    configure_logging_and_warnings(level)
    # Unconfigured, structlog prints every message text at DEBUG.
    configure_structlog(level)
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    if not settings.redis_url:
        # Its own locks in memory: with any other store Rasa would allow several workers.
        endpoints.lock_store = None
    serve_application(
        # Without a model every turn gets the safe reply, help lines first; health says why.
        model_path=str(model) if _is_known(model, settings) else None,
        interface=settings.host,
        port=settings.port,
        endpoints=endpoints,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
    )
    return 0


def _is_known(model: Path, settings: Settings) -> bool:
    """Tell whether a model may be unpacked, and the log what is known of it."""
    try:
        if check(model, settings.model_sha256) == "unrecorded":
            logger.warning("%s has no recorded hash: damage would not be noticed", model.name)
    except ModelRefused as error:
        logger.error("The model %s is refused: %s", model.name, error)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
