"""When Telegram is in trouble: every reply arrives, once and in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels.telegram.pace import Pace
from tests.channels.telegram.emulator import Chat
from tests.channels.telegram.rig import BUTTON, Rig, echo
from tests.channels.telegram.service import MODES

# Each in a chat of its own, on the first call of sendMessage for it.
TROUBLES: dict[str, dict[str, Any]] = {
    "429": {"answer": 429, "retry_after": 2},
    "429 twice": {"answer": 429, "retry_after": 1, "times": 2},
    "500": {"answer": 500},
    "500, but done": {"answer": 500, "done": True},
    "502 for a while": {"answer": 502, "times": 3},
    "cut": {"answer": "cut"},
    "cut, but done": {"answer": "cut", "done": True},
    "cut, but done, twice": {"answer": "cut", "done": True, "times": 2},
    "no answer": {"answer": "hang"},
    "no answer, but done": {"answer": "hang", "done": True},
    "no JSON, but done": {"answer": "junk", "done": True},
    "late": {"answer": "ok", "delay": 2},
    "format refused": {"answer": 400, "description": "Bad Request: can't parse entities"},
}
# Above the ten seconds after which a call is given up.
PATIENCE = 40.0


def own(chat: Chat) -> list[str]:
    return [bubble.text for bubble in chat.bubbles]


@pytest.mark.parametrize("mode", MODES)
async def test_every_reply_arrives_once_in_whatever_trouble(rig: Rig, mode: str) -> None:
    chats = {name: rig.telegram.chat() for name in TROUBLES}
    async with rig.running(mode):
        for name, fault in TROUBLES.items():
            await rig.telegram.fault("sendMessage", chat=chats[name].id, **fault)
        for chat in chats.values():
            await chat.send("**one**")
            await chat.send("two")
        ends = [chat.until(lambda c=chat: len(own(c)) >= 2, PATIENCE) for chat in chats.values()]
        await asyncio.gather(*ends, return_exceptions=True)
        await rig.telegram.quiet(1.0)

    wanted = [echo("one"), echo("two")]
    assert {name: own(chat) for name, chat in chats.items()} == dict.fromkeys(chats, wanted)
    assert sorted(map(str, rig.agent.texts)) == sorted(["**one**", "two"] * len(chats))
    assert all(len(chat.bubbles[1].buttons) == 1 for chat in chats.values())


async def test_after_a_429_the_chat_is_left_in_peace(rig: Rig, person: Chat) -> None:
    await rig.telegram.fault("sendMessage", 429, chat=person.id, retry_after=2)

    await person.ask("hello")

    refused, taken = rig.telegram.calls_of("sendMessage", person.id)
    assert (refused.status, taken.status) == (429, 200)
    assert taken.time - refused.time >= 2


async def test_trouble_in_one_chat_does_not_delay_another(rig: Rig, person: Chat) -> None:
    await rig.telegram.fault("sendMessage", 429, chat=person.id, retry_after=30)
    await person.send("hello")
    await rig.telegram.until(lambda: rig.telegram.calls_of("sendMessage", person.id))

    other = rig.telegram.chat()
    await other.ask("hello")

    assert person.texts == []


async def test_a_message_a_second_for_one_chat(rig: Rig) -> None:
    await rig.telegram.limits()
    chat = rig.telegram.chat()
    async with rig.running(pace=Pace()):
        for number in range(5):
            await chat.send(str(number))
        await chat.until(lambda: len(chat.texts) == 5)

    calls = rig.telegram.calls_of("sendMessage", chat.id)
    assert chat.texts == [echo(str(number)) for number in range(5)]
    assert [call.status for call in calls] == [200] * 5
    # A little less than four seconds, since a call takes now longer, now shorter.
    assert calls[-1].time - calls[0].time >= 3.7


async def test_a_long_reply_goes_on_where_it_stopped(rig: Rig, person: Chat) -> None:
    words = " ".join(f"{number} is a number." for number in range(520))
    await rig.telegram.fault("sendMessage", "cut", chat=person.id, after=1, done=True)
    await rig.telegram.fault("sendMessage", 500, chat=person.id, after=1)

    await person.send(words)
    await person.until(lambda: len(person.bubbles) >= 3)
    await rig.telegram.quiet(1.0)

    assert " ".join(person.texts) == echo(words)
    assert [len(bubble.buttons) for bubble in person.bubbles] == [0, 0, 1]


async def test_what_telegram_refuses_for_good_is_dropped_and_the_next_goes(
    rig: Rig, person: Chat
) -> None:
    refusal = "Bad Request: something else"
    await rig.telegram.fault("sendMessage", 400, chat=person.id, description=refusal)
    await person.send("one")
    await person.ask("two")

    assert person.texts == [echo("two")]


async def test_who_blocks_the_bot_gets_nothing_until_it_is_let_in_again(
    rig: Rig, person: Chat
) -> None:
    rig.agent.gate.clear()
    await person.send("one")
    await rig.telegram.taken()
    await person.block()
    rig.agent.gate.set()
    await rig.telegram.quiet(1.0)
    assert person.texts == []
    assert all(row["done"] for row in rig.rows("deliveries")), "nothing waits for the next start"
    calls = len(rig.telegram.calls_of("sendMessage", person.id))

    await person.unblock()
    await person.ask("two")

    assert calls <= 1, "not tried again and again"
    assert person.texts == [echo("two")]


async def test_a_reply_waits_while_telegram_cannot_be_reached(rig: Rig) -> None:
    """Stopped before the reply went, and started again."""
    chat = rig.telegram.chat()
    await rig.telegram.fault("sendMessage", 500, chat=chat.id, times=100)
    async with rig.running():
        await chat.send("hello")
        await rig.telegram.until(lambda: rig.telegram.calls_of("sendMessage", chat.id))
    await rig.telegram.no_faults()

    async with rig.running():
        await chat.reply()
        await rig.telegram.quiet(1.0)

    assert chat.texts == [echo("hello")]
    assert rig.agent.texts == ["hello"], "the turn is not run again"


@pytest.mark.parametrize("mode", MODES)
async def test_a_stop_in_the_middle_of_sending_doubles_nothing(rig: Rig, mode: str) -> None:
    chats = [rig.telegram.chat() for _ in range(4)]
    for chat in chats:
        await rig.telegram.fault("sendMessage", "hang", chat=chat.id, done=True)
    async with rig.running(mode):
        for chat in chats:
            await chat.send("hello")
        await rig.telegram.until(lambda: all(chat.texts for chat in chats))
    async with rig.running(mode):
        for chat in chats:
            await chat.ask("again")
        await rig.telegram.quiet(1.0)

    assert [chat.texts for chat in chats] == [[echo("hello"), echo("again")]] * 4


async def test_the_button_below_a_reply_is_there_after_trouble(rig: Rig, person: Chat) -> None:
    await rig.telegram.fault("sendMessage", "cut", chat=person.id, done=True)
    await person.ask("hello")
    await rig.telegram.quiet(1.0)

    await person.tap(BUTTON)
    await person.until(lambda: len(person.texts) == 2)

    assert person.texts[1] == echo("/ask_safe_administration")
