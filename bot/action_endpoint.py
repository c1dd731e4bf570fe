"""The action server's client: a short timeout, and a safe reply where Rasa would stay silent."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

from bot import metrics
from bot.degraded import SafeReplies, Turn
from bot.records import message_key, new_erasure
from bot.reply.outcomes import URGENT

logger = logging.getLogger(__name__)

SESSION_START = "action_session_start"
FORGET = "action_forget"
ERASURE = {"event": "slot", "name": "erasure"}
CRISIS_OPEN = {"event": "slot", "name": "crisis_open", "value": True}
# A turn runs up to two actions: once the server hangs, the next call does not wait for it too.
HUNG_SECONDS = 5.0


class BadAnswerError(RuntimeError):
    """The action server answered something that is not an action result."""


class GuardedEndpoint(EndpointConfig):
    """Calls the action server; on any failure returns a valid result with a safe reply.

    Args:
        endpoint: the endpoint of endpoints.yml.
        replies: what to say instead.
        timeout: seconds to wait for the server.
        url: where it answers.
        secret: returns what it knows this server by; asked at each call, and may raise.
    """

    def __init__(
        self,
        endpoint: EndpointConfig,
        replies: SafeReplies,
        timeout: float,
        url: str,
        secret: Callable[[], str],
    ) -> None:
        super().__init__(
            url,
            endpoint.params,
            endpoint.headers,
            endpoint.basic_auth,
            endpoint.token,
            endpoint.token_name,
            endpoint.cafile,
            **endpoint.kwargs,
        )
        self._replies = replies
        self._timeout = timeout
        self._secret = secret
        self._hung_until = 0.0

    async def request(self, method: str = "post", *args: Any, **kwargs: Any) -> Any:
        """Return the server's action result, or a result made here if it does not give one."""
        call = kwargs.get("json") or {}
        kwargs["timeout"] = aiohttp.ClientTimeout(total=self._timeout)
        if time.monotonic() < self._hung_until:
            return await self._instead(call)
        try:
            with metrics.step("action", part="actions"):
                result = _checked(await self._call(method, *args, **kwargs))
        except Exception as error:
            # Whatever failed (refused, slow, 500, not JSON), the user must get a reply.
            logger.error(
                "The action server failed at %s (%s); a safe reply is sent instead",
                call.get("next_action"),
                type(error).__name__,
            )
            if isinstance(error, asyncio.TimeoutError):
                self._hung_until = time.monotonic() + HUNG_SECONDS
            return await self._instead(call, error)
        await self._make_up(call, result)
        return result

    async def _instead(self, call: dict[str, Any], error: Exception | None = None) -> Any:
        if call.get("next_action") != SESSION_START:
            hung = error is None or isinstance(error, asyncio.TimeoutError)
            metrics.fault("action_timeout" if hung else "action_fault")
        return await self._substitute(call)

    async def _make_up(self, call: dict[str, Any], result: dict[str, Any]) -> None:
        """Record what the action could not: it does not hold help back for the database."""
        for response in result["responses"]:
            said = response.get("custom") if isinstance(response, dict) else None
            if not isinstance(said, dict) or said.get("outcome") not in URGENT:
                continue
            if not said.get("escalation"):
                await self._replies.record(_turn(call), said["outcome"])

    async def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        kwargs["headers"] = {"Authorization": f"Bearer {self._secret()}"}
        return await super().request(method, *args, **kwargs)

    async def _substitute(self, call: dict[str, Any]) -> dict[str, Any]:
        if call.get("next_action") == SESSION_START:
            return {"events": _session(call), "responses": []}
        if call.get("next_action") == FORGET:
            return self._forget()
        reply = await self._replies.reply(_turn(call))
        events: list[dict[str, Any]] = []
        if reply.outcome == "crisis":
            events.append(CRISIS_OPEN)
        return {"events": events, "responses": reply.messages()}

    def _forget(self) -> dict[str, Any]:
        """Let the tracker store fulfil the wish, at once or as soon as it can."""
        reference = new_erasure()
        said = self._replies.forgetting(reference).messages()
        return {"events": [{**ERASURE, "value": reference}], "responses": said}


def _session(call: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a new session; a crisis outlives the session before it."""
    slots = (call.get("tracker") or {}).get("slots") or {}
    kept = [CRISIS_OPEN] if slots.get("crisis_open") else []
    return [{"event": "session_started"}, *kept, {"event": "action", "name": "action_listen"}]


def _turn(call: dict[str, Any]) -> Turn:
    tracker = call.get("tracker") or {}
    latest = tracker.get("latest_message") or {}
    said = [e for e in tracker.get("events") or [] if e.get("event") == "user"]
    sender = str(call.get("sender_id"))
    return Turn(
        sender=sender,
        channel=str(tracker.get("latest_input_channel") or "unknown"),
        message_key=message_key(sender, said[-1].get("message_id") if said else None, len(said)),
        text=str(latest.get("text") or ""),
        intent=(latest.get("intent") or {}).get("name"),
    )


def _checked(result: Any) -> dict[str, Any]:
    """Return the result if Rasa can use it and the user gets something from it."""
    if not isinstance(result, dict) or not isinstance(result.get("events"), list):
        raise BadAnswerError("no events")
    if not isinstance(result.get("responses"), list):
        raise BadAnswerError("no responses")
    return result
