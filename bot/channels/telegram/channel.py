"""The Telegram channel: updates in, by webhook or long polling; replies out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.archive import Archive
from bot.channels.guard import Guard, Handler, Runner
from bot.channels.shapes import Messages
from bot.channels.telegram.api import ApiError, BotApi
from bot.channels.telegram.commands import show_commands
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.layout import footer_lines
from bot.channels.telegram.messenger import Messenger
from bot.channels.telegram.notices import Notices
from bot.channels.telegram.pace import Pace
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.postman import Postman
from bot.channels.telegram.updates import Self
from bot.channels.turns import Turns
from bot.content import load_content
from bot.degraded import safe_replies
from bot.records import Records, RecordsError, Redactor
from bot.settings import Settings

logger = logging.getLogger(__name__)

PATH = "/webhooks/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
# What Telegram could send is far smaller; what is larger is not from there.
MAX_UPDATE = 1_000_000
# Telegram shows that the bot types for five seconds.
TYPING_SECONDS = 4.5
STOP_SECONDS = 4.0
_ME_SECONDS = 30.0


def webhook_secret(settings: Settings) -> str:
    """Return what Telegram must say with each update: 64 characters, from the server's secret."""
    about = f"telegram-webhook:{settings.telegram_token}".encode()
    return hmac.new(settings.secret(), about, hashlib.sha256).hexdigest()


class TelegramInput(InputChannel):
    """Talks to people on Telegram; without TELEGRAM_TOKEN it does nothing.

    Args:
        guard: gives every turn a reply.
        settings: see docs/settings.md.
        pace: when a message may go; Telegram's limits by default.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        settings: Settings | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._settings = settings or Settings.from_env()
        self._guard = guard or Guard(safe_replies(), self._settings)
        self._pace = pace or Pace()

    @classmethod
    def name(cls) -> str:
        """Name in the URL, in trackers and in escalations."""
        return "telegram"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Return the channel; the options of Rasa's own do not apply."""
        return cls()

    def get_output_channel(self) -> OutputChannel | None:
        """Return nothing: a reply belongs to a message, there is no other way in."""
        return None

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the webhook's route, and what runs beside it."""
        routes = Blueprint("telegram")
        if not self._settings.telegram_token:
            return routes
        service = TelegramService(self._settings, self._guard, on_new_message, self._pace)
        if self._settings.telegram_mode == "webhook":
            # A function, since Sanic writes its own notes onto what it routes to.
            @routes.post("/webhook")
            async def receive(request: Request) -> HTTPResponse:
                return await service.receive(request)

        routes.listener("after_server_start")(service.start)
        routes.listener("before_server_stop")(service.stop)
        return routes


class TelegramService:
    """All that runs for the channel in one server.

    Args:
        settings, guard: as for the channel.
        on_new_message: Rasa's handler.
        pace: when a message may go.
    """

    def __init__(
        self, settings: Settings, guard: Guard, on_new_message: Handler, pace: Pace
    ) -> None:
        content = load_content()
        self._content = content
        self._secret = webhook_secret(settings).encode()
        self._polls = settings.telegram_mode == "polling"
        self._api = BotApi(settings.telegram_token, settings.telegram_api)
        # Redacts, with the language model, which is loaded at the first need.
        self._archive = Archive("telegram", Records(settings.records_url, redact=Redactor()))
        self._runner = Runner(guard, "telegram", on_new_message, settings)
        self._notices = Notices(content, settings.region)
        self._messenger = Messenger(self._api, pace)
        self._postman = Postman(self._archive, self._messenger, footer_lines(content))
        self._turns = Turns(
            "telegram",
            self._archive,
            self._run,
            self._publish,
            self._forgotten,
            self._postman.answer,
            self._urgent,
            settings.urgent_seconds,
        )
        self._inbox = Inbox(
            settings.secret(),
            self._archive,
            self._turns,
            self._postman,
            self._messenger,
            self._api,
        )
        self._app: Sanic | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def receive(self, request: Request) -> HTTPResponse:
        """Take an update from Telegram and say so at once; from anybody else, nothing."""
        said = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(said, self._secret):
            return response.json({"error": "The secret token is missing or wrong."}, status=403)
        await self._inbox.take(_parsed(request.body))
        # Whatever it was: an update that is refused would come again and again.
        return response.json({})

    def state(self) -> dict[str, Any]:
        """Return what is known of the way to Telegram, for `GET /health`: `status` tells whether
        the last call got through, `last_success` when one last did."""
        at = self._api.succeeded_at
        return {
            "status": "up" if self._api.reached else "down",
            "mode": "polling" if self._polls else "webhook",
            "last_success": at.isoformat(timespec="seconds") if at else None,
        }

    async def start(self, app: Sanic, loop: Any) -> None:
        """Begin to answer."""
        self._app = app
        app.ctx.telegram = self.state
        self._turns.start()
        self._postman.start()
        self._in_background(self._introduce())
        if self._polls:
            self._in_background(Poller(self._api, self._inbox).run())

    async def stop(self, app: Sanic, loop: Any) -> None:
        """End what runs; what is left is stored, and done after a start."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._turns.stop(STOP_SECONDS)
        await self._postman.stop(STOP_SECONDS)
        await self._inbox.stop()
        await self._api.close()
        self._archive.close()

    async def _introduce(self) -> None:
        """Learn who the bot is on Telegram: its name is needed in groups. With no webhook to set,
        nobody has put the commands into the menu yet."""
        while True:
            try:
                me = await self._api.call("getMe")
                self._inbox.me = Self(int(me["id"]), str(me["username"]))
                if self._polls:
                    await show_commands(self._api, self._content)
            except (ApiError, LookupError, TypeError, ValueError) as error:
                logger.warning("Telegram does not say who the bot is: %s", error)
                await asyncio.sleep(_ME_SECONDS)
            else:
                logger.info("On Telegram as @%s", self._inbox.me.name)
                return

    async def _run(
        self, sender: str, message_id: str, body: Mapping[str, Any], usable: bool
    ) -> Messages:
        if notice := body.get("notice"):
            return await self._notice(sender, notice)
        agent = getattr(self._app.ctx, "agent", None) if self._app else None
        ended = asyncio.Event()
        self._in_background(self._type(sender, ended))
        try:
            return await self._runner.run(agent, sender, message_id, body["text"], usable)
        finally:
            ended.set()

    async def _urgent(
        self, sender: str, message_id: str, body: Mapping[str, Any]
    ) -> Messages | None:
        agent = getattr(self._app.ctx, "agent", None) if self._app else None
        return await self._runner.urgent(agent, sender, message_id, body["text"])

    async def _notice(self, sender: str, notice: str) -> Messages:
        crisis_open = False
        with suppress(RecordsError):
            crisis_open = await self._archive.ask(self._archive.records.had_crisis, sender)
        name = self._inbox.me.name
        link = f"https://t.me/{name}" if name else "https://telegram.org"
        return self._notices.messages(notice, crisis_open=crisis_open, link=link)

    async def _type(self, sender: str, ended: asyncio.Event) -> None:
        """Show that the bot types, as long as it does."""
        chat = self._postman.chat(sender)
        # A call that is under way is let be: to cut it would cost its connection.
        while chat is not None and not ended.is_set():
            with suppress(ApiError):
                await self._api.call("sendChatAction", chat_id=chat, action="typing")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ended.wait(), TYPING_SECONDS)

    async def _publish(self, sender: str, event: str, entry: dict[str, Any]) -> None:
        """Have a reply sent: from the records or, if they do not keep it, from here."""
        if event != "entry" or entry["from"] != "bot":
            return
        if entry["seq"] is not None:
            self._postman.wake(sender)
            return
        key = secrets.token_urlsafe(12)
        self._inbox.keep(key, sender, entry)
        self._postman.send_loose(sender, key, entry)

    async def _forgotten(self, sender: str) -> None:
        self._inbox.forget(sender)
        self._postman.forget(sender)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _parsed(body: bytes) -> object:
    """Return an update as it came, None if it is none that Telegram could send."""
    if len(body) > MAX_UPDATE:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
