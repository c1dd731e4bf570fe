"""What comes in: each update is taken once, whoever sends it how often, and never an error."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from tests.channels.telegram.emulator import Chat
from tests.channels.telegram.rig import Rig, echo
from tests.channels.telegram.service import MODES

# The thousand at once, on Telegram's limits, are in `python -m benchmarks.telegram`.
PEOPLE, EACH = 50, 4
SECRETS = (None, "wrong", "ä€😀".encode().decode("latin-1"), "0" * 64)


async def test_the_same_update_again_and_again_is_one(rig: Rig, person: Chat) -> None:
    sent = await person.send("hello", held=True)

    statuses = await asyncio.gather(*(rig.telegram.deliver(sent.update) for _ in range(10)))
    await person.reply()
    await rig.telegram.deliver(sent.update)
    await rig.telegram.quiet()

    assert set(statuses) == {200}
    assert person.texts == [echo("hello")]


async def test_the_same_message_in_another_update_is_one(rig: Rig, person: Chat) -> None:
    sent = await person.send("hello")
    await person.reply()

    await rig.telegram.deliver({**sent.update, "update_id": sent.update_id + 1000})
    await rig.telegram.quiet()

    assert person.texts == [echo("hello")]


async def test_an_update_out_of_order_is_taken_all_the_same(rig: Rig, person: Chat) -> None:
    sent = [await person.send(str(number), held=True) for number in range(5)]
    random.Random(5).shuffle(sent)

    for one in sent:
        assert await rig.telegram.deliver(one.update) == 200
    await person.until(lambda: len(person.texts) == 5)

    assert person.texts == [echo(one.body["text"]) for one in sent], "as they came"


@pytest.mark.parametrize("mode", MODES)
async def test_an_update_from_before_a_restart_is_known(rig: Rig, mode: str) -> None:
    chat = rig.telegram.chat()
    async with rig.running(mode):
        sent = await chat.send("hello")
        await chat.reply()
    async with rig.running("webhook"):
        await rig.telegram.deliver(sent.update)
        await chat.ask("again")
        await rig.telegram.quiet()

    assert chat.texts == [echo("hello"), echo("again")]


async def test_an_update_from_before_forget_me_brings_nothing_back(rig: Rig, person: Chat) -> None:
    sent = await person.send("I live at Elm Street")
    await person.reply()
    (done,) = await person.ask("forget me")
    assert "It is done" in done.text

    assert await rig.telegram.deliver(sent.update) == 200
    await rig.telegram.quiet()

    assert len(person.texts) == 2
    assert rig.mentions("Elm Street") == []
    assert rig.mentions(str(person.id)) == []
    assert rig.rows("sessions") == rig.rows("entries") == rig.rows("deliveries") == []


async def test_who_was_forgotten_may_begin_anew(rig: Rig, person: Chat) -> None:
    await person.ask("hello")
    await person.ask("forget me")

    (reply,) = await person.ask("hello again")

    assert reply.text == echo("hello again")
    assert len(rig.rows("sessions")) == 1


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: str(secret)[:8])
async def test_a_forged_update_is_refused(rig: Rig, person: Chat, secret: str | None) -> None:
    sent = await person.send("forged", held=True)

    assert await rig.telegram.deliver(sent.update, secret=secret) == 403
    await rig.telegram.quiet(0.3)

    assert (rig.agent.heard, rig.rows("telegram_updates"), person.texts) == ([], [], [])


async def test_a_large_update_is_taken(rig: Rig, person: Chat) -> None:
    entities = [{"type": "bold", "offset": n, "length": 1} for n in range(5000)]
    long = await person.send("word " * 40_000, held=True)
    odd = await person.send("short", held=True, entities=entities)
    assert len(json.dumps(long.update)) > 200_000 < len(json.dumps(odd.update))

    assert await rig.telegram.deliver(long.update) == 200
    assert await rig.telegram.deliver(odd.update) == 200
    await person.until(lambda: person.texts[-1:] == [echo("short")])

    assert len(rig.agent.heard) == 2


JUNK: list[bytes] = [
    b"",
    b"{",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"text"',
    b"1e999",
    b"[" * 100_000,
    b'{"update_id": 1}',
    b'{"update_id": "1", "message": {}}',
    b'{"update_id": 1e400, "message": {}}',
    b'{"update_id": 2, "message": []}',
    b'{"update_id": 3, "message": {"message_id": 1, "text": "x"}}',
    b'{"update_id": 4, "message": {"message_id": 1, "chat": {"id": "1"}, "text": "x"}}',
    b'{"update_id": 5, "message": {"message_id": true, "chat": {"id": 7}, "text": "x"}}',
    b'{"update_id": 6, "message": {"message_id": 1, "chat": {"id": 7, "type": []}, "text": 5}}',
    b'{"update_id": 99999999999999999999, "message": {}}',
    b'{"update_id": -4, "message": {"message_id": 1, "chat": {"id": 7, "type": "private"},'
    b' "text": "x"}}',
    b'{"update_id": 7, "callback_query": {"id": 4, "data": {}}}',
    b'{"update_id": 8, "my_chat_member": {"chat": {"id": 7}, "new_chat_member": "kicked"}}',
    b'{"update_id": 9, "inline_query": {"id": "1", "query": "hello"}}',
    b'{"update_id": 10, "something_new": {"chat": {"id": 7}}}',
    b" " * 1_100_000,
]


async def test_junk_is_ignored_and_the_bot_goes_on(rig: Rig, person: Chat) -> None:
    statuses = [await rig.telegram.deliver(None, data=data) for data in JUNK]
    await person.ask("hello")
    await rig.telegram.quiet(0.3)

    assert statuses == [200] * len(JUNK)
    assert rig.agent.texts == ["hello"]


async def test_text_that_no_database_takes_is_answered(rig: Rig, person: Chat) -> None:
    sent = await person.send("NUL", held=True)
    data = json.dumps(sent.update).replace("NUL", r"a\u0000b\ud800c").encode()

    assert await rig.telegram.deliver(None, data=data) == 200
    await person.reply()

    assert person.texts == [echo("abc")]


async def burst(rig: Rig) -> list[Chat]:
    """All of them write at once: the first messages of everybody, then the second ones, …"""
    chats = [rig.telegram.chat() for _ in range(PEOPLE)]
    rounds = ([chat.says(f"{chat.id} {number}") for chat in chats] for number in range(EACH))
    updates: list[dict[str, Any]] = [update for one in rounds for update in one]
    await rig.telegram.post(*updates)
    return chats


@pytest.mark.parametrize("mode", MODES)
async def test_many_updates_at_once(rig: Rig, mode: str) -> None:
    async with rig.running(mode):
        chats = await burst(rig)
        await rig.telegram.until(lambda: all(len(c.texts) >= EACH for c in chats), 240)
        await rig.telegram.quiet()

    wanted = [[echo(f"{chat.id} {number}") for number in range(EACH)] for chat in chats]
    assert [chat.texts for chat in chats] == wanted, "none lost, none doubled, each in its order"
    assert len(rig.agent.heard) == PEOPLE * EACH


@pytest.mark.parametrize("mode", MODES)
async def test_a_stop_in_the_middle_of_a_burst(rig: Rig, mode: str) -> None:
    async with rig.running(mode):
        chats = await burst(rig)
        await rig.telegram.until(lambda: sum(len(c.texts) for c in chats) >= 50, 120)
    async with rig.running(mode):
        await rig.telegram.until(lambda: all(len(c.texts) >= EACH for c in chats), 240)
        await rig.telegram.quiet()

    wanted = [[echo(f"{chat.id} {number}") for number in range(EACH)] for chat in chats]
    assert [chat.texts for chat in chats] == wanted
