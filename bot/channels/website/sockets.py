"""The channel over Socket.IO: connections, their sessions, and what each event does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import socketio
from sanic.request import Request

from bot import metrics
from bot.channels.website.desk import Admitted, Desk
from bot.channels.website.frames import MAX_FRAME, StrictServer
from bot.channels.website.limits import Limits
from bot.channels.website.refusals import Refusal, no_session
from bot.channels.website.schema import read_handshake
from bot.channels.website.tokens import Session
from bot.channels.website.visitors import Visitors
from bot.settings import Settings

logger = logging.getLogger(__name__)
# The library writes whole messages at INFO; they have no place in our logs.
transport_logger = logging.getLogger(f"{__name__}.transport")
transport_logger.setLevel(logging.WARNING)

# How long a reply waits for Redis, through which other servers get it, and until Redis that does
# not answer counts as down.
FANOUT_SECONDS, REDIS_SECONDS = 0.05, 2.0
# How long a server that stops waits for clients to fetch its farewell; one that polls may not.
LEAVE_SECONDS = 1.0
# A connection that went silent is noticed after the sum of both, in seconds.
PING_SECONDS, PONG_SECONDS = 25, 20


@dataclass(frozen=True)
class Seat:
    """One open connection."""

    session: Session
    address: str


class Sockets:
    """Owns the Socket.IO server.

    Args:
        settings: Redis, if several servers share the connections.
        visitors: reads addresses and origins.
        limits: how many connections an address may make.
    """

    def __init__(self, settings: Settings, visitors: Visitors, limits: Limits) -> None:
        self._visitors = visitors
        self._limits = limits
        self._seats: dict[str, Seat] = {}
        self._telling: set[asyncio.Future[None]] = set()
        metrics.sockets(lambda: len(self._seats))
        self._leaving = False
        self.server = StrictServer(
            async_mode="sanic",
            client_manager=_manager(settings.redis_url),
            cors_allowed_origins=self._allowed,
            cors_credentials=False,
            max_http_buffer_size=MAX_FRAME,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            # A connection's events are taken one by one: in order, and no faster than we can.
            async_handlers=False,
            logger=transport_logger,
            engineio_logger=transport_logger,
            gate=self._gate,
        )

    def serve(self, desk: Desk) -> None:
        """Register what each event does."""

        async def connect(sid: str, environ: dict[str, Any], auth: object = None) -> None:
            await self._connect(desk, sid, environ["sanic.request"], auth)

        async def disconnect(sid: str, *_: object) -> None:
            self._seats.pop(sid, None)

        async def message(seat: Seat, data: object) -> dict[str, Any]:
            return await desk.take(seat.session, seat.address, data)

        async def forget(seat: Seat, data: object) -> dict[str, Any]:
            done = await desk.forget(seat.session, data)
            await self.close(seat.session.sender)
            return done

        async def feedback(seat: Seat, data: object) -> dict[str, Any]:
            return await desk.rate(seat.session, seat.address, data)

        for handler in (connect, disconnect):
            self.server.on(handler.__name__, handler)
        for event in (message, forget, feedback):
            self.server.on(event.__name__, self._answered(event))
        self.server.on("*", _unknown_event)

    async def publish(self, sender: str, event: str, body: dict[str, Any]) -> None:
        """Send an event to every connection of a sender, whichever server holds it."""
        emitting = asyncio.ensure_future(self.server.emit(event, body, room=sender))
        # Our own connections have it first; the others wait for Redis, and nobody for them.
        await asyncio.wait({emitting}, timeout=FANOUT_SECONDS)
        self._telling.add(emitting)
        emitting.add_done_callback(self._told)

    def _told(self, emitting: asyncio.Future[None]) -> None:
        self._telling.discard(emitting)
        if not emitting.cancelled() and (error := emitting.exception()) is not None:
            logger.error("An event could not be sent (%s)", type(error).__name__)

    async def close(self, sender: str) -> None:
        """Send nothing more to a sender's connections."""
        await self.server.close_room(sender)

    async def leave(self) -> None:
        """Close every connection, and let nobody in: this server is about to stop."""
        self._leaving = True
        closing = [asyncio.create_task(one.close()) for one in self.server.eio.sockets.values()]
        if closing:
            await asyncio.wait(closing, timeout=LEAVE_SECONDS)
        for task in closing:
            task.cancel()

    def _allowed(self, origin: str, environ: dict[str, Any]) -> bool:
        return self._visitors.allowed(origin, environ.get("HTTP_HOST"))

    def _gate(self, request: Request) -> None:
        if self._leaving:
            raise Refusal("unavailable", "This server is about to stop. Please connect again.", 1)
        if not self._visitors.allowed(request.headers.get("origin"), request.headers.get("host")):
            raise Refusal("origin", "This website may not embed the guide.")
        self._limits.call(self._visitors.address(request))

    async def _connect(self, desk: Desk, sid: str, request: Request, auth: object) -> None:
        address = self._visitors.address(request)
        try:
            handshake = read_handshake(auth)
            admitted = await desk.admit(handshake.token, address)
        except Refusal as refusal:
            raise socketio.exceptions.ConnectionRefusedError(
                refusal.code, refusal.error()
            ) from None
        self._seats[sid] = Seat(admitted.session, address)
        await self.server.enter_room(sid, admitted.session.sender)
        # Told after the library has told the client that it is connected.
        task = asyncio.create_task(self._tell(desk, sid, admitted, handshake.after))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, desk: Desk, sid: str, admitted: Admitted, after: int) -> None:
        body: dict[str, Any] = {"token": admitted.token, "new": admitted.new, "entries": []}
        if not admitted.new:
            try:
                body["entries"] = await desk.history(admitted.session, after)
            except Refusal:
                # Whoever was let in is told so; what was said before comes another time.
                body["stored"] = False
        await self.server.emit("session", body, to=sid)
        desk.wake(admitted.session)

    def _seat(self, sid: str) -> Seat:
        if sid not in self._seats:
            raise no_session()
        return self._seats[sid]

    def _answered(
        self, handle: Callable[[Seat, object], Awaitable[dict[str, Any]]]
    ) -> Callable[..., Awaitable[dict[str, Any]]]:
        async def answer(sid: str, data: object = None, *_: object) -> dict[str, Any]:
            try:
                return await handle(self._seat(sid), data)
            except Refusal as refusal:
                return refusal.body()
            except Exception as error:
                logger.error("An event failed (%s)", type(error).__name__)
                return Refusal("unavailable", "Something went wrong. Please try again.", 5).body()

        return answer


async def _unknown_event(event: str, sid: str, *_: object) -> dict[str, Any]:
    return Refusal("bad_request", "There is no such event.").body()


def _manager(redis_url: str) -> socketio.AsyncManager | None:
    if not redis_url:
        return None
    return socketio.AsyncRedisManager(
        redis_url,
        channel="long-covid-guide",
        logger=transport_logger,
        redis_options={"socket_connect_timeout": REDIS_SECONDS},
    )
