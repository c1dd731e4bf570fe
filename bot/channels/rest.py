"""The REST channel: Rasa's protocol, with checked input and a guaranteed reply."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput as RasaRestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.guard import Guard, Handler, shorten
from bot.channels.headers import SecureBlueprint
from bot.degraded import safe_replies
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.website.refusals import Refusal

MAX_SENDER = 200
MAX_MESSAGE_ID = 64
MAX_METADATA = 4096
MAX_BODY = 1_000_000
# Conversations of the website and of Telegram, which nobody else may join.
WEBSITE_SENDER, TELEGRAM_SENDER = "web-", "tg-"
_OTHERS = {WEBSITE_SENDER: "the website", TELEGRAM_SENDER: "Telegram"}


class RequestError(ValueError):
    """A request that cannot be taken; the text tells its sender what to change."""


class RestInput(RasaRestInput):
    """POST /webhooks/rest/webhook with `sender` and `message`, both strings, and a `message_id` of
    the client's, if it wants to send a message again: it is then escalated once.

    A wrong shape gets 400 with `{"error": …}`, too much at once 429; everything else ends in a
    reply.
    """

    def __init__(self, guard: Guard | None = None, settings: Settings | None = None) -> None:
        self._settings = settings or Settings.from_env()
        self._guard = guard or Guard(safe_replies(), self._settings)
        self._gate = _Gate(self._settings)

    @classmethod
    def name(cls) -> str:
        """Name in the URL."""
        return "rest"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes of the channel."""
        routes = SecureBlueprint("rest_channel")

        @routes.get("/")
        async def alive(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if len(request.body) > MAX_BODY:
                error = f"The body must be at most {MAX_BODY} bytes."
                return response.json({"error": error}, status=413)
            try:
                message = self._message(request.body)
            except RequestError as error:
                return response.json({"error": str(error)}, status=400)
            refusal = self._gate.refusal(request, message.sender_id)
            if refusal is not None:
                return _too_many(refusal)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is not None:
                self._guard.protect(agent)
            return response.json(await self._guard.run(message, on_new_message))

        return routes

    def _message(self, body: bytes) -> UserMessage:
        data = _parsed(body)
        sender = _text(data, "sender")
        if not sender.strip() or len(sender) > MAX_SENDER:
            raise RequestError(f"sender must be 1 to {MAX_SENDER} characters long.")
        for start, owner in _OTHERS.items():
            if sender.startswith(start):
                raise RequestError(f"sender must not begin with {start}: that is for {owner}.")
        metadata = data.get("metadata")
        if metadata is not None and not isinstance(metadata, dict):
            raise RequestError("metadata must be an object.")
        if len(json.dumps(metadata)) > MAX_METADATA:
            raise RequestError(f"metadata must be at most {MAX_METADATA} characters of JSON.")
        text, shortened = shorten(_text(data, "message"), self._settings.max_message_chars)
        return UserMessage(
            text,
            sender_id=sender,
            input_channel=self.name(),
            message_id=_message_id(data),
            metadata={**(metadata or {}), **({"shortened": True} if shortened else {})},
        )


class _Gate:
    """The website's limits, for REST.

    Args:
        settings: `rest_burst`, and which proxies are believed.
    """

    def __init__(self, settings: Settings) -> None:
        # Imported here: the website needs this module, for the senders that are its own.
        from bot.channels.website.limits import Limits
        from bot.channels.website.visitors import Visitors

        self._limits = None
        if settings.rest_burst:
            self._limits = Limits(replace(settings, message_burst=settings.rest_burst))
        self._visitors = Visitors(settings)

    def refusal(self, request: Request, sender: str) -> Refusal | None:
        """Count a message; return a refusal if there were too many."""
        from bot.channels.website.refusals import Refusal

        if self._limits is None or _is_own(request):
            return None
        try:
            self._limits.message(sender, self._visitors.address(request))
        except Refusal as refusal:
            return refusal
        return None


def _is_own(request: Request) -> bool:
    """Tell whether a request is this machine's own, and not somebody else's through a proxy."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ip_address(request.ip).is_loopback
    except ValueError:
        return False


def _too_many(refusal: Refusal) -> HTTPResponse:
    seconds = refusal.retry_after or 1
    body = {"error": refusal.message, "retry_after": seconds}
    return response.json(body, status=429, headers={"Retry-After": str(seconds)})


def clean_text(text: str) -> str:
    """Return the text without what no database takes: lone surrogates (valid JSON, but no text)
    and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("The body must be JSON, in UTF-8.") from None
    if not isinstance(data, dict):
        raise RequestError('The body must be an object: {"sender": "…", "message": "…"}.')
    return data


def _message_id(data: dict[str, Any]) -> str | None:
    """Return the client's id of the message; without one, Rasa makes one."""
    if data.get("message_id") is None:
        return None
    given = _text(data, "message_id")
    if not given.strip() or len(given) > MAX_MESSAGE_ID:
        raise RequestError(f"message_id must be 1 to {MAX_MESSAGE_ID} characters long.")
    return given


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise RequestError(f"{name} must be a string.")
    return clean_text(value)
