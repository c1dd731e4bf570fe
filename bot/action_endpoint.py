"""The action server's client: a short timeout, and a safe reply where Rasa would stay silent."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

from bot.degraded import SafeReplies, Turn

logger = logging.getLogger(__name__)

SESSION_START = "action_session_start"


class BadAnswerError(RuntimeError):
    """The action server answered something that is not an action result."""


class GuardedEndpoint(EndpointConfig):
    """Calls the action server; on any failure returns a valid result with a safe reply.

    Args:
        endpoint: the endpoint of endpoints.yml.
        replies: what to say instead.
        timeout: seconds to wait for the server.
    """

    def __init__(
        self, endpoint: EndpointConfig, replies: SafeReplies, timeout: float, url: str
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

    async def request(self, method: str = "post", *args: Any, **kwargs: Any) -> Any:
        """Return the server's action result, or a result made here if it does not give one."""
        call = kwargs.get("json") or {}
        kwargs["timeout"] = aiohttp.ClientTimeout(total=self._timeout)
        try:
            return _checked(await self._call(method, *args, **kwargs))
        except Exception as error:
            # Whatever failed (refused, slow, 500, not JSON), the user must get a reply.
            logger.error(
                "The action server failed at %s (%s); a safe reply is sent instead",
                call.get("next_action"),
                type(error).__name__,
            )
            return await asyncio.to_thread(self._substitute, call)

    async def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return await super().request(method, *args, **kwargs)

    def _substitute(self, call: dict[str, Any]) -> dict[str, Any]:
        if call.get("next_action") == SESSION_START:
            session = [{"event": "session_started"}, {"event": "action", "name": "action_listen"}]
            return {"events": session, "responses": []}
        reply = self._replies.reply(_turn(call))
        events: list[dict[str, Any]] = []
        if reply.outcome == "crisis":
            events.append({"event": "slot", "name": "crisis_open", "value": True})
        return {"events": events, "responses": reply.messages()}


def _turn(call: dict[str, Any]) -> Turn:
    tracker = call.get("tracker") or {}
    latest = tracker.get("latest_message") or {}
    said = [e for e in tracker.get("events") or [] if e.get("event") == "user"]
    return Turn(
        sender=str(call.get("sender_id")),
        channel=str(tracker.get("latest_input_channel") or "unknown"),
        message_key=str(said[-1].get("message_id") if said else call.get("sender_id")),
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
