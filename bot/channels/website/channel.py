"""The website channel: Rasa's Socket.IO input, with sessions, replay, limits and pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.archive import Archive
from bot.channels.guard import Guard, Handler, Runner
from bot.channels.headers import secure, secure_app
from bot.channels.shapes import Messages, Run, Urgent
from bot.channels.turns import Turns
from bot.channels.website.desk import Desk
from bot.channels.website.limits import Limits
from bot.channels.website.pages import Pages
from bot.channels.website.rest import PREFIX, RestDesk
from bot.channels.website.sockets import Sockets
from bot.channels.website.tokens import Tokens
from bot.channels.website.visitors import Visitors
from bot.content import load_content
from bot.degraded import safe_replies
from bot.records import Records, Redactor, spool_at
from bot.settings import Settings

logger = logging.getLogger(__name__)

SOCKET_PATH = f"{PREFIX}/socket.io"
# What a stop leaves to turns that run, of the 15 seconds that Sanic drains.
STOP_SECONDS = 8.0


class WebsiteInput(SocketIOInput):
    """Talks to the widget (docs/website.md); `credentials.yml` needs no more than its name.

    Args:
        guard: gives every turn a reply.
        settings: see docs/settings.md.
        pages: the files of the website.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        settings: Settings | None = None,
        pages: Pages | None = None,
    ) -> None:
        super().__init__(socketio_path=SOCKET_PATH)
        self._settings = settings or Settings.from_env()
        self._guard = guard or Guard(safe_replies(), self._settings)
        self._visitors = Visitors(self._settings)
        self._pages = pages or Pages(load_content(), self._settings, self._visitors)

    @classmethod
    def name(cls) -> str:
        """Name in the URL, in trackers and in escalations."""
        return "website"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Return the channel; the options of Rasa's own do not apply."""
        return cls()

    def get_output_channel(self) -> OutputChannel | None:
        """Return nothing: a reply belongs to a message, there is no other way in."""
        return None

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes, which bring the sockets, the pages and the start of the turns."""
        limits = Limits(self._settings)
        sockets = Sockets(self._settings, self._visitors, limits)
        self.sio = sockets.server
        # Redacts comments, with the language model, which is loaded at the first one.
        spool = spool_at(self._settings.spool)
        records = Records(self._settings.records_url, redact=Redactor(), spool=spool)
        archive = Archive(self.name(), records)
        routes = _Routes(sockets.server, SOCKET_PATH, "website", __name__)
        run, urgent = self._run(on_new_message, routes)
        turns = Turns(
            self.name(),
            archive,
            run,
            sockets.publish,
            sockets.close,
            urgent=urgent,
            urgent_seconds=self._settings.urgent_seconds,
        )
        tokens = Tokens(self._settings.secret(), self._settings.retention_days)
        desk = Desk(self._settings, archive, tokens, limits, turns, sockets.publish)
        sockets.serve(desk)
        patience = 2 * self._settings.turn_deadline
        rest = RestDesk(desk, turns, self._visitors, limits, patience)
        rest.register(routes)

        async def first(request: Request) -> HTTPResponse | None:
            return self._pages.answer(request)

        async def last(request: Request, answer: HTTPResponse) -> HTTPResponse | None:
            preflight = rest.preflight(request)
            if preflight is not None:
                # No other middleware sees an answer that takes the place of another.
                secure(preflight)
            return preflight

        async def start(app: Sanic, loop: Any) -> None:
            turns.start()

        async def stop(app: Sanic, loop: Any) -> None:
            # Visitors first: they connect to another server, where their replies reach them.
            await sockets.leave()
            await turns.stop(STOP_SECONDS)
            await sockets.server.shutdown()
            archive.close()

        routes.ctx.first, routes.ctx.last = first, last
        routes.listener("after_server_start")(start)
        routes.listener("before_server_stop")(stop)
        return routes

    def _run(self, on_new_message: Handler, routes: _Routes) -> tuple[Run, Urgent]:
        runner = Runner(self._guard, self.name(), on_new_message, self._settings)

        async def run(sender: str, key: str, body: Mapping[str, Any], usable: bool) -> Messages:
            agent = getattr(routes.ctx.app.ctx, "agent", None)
            return await runner.run(agent, sender, key, body["text"], usable)

        async def urgent(sender: str, key: str, body: Mapping[str, Any]) -> Messages | None:
            agent = getattr(routes.ctx.app.ctx, "agent", None)
            return await runner.urgent(agent, sender, key, body["text"])

        return run, urgent


class _Routes(SocketBlueprint):
    """Routes that also see the requests of the whole app before Rasa's routes do, and the answers
    after."""

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Add everything to the app."""
        self.ctx.app = app
        secure_app(app)
        app.register_middleware(self.ctx.first, "request")
        app.register_middleware(self.ctx.last, "response")
        super().register(app, options)
