"""The way between the Rasa server and its action server: open, refused, open again."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from tests.plugin.server import Relay
from tests.servers import answering


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"{request.path} {await request.text()}")


async def asked(port: int) -> str:
    url = f"http://127.0.0.1:{port}/webhook"
    async with aiohttp.ClientSession() as http, http.post(url, data="x" * 100_000) as answer:
        return await answer.text()


async def test_it_carries_refuses_and_carries_again() -> None:
    async with answering(hello) as address:
        relay = Relay(int(address.rsplit(":", 1)[1]))
        await relay.listen()
        assert await asked(relay.port) == "/webhook " + "x" * 100_000

        await relay.refuse()
        with pytest.raises(aiohttp.ClientConnectionError):
            await asked(relay.port)

        await relay.listen()
        assert (await asked(relay.port)).startswith("/webhook")
        await relay.refuse()


async def test_open_connections_are_cut() -> None:
    async with answering(hello) as address:
        relay = Relay(int(address.rsplit(":", 1)[1]))
        await relay.listen()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{relay.port}") as kept:
            async with kept.get("/one") as answer:
                assert answer.status == 200
            await relay.refuse()
            with pytest.raises(aiohttp.ClientConnectionError):
                await kept.get("/two")


async def test_behind_it_nobody_need_be() -> None:
    relay = Relay(1)
    await relay.listen()

    with pytest.raises(aiohttp.ClientConnectionError):
        await asked(relay.port)
    await relay.refuse()
