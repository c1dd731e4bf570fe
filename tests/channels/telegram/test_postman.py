"""The postman: every reply once and in order, whatever fails on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels.telegram.api import (
    ApiError,
    TooMany,
    Unauthorized,
    Unreached,
    Unsure,
)
from tests.channels.telegram.office import CHAT, LONG, WHO, Office


async def test_replies_arrive_in_order_and_once(office: Office) -> None:
    office.answered("first", "Yes")
    office.answered("second")
    await office.send()
    await office.send()
    assert office.texts == ["first", "second"]
    markup: Any = next(iter(office.api.shown.values())).markup
    key = markup["inline_keyboard"][0][0]["callback_data"].split(":")[0]
    assert office.records.tap(WHO, key, 0) is not None
    assert not office.waiting


async def test_a_long_reply_is_several_messages(office: Office) -> None:
    office.answered(LONG, "Yes")
    await office.send()
    assert len(office.texts) == 2
    assert [shown.markup is None for shown in office.api.shown.values()] == [True, False]
    assert not office.waiting


async def test_what_comes_while_it_sends_is_sent_too(office: Office) -> None:
    office.answered("first")
    office.api.gate.clear()
    office.postman.wake(WHO)
    while not office.api.calls:
        await asyncio.sleep(0.001)
    office.answered("second")
    office.postman.wake(WHO)
    office.api.gate.set()
    await office.settled()
    assert office.texts == ["first", "second"]


@pytest.mark.parametrize(
    "error", [Unsure("timeout"), Unreached("no"), TooMany("sendMessage", 1), Unauthorized("401")]
)
@pytest.mark.parametrize("text", ["first", LONG])
async def test_after_a_fault_it_is_sent_once(office: Office, error: ApiError, text: str) -> None:
    office.answered(text)
    office.answered("second")
    for fault in ([error], [None, error]):
        office.api.fail("sendMessage", *fault)
        await office.send()
        assert "second" not in office.texts[:1]
        office.clock.forward(60)
        await asyncio.sleep(0.01)
    while office.waiting:
        await office.send()
    whole = "".join(office.texts)
    assert whole.count("word") == text.count("word")
    assert office.texts[-1] == "second"
    assert len(office.texts) == (2 if text == "first" else 3)


@pytest.mark.parametrize("text", ["first", LONG])
async def test_what_arrived_without_a_word_is_not_sent_again(office: Office, text: str) -> None:
    office.answered(text)
    office.api.fail("sendMessage", Unsure("timeout"), done=True)
    await office.send()
    assert len(office.texts) == 1
    office.clock.forward(1)
    await office.send()
    assert "".join(office.texts).count("word") == text.count("word")
    assert not office.waiting


@pytest.mark.parametrize("arrived", [True, False])
async def test_after_a_crash_it_is_in_the_chat_once(office: Office, arrived: bool) -> None:
    """The new server knows no number but what the records tell."""
    office.answered("an old reply")
    await office.send()
    office.update = office.api.number = 300
    office.answered("first")
    office.api.fail("sendMessage", Unsure("killed"), done=arrived)
    office.archive.failing["postpone_reply"] = False
    await office.send()
    assert len(office.texts) == 1 + arrived

    office.begin()
    office.clock.forward(4)
    await office.send()
    assert office.texts == ["an old reply", "first"]
    assert not office.waiting


async def test_a_new_server_begins_where_the_old_one_ended(office: Office) -> None:
    """Killed before it learnt of any update, in the middle of an old chat's reply."""
    office.answered("an old reply")
    office.update = office.api.number = 900
    office.records.take_update(999, "tg-2", "43", "m900", {"text": "hi"})
    office.begin()
    office.api.fail("sendMessage", Unsure("killed"), done=True)
    await office.send()
    office.begin()
    office.clock.forward(60)
    await office.send()
    assert office.texts == ["an old reply"]
    tried = [given["message_id"] for method, given in office.api.calls if "edit" in method]
    assert tried == [901]


@pytest.mark.parametrize(
    ("method", "done"),
    [
        (name, done)
        for name in (
            "next_reply",
            "highest_number",
            "claim_reply",
            "note_arrival",
            "drop_replies",
        )
        for done in (True, False)
    ],
)
@pytest.mark.parametrize("text", ["first", LONG])
async def test_a_database_that_fails_costs_time_only(
    office: Office, method: str, done: bool, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    office.answered(text)
    office.archive.failing[method] = done
    await office.send()
    while office.waiting:
        await office.send()
    assert "".join(office.texts).count("word") == text.count("word")
    assert len(office.texts) == (1 if text == "first" else 2)
    if method != "drop_replies":
        assert "until the database is back (StorageError)" in caplog.text


async def test_each_sending_is_noted(office: Office) -> None:
    """Between two sendings, so many numbers may be given that the first one is too far away."""
    office.answered("first")
    office.api.fail("sendMessage", Unsure("timeout"))
    await office.send()
    office.clock.forward(60)
    office.messenger.note(CHAT, 1000)
    office.api.number = 1000
    office.api.fail("sendMessage", Unsure("timeout"), done=True)
    await office.send()
    office.clock.forward(60)
    await office.send()
    assert office.texts == ["first"]
    assert not office.waiting


@pytest.mark.parametrize("method", ["note_sending", "note_arrival"])
async def test_who_lost_the_lease_stops(office: Office, method: str) -> None:
    office.answered(LONG)
    if method == "note_sending":
        office.api.fail("sendMessage", Unsure("timeout"))
        await office.send()
        office.clock.forward(60)
    slow = getattr(office.records, method)

    def taken_over(*args: Any, **named: Any) -> bool:
        office.clock.forward(5)
        assert office.records.claim_reply(WHO, 4, 0) is not None
        return bool(slow(*args, **named))

    taken_over.__name__ = method
    setattr(office.records, method, taken_over)
    await office.send()
    assert len(office.texts) == (method == "note_arrival")
