"""The emulated Telegram refuses and answers what the real one does: plain calls against it."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from tests.channels.telegram.emulator import Chat, Telegram
from tests.channels.telegram.hook import bot_sends, refused

BUTTON = {"text": "Is it safe?", "callback_data": "k:0"}
KEYBOARD = {"inline_keyboard": [[BUTTON]]}


async def test_only_the_bot_of_the_token_is_served(telegram: Telegram) -> None:
    async with aiohttp.ClientSession() as http:
        for token, status in (("1:other", 401), ("no-token", 404)):
            async with http.get(f"{telegram.url}/bot{token}/getMe") as answer:
                assert (answer.status, (await answer.json())["error_code"]) == (status, status)
        async with http.get(f"{telegram.url}/bot{telegram.token}/getme") as answer:
            assert (await answer.json())["result"]["is_bot"] is True
    assert await refused(telegram, "sendTelegram") == (404, "Not Found")


async def test_dates_are_in_seconds_and_ids_count_up_for_the_whole_bot(chat: Chat) -> None:
    other = chat.telegram.chat()
    first = await chat.send("one")
    second = await bot_sends(chat)
    third = await other.send("two")
    ids = [first.message_id, second["message_id"], third.message_id]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert third.update_id == first.update_id + 1
    for date in (first.body["date"], second["date"]):
        assert abs(date - time.time()) < 30
    assert second["chat"] == chat.about
    assert second["from"]["is_bot"] is True


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("", "message text is empty"),
        (" \n", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("🌱" * 2049, "message is too long"),
    ],
)
async def test_texts_that_telegram_refuses(chat: Chat, text: str, description: str) -> None:
    error = (400, f"Bad Request: {description}")
    assert await refused(chat.telegram, "sendMessage", chat_id=chat.id, text=text) == error
    kept = await bot_sends(chat, "🌱" * 2048)
    edit = {"chat_id": chat.id, "message_id": kept["message_id"], "text": text}
    assert await refused(chat.telegram, "editMessageText", **edit) == error


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "offset": 0, "length": 6}, "ends after the end of the text"),
        ({"type": "bold", "offset": -1, "length": 2}, "incorrect offset"),
        ({"type": "bold", "offset": 0, "length": 0}, "incorrect offset or length"),
        ({"type": "bold", "offset": "0", "length": 1}, "must be integers"),
        ({"type": "bold", "offset": 3, "length": 1}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 3}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "loud", "offset": 0, "length": 1}, "unsupported type"),
        ({"type": "text_link", "offset": 0, "length": 1, "url": "tel:988"}, "wrong HTTP URL"),
    ],
)
async def test_entities_that_telegram_refuses(
    chat: Chat, entity: dict[str, Any], words: str
) -> None:
    params = {"chat_id": chat.id, "text": "ab🌱c", "entities": [entity]}
    code, description = await refused(chat.telegram, "sendMessage", **params)
    assert code == 400
    assert words in description


async def test_callback_data_of_64_bytes(chat: Chat) -> None:
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 32}]]}
    assert (await bot_sends(chat, reply_markup=markup))["reply_markup"] == markup


async def test_a_hundred_entities_are_kept(chat: Chat) -> None:
    entities = [{"type": "bold", "offset": at, "length": 1} for at in range(101)]
    assert len((await bot_sends(chat, "x" * 101, entities=entities))["entities"]) == 100


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "a", "callback_data": "é" * 32 + "e"}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a"}, "text buttons are unallowed"),
        ({"text": "a", "callback_data": "b", "url": "https://a.example"}, "unallowed"),
        ({"text": " ", "callback_data": "b"}, "non-empty"),
    ],
)
async def test_buttons_that_telegram_refuses(
    chat: Chat, button: dict[str, str], words: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    params = {"chat_id": chat.id, "text": "Hello", "reply_markup": markup}
    code, description = await refused(chat.telegram, "sendMessage", **params)
    assert code == 400
    assert words in description


async def test_only_who_wrote_and_has_not_blocked_can_be_written_to(chat: Chat) -> None:
    call = chat.telegram
    assert await refused(call, "sendMessage", text="a") == (400, "Bad Request: chat_id is empty")
    unknown = {"chat_id": 5, "text": "a"}
    assert await refused(call, "sendMessage", **unknown) == (400, "Bad Request: chat not found")
    await chat.block()
    known = {"chat_id": chat.id, "text": "a", "action": "typing"}
    for method in ("sendMessage", "sendChatAction"):
        blocked = (403, "Forbidden: bot was blocked by the user")
        assert await refused(call, method, **known) == blocked
    await chat.send("I am back")
    await bot_sends(chat)
    group = call.group()
    await group.mention("hello")
    await group.block()
    known["chat_id"] = group.id
    assert (await refused(call, "sendMessage", **known))[0] == 403


async def test_edits_answer_as_telegram_does(chat: Chat) -> None:
    kept = await bot_sends(chat, "**", reply_markup=KEYBOARD)
    same = {"chat_id": chat.id, "message_id": kept["message_id"]}
    whole = {**same, "text": "**", "reply_markup": KEYBOARD}
    call = chat.telegram
    for method in ("editMessageText", "editMessageReplyMarkup"):
        code, description = await refused(call, method, **whole)
        assert code == 400
        assert description.startswith("Bad Request: message is not modified: ")
        missing = (400, "Bad Request: message to edit not found")
        assert await refused(call, method, **{**whole, "message_id": 10**9}) == missing
        theirs = await chat.send("mine")
        not_own = (400, "Bad Request: message can't be edited")
        assert await refused(call, method, **{**whole, "message_id": theirs.message_id}) == not_own
        other = call.chat()
        await other.send("Hello")
        assert await refused(call, method, **{**whole, "chat_id": other.id}) == missing
    bold = [{"type": "bold", "offset": 0, "length": 2}]
    assert (await call.api("editMessageText", **whole, entities=bold))["result"]["edit_date"]
    assert (await call.api("editMessageReplyMarkup", **same))["ok"]
    await chat.until(lambda: chat.bubbles and not chat.bubbles[0].buttons)
    assert chat.bubbles[0].entity_texts("bold") == ["**"]
    assert (await chat.history())[-3]["entities"] == bold


async def test_callbacks_are_of_a_tap(chat: Chat) -> None:
    message = await bot_sends(chat, reply_markup=KEYBOARD)
    await chat.reply()
    tapped = await chat.tap("Is it safe?")
    assert tapped.body["message"] == message
    assert (tapped.body["data"], tapped.body["from"]) == ("k:0", chat.user)
    call = chat.telegram
    assert (await call.api("answerCallbackQuery", callback_query_id=tapped.callback_id))["ok"]
    code, description = await refused(call, "answerCallbackQuery", callback_query_id="nine")
    assert (code, "query ID is invalid" in description) == (400, True)
    await chat.until(lambda: chat.answered)
    assert chat.answered == [{"callback_query_id": tapped.callback_id}]
    gone = await chat.tap_data("x:1", 10**9)
    assert gone.body["message"]["date"] == 0
    with pytest.raises(LookupError):
        await chat.tap("Is it proven?")


async def test_menus_are_kept_by_language(telegram: Telegram) -> None:
    commands = [{"command": "help", "description": "What I can do"}]
    assert (await telegram.api("setMyCommands", commands=commands, language_code="de"))["ok"]
    kept = await telegram.api("getMyCommands", language_code="de")
    assert kept["result"] == commands
    assert (await telegram.api("getMyCommands"))["result"] == []
    for wrong in ({"command": "Help"}, {"description": ""}):
        params = {"commands": [{**commands[0], **wrong}]}
        assert (await refused(telegram, "setMyCommands", **params))[0] == 400


async def test_chat_actions(chat: Chat) -> None:
    await chat.telegram.api("sendChatAction", chat_id=chat.id, action="typing")
    await chat.until(lambda: chat.typing == ["typing"])
    wrong = {"chat_id": chat.id, "action": "thinking"}
    assert (await refused(chat.telegram, "sendChatAction", **wrong))[0] == 400
