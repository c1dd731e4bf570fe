"""The channel over plain HTTP, for networks that let no socket through: same sessions and rules."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.turns import Turns
from bot.channels.website.desk import Desk
from bot.channels.website.frames import MAX_FRAME
from bot.channels.website.limits import Limits
from bot.channels.website.refusals import Refusal, unavailable
from bot.channels.website.tokens import Session
from bot.channels.website.visitors import Visitors

logger = logging.getLogger(__name__)

PREFIX = "/webhooks/website"
# How often the records are asked for a reply that another server makes.
LOOK_SECONDS = 0.3
# How often it is looked whether somebody in danger got help before their message's turn.
EARLY_SECONDS = 0.05
PREFLIGHT_SECONDS = 600
_MAX_SEQ = 2**31 - 1

Handler = Callable[[Request, str], Awaitable[HTTPResponse]]


class RestDesk:
    """The routes.

    Args:
        desk: takes what clients bring.
        turns: answers messages.
        visitors: reads addresses and origins.
        limits: how many requests an address may make.
        patience: seconds a reply is waited for.
    """

    def __init__(
        self, desk: Desk, turns: Turns, visitors: Visitors, limits: Limits, patience: float
    ) -> None:
        self._desk = desk
        self._turns = turns
        self._visitors = visitors
        self._limits = limits
        self._patience = patience
        self._behind: set[asyncio.Future[dict[str, Any]]] = set()

    def register(self, routes: Blueprint) -> None:
        """Add the routes to a blueprint that lies at `PREFIX`."""
        for path, method, handler in (
            ("/sessions", "POST", self._open),
            ("/messages", "POST", self._take),
            ("/messages", "GET", self._history),
            ("/forget", "POST", self._forget),
            ("/feedback", "POST", self._rate),
        ):
            name = f"website{handler.__name__}"
            routes.add_route(self._guarded(handler), path, methods=[method], name=name)

    def preflight(self, request: Request) -> HTTPResponse | None:
        """Answer a browser that asks whether a page may call; None if it is another request.

        To be put in place of Rasa's own answer, which comes first and names no origin.
        """
        if request.method != "OPTIONS" or not request.path.startswith(f"{PREFIX}/"):
            return None
        headers = self._cors(request)
        if "Access-Control-Allow-Origin" in headers:
            headers |= {
                "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
                "Access-Control-Allow-Headers": "Authorization, Content-Type",
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
        return response.empty(headers=headers)

    async def _open(self, request: Request, address: str) -> HTTPResponse:
        admitted = await self._desk.admit(None, address)
        return response.json({"token": admitted.token}, status=201)

    async def _take(self, request: Request, address: str) -> HTTPResponse:
        session, data = self._session(request), _body(request)
        taking = asyncio.ensure_future(self._taken(session, address, data))
        try:
            while not taking.done():
                await asyncio.wait({taking}, timeout=EARLY_SECONDS)
                if not taking.done() and (early := self._early(session, data)) is not None:
                    self._leave(taking)
                    return response.json(early)
        except asyncio.CancelledError:
            taking.cancel()
            raise
        return response.json(taking.result())

    def _early(self, session: Session, data: Any) -> dict[str, Any] | None:
        """Return the answer to a message that is answered already, while it is still being stored
        or waits for its turn: it is about danger."""
        message_id = str(data.get("id")) if isinstance(data, dict) else ""
        reply = self._turns.remembered(session.sender, message_id)
        if reply is None:
            return None
        return {"ok": True, "seq": None, "stored": False, "entries": [reply]}

    def _leave(self, taking: asyncio.Future[dict[str, Any]]) -> None:
        self._behind.add(taking)
        taking.add_done_callback(self._behind.discard)
        # Whatever comes of it, the message is answered.
        taking.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _taken(self, session: Session, address: str, data: Any) -> dict[str, Any]:
        taken = await self._desk.take(session, address, data)
        message_id = str(data["id"])
        if taken["seq"] is None:
            await self._turns.settled(session.sender)
            reply = self._turns.remembered(session.sender, message_id)
            if reply is None:
                raise unavailable()
            return {**taken, "entries": [reply]}
        entries = await self._answered(session, message_id, taken["seq"] - 1)
        return {**taken, "entries": entries}

    async def _answered(
        self, session: Session, message_id: str, after: int
    ) -> list[dict[str, Any]]:
        """Return the message's entry and its reply's, as soon as the latter is there."""
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            await self._turns.settled(session.sender)
            reply = self._turns.remembered(session.sender, message_id)
            try:
                found = await self._desk.history(session, after)
            except Refusal:
                # The database is down since, or this very turn erased the session.
                if reply is None:
                    raise
                return [reply]
            pair = [e for e in found if message_id in (e.get("id"), e.get("to"))]
            if len(pair) > 1:
                return pair
            if reply is not None:
                return [*pair, reply]
            if asyncio.get_running_loop().time() > deadline:
                raise unavailable()
            await asyncio.sleep(LOOK_SECONDS)

    async def _history(self, request: Request, address: str) -> HTTPResponse:
        session = self._session(request)
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdigit() and int(after) <= _MAX_SEQ):
            raise Refusal("bad_request", "after must be a whole number.")
        entries = await self._desk.history(session, int(after))
        self._desk.wake(session)
        return response.json({"entries": entries})

    async def _forget(self, request: Request, address: str) -> HTTPResponse:
        session = self._session(request)
        return response.json(await self._desk.forget(session, _body(request, {})))

    async def _rate(self, request: Request, address: str) -> HTTPResponse:
        session = self._session(request)
        return response.json(await self._desk.rate(session, address, _body(request)))

    def _session(self, request: Request) -> Session:
        kind, _, token = (request.headers.get("authorization") or "").partition(" ")
        return self._desk.read(token.strip() if kind.lower() == "bearer" else None)

    def _guarded(self, handler: Handler) -> Callable[[Request], Awaitable[HTTPResponse]]:
        @wraps(handler)
        async def guarded(request: Request) -> HTTPResponse:
            try:
                self._gate(request)
                answer = await handler(request, self._visitors.address(request))
            except Refusal as refusal:
                answer = response.json(refusal.body(), status=refusal.status)
                if refusal.retry_after is not None:
                    answer.headers["Retry-After"] = str(refusal.retry_after)
            answer.headers.update(self._cors(request))
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return guarded

    def _gate(self, request: Request) -> None:
        if not self._allowed(request):
            raise Refusal("origin", "This website may not embed the guide.")
        if len(request.body) > MAX_FRAME:
            raise Refusal("too_long", f"A request may have at most {MAX_FRAME} bytes.")
        self._limits.call(self._visitors.address(request))

    def _allowed(self, request: Request) -> bool:
        return self._visitors.allowed(request.headers.get("origin"), request.headers.get("host"))

    def _cors(self, request: Request) -> dict[str, str]:
        headers = {"Vary": "Origin"}
        origin = request.headers.get("origin")
        if origin and self._allowed(request):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "Retry-After"
        return headers


def _body(request: Request, default: Any = None) -> Any:
    if not request.body and default is not None:
        return default
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal("bad_request", "The body must be JSON, in UTF-8.") from None
