"""Starts the Rasa server with this project's settings: `python -m bot.server`."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from pathlib import Path

from bot import logs, metrics
from bot.lean import hush, keep_tensorflow_out
from bot.settings import ROOT, Settings, SettingsError
from bot.training import model_path


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
    logs.configure(settings.log_level, settings.log_format)
    logs.configure_rasa(level)
    if metrics.serve("server", settings.metrics_host, settings.metrics_port):
        metrics.model_served(model.name, hashlib.sha256(model.read_bytes()).hexdigest())
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    if not settings.redis_url:
        # Its own locks in memory: with any other store Rasa would allow several workers.
        endpoints.lock_store = None
    serve_application(
        model_path=str(model),
        interface=settings.host,
        port=settings.port,
        endpoints=endpoints,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
