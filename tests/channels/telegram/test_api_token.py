"""The bot's token: in its place in the address, and shown nowhere."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.channels.telegram.api import BotApi, Unauthorized
from tests.servers import answering


async def test_a_strange_token_stays_within_its_part_of_the_path() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.raw_path)
        return web.json_response({"ok": False, "error_code": 404}, status=404)

    async with answering(handler) as url:
        api = BotApi("1:a/../b c?d#e", url)
        with pytest.raises(Unauthorized):
            await api.call("getMe")
        await api.close()

    assert len(paths) == 1
    assert paths[0].count("/") == 2
    assert paths[0].endswith("/getMe")


def test_the_token_is_not_shown() -> None:
    token = "123456:AAsecret-token_of-the-bot"
    assert token not in repr(BotApi(token))
