"""Starts the Rasa server with this project's settings: `python -m bot.server`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bot import logs, metrics
from bot.lean import hush, keep_tensorflow_out
from bot.model_check import ModelRefused, check, prove, sha256
from bot.settings import ROOT, Settings, SettingsError
from bot.training import model_path

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


async def _look_for(model: Path, settings: Settings, app: Any, loop: Any) -> None:
    """Serve a model as soon as it is there, if it is the one that it should be."""

    async def look() -> None:
        while not await asyncio.to_thread(model.is_file):  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(LOOK_SECONDS)
        if not await asyncio.to_thread(_is_known, model, settings):
            return
        await asyncio.to_thread(app.ctx.agent.load_model, str(model))
        try:
            await prove(app.ctx.agent)
        except ModelRefused as error:
            logger.error("The model %s is refused: %s", model.name, error)
            app.ctx.agent.processor = None
            return
        logger.info("The model is there, and served")

    app.ctx.looking = asyncio.create_task(look())


def main() -> int:
    """Serve until stopped; return the process's exit code."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if wrong := _wrong_database(settings.records_url):
        print(f"error: {wrong}", file=sys.stderr)  # noqa: T201
        return 2
    model = Path(settings.model or model_path())
    missing = not model.is_file()
    if missing:
        # Somebody in danger must find more than a closed door: patterns find plain danger.
        print(  # noqa: T201
            f"error: there is no model at {model}; run `make train`. Until it is there, only "
            "danger is answered, and all else with how to find help.",
            file=sys.stderr,
        )
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
    known = not missing and _is_known(model, settings)
    if metrics.serve("server", settings.metrics_host, settings.metrics_port) and known:
        metrics.model_served(model.name, sha256(model))
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    if not settings.redis_url:
        # Its own locks in memory: with any other store Rasa would allow several workers.
        endpoints.lock_store = None
    listeners = [(partial(_look_for, model, settings), "after_server_start")]
    serve_application(
        # Without a model every turn gets the safe reply, help lines first; health says why.
        model_path=str(model) if known else None,
        interface=settings.host,
        port=settings.port,
        endpoints=endpoints,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
        server_listeners=listeners if missing else None,
    )
    return 0


def _wrong_database(url: str) -> str | None:
    """Return why this database can never be served, if so; one that is down comes back."""
    from bot.records import InvalidUrl, NewerTables, RecordsError, is_current

    try:
        is_current(url)
    except (InvalidUrl, NewerTables) as error:
        return f"{error} Check DATABASE_URL."
    except RecordsError as error:
        logger.warning("The database cannot be used yet: %s", error)
    return None


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
