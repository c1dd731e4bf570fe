"""The postman in the corners: closed chats, loose replies, a stop, a fault of our own."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.telegram import loose as loose_module
from bot.channels.telegram import postman as module
from bot.channels.telegram.api import (
    Blocked,
    Refused,
    TooMany,
    Unreached,
    Unsure,
)
from tests.channels.telegram.fakes import reply_of
from tests.channels.telegram.office import CHAT, LONG, WHO, Office


async def test_who_is_forgotten_gets_nothing_more(office: Office) -> None:
    office.answered(LONG)
    office.api.gate.clear()
    office.postman.wake(WHO)
    while not office.api.calls:
        await asyncio.sleep(0.001)
    office.records.begin_erasure(conversation="c", sender=WHO)
    office.api.gate.set()
    await office.settled()
    assert len(office.texts) == 1


async def test_a_lease_is_renewed_while_it_sends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.01)
    office.answered("first")
    office.api.gate.clear()
    office.postman.wake(WHO)
    while office.archive.asked.count("renew_reply") < 2:
        await asyncio.sleep(0.01)
        office.archive.failing["renew_reply"] = False
    office.api.gate.set()
    await office.settled()
    asked = len(office.archive.asked)
    await asyncio.sleep(0.05)
    assert len(office.archive.asked) == asked, "nothing is renewed after the end"
    assert office.texts == ["first"]


async def test_a_closed_chat(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.answered("first")
    office.answered("second")
    office.api.fail("sendMessage", Blocked("sendMessage: 403"))
    with caplog.at_level("INFO"):
        await office.send()
    assert office.texts == []
    assert not office.waiting
    assert "2 replies are not sent" in caplog.text
    assert str(CHAT) not in caplog.text

    office.answered("back again")
    await office.send()
    assert office.texts == ["back again"]


async def test_a_refused_reply_holds_up_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.answered("my private words")
    office.answered(" ")
    office.answered("third")
    office.api.fail("sendMessage", Refused("sendMessage", 400, "Bad Request: too long"))
    await office.send()
    assert office.texts == ["third"]
    assert "private" not in caplog.text
    assert "nothing to show" in caplog.text


async def test_a_fault_of_our_own_is_logged_and_left(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office.answered("first")
    monkeypatch.setattr(module, "bubbles", None)
    await office.send()
    assert "ended early (TypeError)" in caplog.text
    monkeypatch.undo()
    assert office.waiting
    await office.send()
    assert office.texts == ["first"]


async def test_too_many_holds_the_chat(office: Office) -> None:
    held: list[tuple[int, float]] = []
    office.messenger.hold = lambda chat, seconds: held.append((chat, seconds))  # type: ignore[method-assign]
    office.answered("first")
    office.api.fail("sendMessage", TooMany("sendMessage", 7))
    await office.send()
    assert held == [(CHAT, 7)]
    office.clock.forward(6)
    await office.send()
    assert office.texts == []
    office.clock.forward(1)
    await office.send()
    assert office.texts == ["first"]


async def test_an_outage_of_days_is_waited_out(office: Office) -> None:
    office.answered("first")
    engine = office.records._engine
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET attempts = 100000")
    office.api.fail("sendMessage", Unreached("no"))
    await office.send()
    office.clock.forward(60)
    await office.send()
    assert office.texts == ["first"]


async def test_a_loose_reply_is_not_sent_again_when_it_is_stored(office: Office) -> None:
    """The database took so long to keep it that it was counted as failed."""
    office.postman.know(WHO, CHAT)
    office.postman.send_loose(WHO, "key", {**reply_of("first"), "to": "m1"})
    office.answered("first", message="m1")
    office.answered("second", message="m2")
    await office.settled()
    await office.send()
    assert office.texts == ["first", "second"]
    assert not office.waiting


async def test_a_loose_reply_is_not_written_over(office: Office) -> None:
    """A stored reply is unsure, then the database fails, and the next one is loose."""
    office.answered("stored")
    office.api.fail("sendMessage", Unsure("timeout"))
    await office.send()
    office.postman.know(WHO, CHAT)
    office.postman.send_loose(WHO, "key", {**reply_of("loose"), "to": "m2"})
    await office.settled()
    office.clock.forward(60)
    await office.send()
    assert sorted(office.texts) == ["loose", "stored"]


async def test_loose_replies_need_no_database(office: Office) -> None:
    office.postman.know(WHO, CHAT)
    office.archive.failing["next_reply"] = False
    office.postman.send_loose(WHO, "key", {**reply_of("help", outcome="crisis"), "to": "m1"})
    await office.settled()
    assert office.texts == ["help"]


async def test_a_loose_reply_to_nobody_known(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.postman.send_loose(WHO, "key", {**reply_of("first"), "to": "m1"})
    assert "nobody knows where to" in caplog.text
    assert office.postman._tasks == {}


async def test_where_to_is_known_until_it_is_forgotten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loose_module, "MOST_KEPT", 2)
    for number in (1, 2, 1, 3):
        office.postman.know(f"tg-{number}", number)
    assert [office.postman.chat(f"tg-{number}") for number in (1, 2, 3)] == [1, None, 3]
    office.postman.forget("tg-1")
    office.postman.forget("tg-1")
    assert office.postman.chat("tg-1") is None


async def test_what_waits_is_looked_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    office.archive.failing["unsent_replies"] = False
    office.answered("first")
    office.postman.start()
    while not office.texts:
        await asyncio.sleep(0.01)
    await office.settled()
    assert office.texts == ["first"]


@pytest.mark.parametrize(("seconds", "sent"), [(5, ["first"]), (0.01, [])])
async def test_a_stop_waits_a_while(office: Office, seconds: float, sent: list[str]) -> None:
    office.answered("first")
    office.api.gate.clear()
    office.postman.start()
    office.postman.wake(WHO)
    while not office.api.calls:
        await asyncio.sleep(0.001)
    stopping = asyncio.create_task(office.postman.stop(seconds))
    await asyncio.sleep(0.05)
    office.api.gate.set()
    await stopping
    await office.settled()
    assert office.texts == sent
    assert office.postman._tasks == {}
    office.begin()
    while office.waiting:
        await office.send()
    assert office.texts == ["first"]
