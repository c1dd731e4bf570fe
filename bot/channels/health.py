"""GET /health: whether the bot is ready, and the state of each of its components."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any

import aiohttp
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.guard import Handler
from bot.channels.headers import SecureBlueprint
from bot.records import Records, Spool
from bot.settings import Settings

logger = logging.getLogger(__name__)

PROBE_SECONDS = 2.0
# A round of the worker takes seconds; sending to slow targets may take longer.
HEARTBEAT_SECONDS = 120.0
# Told, but no part of being ready: who restarted the bot, or sent its website's visitors away,
# would not mend Telegram.
BESIDE = frozenset({"telegram"})


class HealthInput(InputChannel):
    """Answers 200 if every component is up, else 503; the body names each one's state. Telegram,
    where it is set up, is told beside them and does not count."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings.from_env()
        self._records = Records(self._settings.records_url)
        self._spool = Spool(self._settings.spool)

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return "health"

    def url_prefix(self) -> str:
        """Root of the server, where probes look."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the route."""
        routes = SecureBlueprint("health")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            components = await self.components(request.app)
            ready = all(p["status"] == "up" for name, p in components.items() if name not in BESIDE)
            body = {"status": "up" if ready else "degraded", "components": components}
            return response.json(body, status=200 if ready else 503)

        return routes

    async def components(self, app: Sanic) -> dict[str, dict[str, Any]]:
        """Return the state of each component: `status` (up or down) and what is known of it."""
        agent = getattr(app.ctx, "agent", None)
        model = {"status": "down"}
        if agent is not None and agent.is_ready():
            model = {"status": "up", "name": agent.processor.model_filename}
        actions, database = await asyncio.gather(
            _probe("action server", self._ask_actions()),
            _probe("database", asyncio.to_thread(self._records.ping)),
        )
        telegram = getattr(app.ctx, "telegram", None)
        notifications = {"status": "up", "configured": bool(self._settings.notify_urls)}
        return {
            "model": model,
            "actions": actions,
            "database": {**database, "waiting": asdict(self._spool.waiting())},
            "worker": {"status": "up" if self._worker_beats() else "down"},
            "notifications": notifications,
            **({"telegram": telegram()} if telegram is not None else {}),
        }

    def _worker_beats(self) -> bool:
        try:
            age = time.time() - self._settings.heartbeat.stat().st_mtime
        except OSError:
            return False
        return age < HEARTBEAT_SECONDS

    async def _ask_actions(self) -> None:
        url = f"http://127.0.0.1:{self._settings.action_port}/health"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            answer.raise_for_status()


async def _probe(name: str, check: Awaitable[Any]) -> dict[str, Any]:
    try:
        await asyncio.wait_for(check, PROBE_SECONDS)
    except Exception as error:
        # A probe reports every kind of failure; details stay in the log.
        logger.warning("The %s is down: %s", name, type(error).__name__)
        return {"status": "down"}
    return {"status": "up"}
