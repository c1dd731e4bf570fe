"""Updates of the emulated Telegram reach a bot as those of the real one do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.channels.telegram.emulator import Telegram
from tests.channels.telegram.hook import Hook, refused
from tests.servers import answering, free_port


async def test_polling_gives_updates_until_they_are_confirmed(telegram: Telegram) -> None:
    chat = telegram.chat()
    made = [await chat.send(text) for text in ("one", "two", "three")]
    first = await telegram.api("getUpdates", limit=2)
    assert first["result"] == [one.update for one in made[:2]]
    assert await telegram.api("getUpdates", limit=2) == first
    rest = await telegram.api("getUpdates", offset=made[1].update_id + 1)
    assert rest["result"] == [made[2].update]
    assert (await telegram.state())["pending"] == [made[2].update_id]


async def test_polling_waits(telegram: Telegram) -> None:
    chat = telegram.chat()
    started = time.monotonic()
    assert (await telegram.api("getUpdates", timeout=0.3))["result"] == []
    assert time.monotonic() - started >= 0.3
    waiting = asyncio.create_task(telegram.api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    made = await chat.send("one")
    assert (await waiting)["result"] == [made.update]


async def test_two_pollers_or_a_webhook_are_a_conflict(telegram: Telegram, address: str) -> None:
    first = asyncio.create_task(telegram.api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(telegram.api("getUpdates", timeout=30))
    assert (await first)["error_code"] == 409
    await asyncio.sleep(0.1)
    await telegram.api("setWebhook", url=address)
    assert (await second)["error_code"] == 409
    code, description = await refused(telegram, "getUpdates")
    assert (code, "while webhook is active" in description) == (409, True)


async def test_the_webhook_gets_updates_with_the_secret(
    telegram: Telegram, hook: Hook, address: str
) -> None:
    early = await telegram.chat().send("before the webhook")
    await telegram.api("setWebhook", url=address, secret_token="s3cret", max_connections=7)
    late = await telegram.chat().send("after")
    await telegram.taken()
    assert hook.got == [early.update, late.update]
    assert hook.secrets == ["s3cret", "s3cret"]
    info = (await telegram.api("getWebhookInfo"))["result"]
    assert (info["url"], info["max_connections"]) == (address, 7)
    assert info["pending_update_count"] == 0
    assert await telegram.deliver(early.update, secret="forged") == 200
    assert await telegram.deliver({}, secret=None) == 200
    assert hook.secrets[2:] == ["forged", None]
    await telegram.api("deleteWebhook")
    assert (await telegram.api("getWebhookInfo"))["result"]["url"] == ""


async def test_webhooks_that_telegram_refuses(telegram: Telegram) -> None:
    for url in ("http://bot.example.org", "bot.example.org"):
        code, description = await refused(telegram, "setWebhook", url=url)
        assert (code, "HTTPS" in description) == (400, True)
    params = {"url": "https://bot.example.org", "secret_token": "no spaces"}
    assert (await refused(telegram, "setWebhook", **params))[0] == 400


async def test_an_update_goes_again_until_it_is_taken(
    telegram: Telegram, hook: Hook, address: str
) -> None:
    chat, other = telegram.chat(), telegram.chat()
    await telegram.post(chat.says("one"), chat.says("two"), other.says("three"))
    hook.statuses = [500, 302]
    await telegram.api("setWebhook", url=address)
    await telegram.taken()
    # Chats are served side by side, so either may come first.
    assert sorted(hook.texts[:2]) == ["one", "three"]
    assert sorted(hook.texts) == ["one", "one", "three", "three", "two"]
    assert hook.texts.index("two") > 2
    ids = {update["message"]["text"]: update["update_id"] for update in hook.got}
    assert [ids[text] for text in hook.texts] == [update["update_id"] for update in hook.got]


async def test_a_webhook_that_cannot_be_reached_gets_them_later(
    telegram: Telegram, hook: Hook
) -> None:
    await telegram.api("setWebhook", url=f"http://127.0.0.1:{free_port()}/")
    made = await telegram.chat().send("anybody there?")
    await telegram.until(lambda: telegram.deliveries[-1].update_id == made.update_id)
    info = (await telegram.api("getWebhookInfo"))["result"]
    assert (info["pending_update_count"], info["last_error_message"]) == (1, "ECONNREFUSED")
    async with answering(hook.answer) as url:
        await telegram.api("setWebhook", url=url)
        await telegram.taken()
    assert hook.got == [made.update]


async def test_only_allowed_updates_come(telegram: Telegram) -> None:
    await telegram.api("getUpdates", allowed_updates=["message"])
    chat = telegram.chat()
    made = await chat.send("one")
    await chat.edit("two")
    await chat.block()
    assert (await telegram.state())["pending"] == [made.update_id]


async def test_everything_people_do(telegram: Telegram) -> None:
    chat, group = telegram.chat(first_name="Bo"), telegram.group()
    acts: list[tuple[Callable[[], Awaitable[Any]], str, str]] = [
        (lambda: chat.command("start", "now"), "message", "entities"),
        (lambda: chat.edit("/stop"), "edited_message", "edit_date"),
        (lambda: chat.photo("my letter"), "message", "photo"),
        (chat.voice, "message", "voice"),
        (lambda: chat.media("sticker"), "message", "sticker"),
        (lambda: group.command("help"), "message", "entities"),
        (lambda: group.mention("is it safe?"), "message", "entities"),
        (chat.block, "my_chat_member", "new_chat_member"),
        (chat.unblock, "my_chat_member", "new_chat_member"),
    ]
    made = [await act() for act, _, _ in acts]
    got = (await telegram.api("getUpdates"))["result"]
    assert got == [one.update for one in made]
    for update, (_, kind, key) in zip(got, acts, strict=True):
        assert key in update[kind]
    assert got[0]["message"]["text"] == "/start now"
    assert got[1]["edited_message"]["message_id"] == got[0]["message"]["message_id"]
    assert got[2]["message"]["from"]["first_name"] == "Bo"
    assert got[5]["message"]["text"] == "/help@guide_bot"
    held = await chat.send("later", held=True)
    assert held.update_id not in (await telegram.state())["pending"]


async def test_a_burst_is_quick_and_in_order_in_each_chat(
    telegram: Telegram, hook: Hook, address: str
) -> None:
    await telegram.api("setWebhook", url=address, max_connections=40)
    hook.pause = 0.01
    chats = [telegram.chat() for _ in range(100)]
    burst = [chat.says(f"{chat.id} {number}") for number in range(10) for chat in chats]
    started = time.monotonic()
    await telegram.post(*burst)
    await telegram.taken()
    answers = [telegram.api("sendMessage", chat_id=chat.id, text="a") for chat in chats * 10]
    await asyncio.gather(*answers)
    await telegram.until(lambda: all(len(chat.bubbles) == 10 for chat in chats))
    for chat in chats:
        own = [text for text in hook.texts if text.startswith(f"{chat.id} ")]
        assert own == [f"{chat.id} {number}" for number in range(10)]
    assert hook.most == 1
    assert time.monotonic() - started < 30
