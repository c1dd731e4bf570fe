"""Calls of the Bot API that end otherwise: led elsewhere, or given up."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.channels.telegram.api import Unsure
from tests.channels.telegram.test_api import TOKEN, api_of, failure_of


async def test_a_redirection_is_not_followed() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    assert isinstance(await failure_of(handler), Unsure)
    assert paths == [f"/bot{TOKEN}/sendMessage"]


async def test_a_cancelled_call_is_cancelled() -> None:
    taken = asyncio.Event()

    async def handler(_request: web.Request) -> web.Response:
        taken.set()
        await asyncio.sleep(30)
        return web.Response()

    async with api_of(handler) as api:
        task = asyncio.create_task(api.call("getUpdates"))
        await asyncio.wait_for(taken.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
