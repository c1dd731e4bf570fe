"""Faults and limits of the emulated Telegram."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.channels.telegram.emulator import Chat
from tests.channels.telegram.hook import bot_sends, refused


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("answer", [429, 403, 500, "cut", "junk", "hang", "ok"])
async def test_faults(chat: Chat, answer: int | str, done: bool) -> None:
    telegram = chat.telegram
    await telegram.fault("sendMessage", answer, after=1, done=done, chat=chat.id, retry_after=7)
    await bot_sends(chat, "passes")
    params = {"chat_id": chat.id, "text": "fails"}
    timeout = aiohttp.ClientTimeout(total=0.3)
    url = f"{telegram.url}/bot{telegram.token}/sendMessage"
    got: object
    try:
        async with telegram.http.post(url, json=params, timeout=timeout) as response:
            got = response.status if response.status != 200 else (await response.text())[:1]
            if answer == 429:
                assert (await response.json())["parameters"] == {"retry_after": 7}
    except (aiohttp.ClientConnectionError, asyncio.TimeoutError) as error:
        got = type(error)
    special = {"ok": "{", "junk": "<", "hang": asyncio.TimeoutError}
    assert got == special.get(
        str(answer), aiohttp.ServerDisconnectedError if answer == "cut" else answer
    )
    await bot_sends(chat, "passes again")
    await telegram.until(lambda: len(telegram.calls_of("sendMessage", chat.id)) == 3)
    fault = telegram.calls_of("sendMessage", chat.id)[1]
    happened = done or answer == "ok"
    assert (fault.done, fault.params) == (happened, params)
    assert chat.texts == ["passes", *(["fails"] if happened else []), "passes again"]


async def test_limits(chat: Chat) -> None:
    telegram = chat.telegram
    other = telegram.chat()
    await other.send("Hello")
    await telegram.limits(per_chat=1, burst=2, overall=4)
    for _ in range(2):
        await bot_sends(chat)
    answer = await telegram.api("sendMessage", chat_id=chat.id, text="a")
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 1})
    for _ in range(2):
        await bot_sends(other)
    third = telegram.chat()
    await third.send("Hello")
    assert (await refused(telegram, "sendMessage", chat_id=third.id, text="a"))[0] == 429
    await asyncio.sleep(1.05)
    await bot_sends(chat)
    await bot_sends(third)
