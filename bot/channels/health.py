"""GET /health: whether the bot is ready, and the state of each of its components."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.archive import Archive
from bot.channels.guard import Handler
from bot.channels.headers import SecureBlueprint
from bot.model_check import ModelRefused, check, prove
from bot.records import Records, spool_at
from bot.records.heartbeat import SECONDS as SHARED_SECONDS
from bot.records.heartbeat import SharedHeartbeat
from bot.settings import Settings
from bot.training import model_path

logger = logging.getLogger(__name__)

PROBE_SECONDS = 2.0
# A round of the worker takes seconds; sending to slow targets may take longer.
HEARTBEAT_SECONDS = float(SHARED_SECONDS)
# Told, but no part of being ready: who restarted the bot, or sent its website's visitors away,
# would not mend Telegram.
BESIDE = frozenset({"telegram", "analytics"})


class HealthInput(InputChannel):
    """Answers 200 if every component is up, else 503; the body names each one's state. Telegram
    and analytics, where they are set up, are told beside them and do not count.

    For an orchestrator, `/health/live` tells whether the process answers at all, and
    `/health/ready` whether this server can take messages: with the model alone people are
    answered, so that a database or an action server that is down takes no server out of service.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings.from_env()
        self._records = Records(self._settings.records_url)
        self._spool = spool_at(self._settings.spool)
        # Threads of its own: probes of a database that hangs must not use up those of others.
        self._archive = Archive("health", self._records, PROBE_SECONDS)
        # What is known of the model beside its name, from the start on.
        self._model: dict[str, Any] = {}
        redis = self._settings.redis_url
        self._shared = SharedHeartbeat(redis) if redis else None

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

        @routes.get("/health/live")
        async def live(request: Request) -> HTTPResponse:
            return response.json({"status": "up"})

        @routes.get("/health/ready")
        async def ready(request: Request) -> HTTPResponse:
            model = self._served(request.app)
            return response.json(model, status=200 if model["status"] == "up" else 503)

        routes.listener("after_server_start")(self._examine)
        return routes

    async def _examine(self, app: Sanic, loop: Any) -> None:
        """Look at the model once, when it is loaded; one that is wrong is taken out of service."""
        agent = getattr(app.ctx, "agent", None)
        model = Path(self._settings.model or model_path())
        ready = agent is not None and agent.is_ready()
        try:
            if agent is None or not ready or agent.processor.model_filename == model.name:
                known = await asyncio.to_thread(check, model, self._settings.model_sha256)
                self._model = {"hash": known}
            if ready:
                await prove(agent)
        except ModelRefused as error:
            logger.error("The model is refused: %s", error)
            self._model = {"reason": str(error)}
            if agent is not None:
                # From now on the safe replies answer, which find danger by plain patterns.
                agent.processor = None

    async def components(self, app: Sanic) -> dict[str, dict[str, Any]]:
        """Return the state of each component: `status` (up or down) and what is known of it."""
        actions, database, worker = await asyncio.gather(
            _probe("action server", self._ask_actions()),
            _probe("database", self._archive.ask(self._records.ping)),
            _probe("worker", asyncio.to_thread(self._ask_worker)),
        )
        telegram = getattr(app.ctx, "telegram", None)
        notifications = {"status": "up", "configured": bool(self._settings.notify_urls)}
        return {
            "model": self._served(app),
            "actions": actions,
            "database": {**database, "waiting": asdict(self._spool.waiting())},
            "worker": worker,
            "notifications": notifications,
            **({"telegram": telegram()} if telegram is not None else {}),
            **_analytics(app),
        }

    def _served(self, app: Sanic) -> dict[str, Any]:
        agent = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return {"status": "down", **self._model}
        # One that came late was looked at when it came (bot/server.py).
        known = {key: value for key, value in self._model.items() if key != "reason"}
        return {"status": "up", "name": agent.processor.model_filename, **known}

    def _ask_worker(self) -> None:
        if self._shared is not None:
            beats = self._shared.beats()
        else:
            beats = time.time() - self._settings.heartbeat.stat().st_mtime < HEARTBEAT_SECONDS
        if not beats:
            raise TimeoutError

    async def _ask_actions(self) -> None:
        url = f"{self._settings.action_base}/health"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            answer.raise_for_status()


def _analytics(app: Sanic) -> dict[str, dict[str, Any]]:
    store = getattr(getattr(app.ctx, "agent", None), "tracker_store", None)
    broker = getattr(store, "event_broker", None)
    if broker is None:
        return {}
    return {"analytics": {"status": "up" if broker.is_ready() else "down"}}


async def _probe(name: str, check: Awaitable[Any]) -> dict[str, Any]:
    try:
        await asyncio.wait_for(check, PROBE_SECONDS)
    except Exception as error:
        # A probe reports every kind of failure; details stay in the log.
        logger.warning("The %s is down: %s", name, type(error).__name__)
        return {"status": "down"}
    return {"status": "up"}
