"""Replies that are claimed when they are stored: sent at once where nothing is in their way."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.entries import unstored
from bot.channels.telegram import postman as module
from bot.channels.telegram.api import Unsure
from bot.records import StorageError
from tests.channels.telegram.fakes import reply_of
from tests.channels.telegram.office import CHAT, WHO, Office


@pytest.fixture
async def ready(office: Office) -> Office:
    """An office that knows the numbers of messages, and where to write to."""
    office.postman.know(WHO, CHAT)
    await office.postman._learn_numbers()
    office.archive.asked.clear()
    return office


async def answer(office: Office, text: str) -> None:
    entry = await office.postman.answer(office.asked_for(), reply_of(text))
    assert entry is not None
    await office.send()


async def test_one_transaction_stores_and_claims_it(ready: Office) -> None:
    await answer(ready, "first")
    assert ready.texts == ["first"]
    assert ready.archive.asked[:2] == ["answer_and_claim", "note_arrival"]
    assert not ready.waiting


async def test_behind_another_message_it_waits_its_turn(ready: Office) -> None:
    ready.messenger.hold(CHAT, 0.1)
    await answer(ready, "first")
    assert ready.texts == ["first"]
    assert ready.archive.asked[:3] == ["answer_turn", "next_reply", "claim_reply"]


@pytest.mark.parametrize("known", ["numbers", "chat"])
async def test_before_all_is_known_it_waits_too(office: Office, known: str) -> None:
    if known == "chat":
        office.postman.know(WHO, CHAT)
    else:
        await office.postman._learn_numbers()
    await answer(office, "first")
    assert office.texts == ["first"]
    assert "answer_and_claim" not in office.archive.asked


async def test_an_earlier_one_goes_first(ready: Office) -> None:
    ready.answered("first")
    await answer(ready, "second")
    assert ready.texts == ["first", "second"]
    assert not ready.waiting


async def test_what_arrived_without_a_word_is_not_sent_again(ready: Office) -> None:
    ready.api.fail("sendMessage", Unsure("timeout"), done=True)
    await answer(ready, "first")
    ready.clock.forward(60)
    await ready.send()
    assert ready.texts == ["first"]
    assert ready.api.methods() == ["sendMessage", "editMessageText"]


async def test_a_claim_that_was_left_too_long_is_not_relied_on(
    ready: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.0)
    await answer(ready, "first")
    assert ready.texts == [], "somebody else may be at it"
    monkeypatch.undo()
    ready.clock.forward(module.LEASE_SECONDS)
    await ready.send()
    assert ready.texts == ["first"]


async def test_a_reply_stored_without_a_word_is_sent_once(ready: Office) -> None:
    ready.archive.failing["answer_and_claim"] = True
    with pytest.raises(StorageError):
        await answer(ready, "first")
    entry = unstored("bot", f"m{ready.update}", reply_of("first"))
    ready.postman.send_loose(WHO, "key", entry)
    await ready.settled()
    ready.clock.forward(module.LEASE_SECONDS)
    await ready.send()
    assert ready.texts == ["first"]
    assert not ready.waiting


async def test_a_stored_reply_takes_the_place_of_one_that_waits_in_memory(ready: Office) -> None:
    ready.answered("first")
    ready.api.gate.clear()
    ready.postman.wake(WHO)
    while not ready.api.calls:
        await asyncio.sleep(0.001)
    ready.answered("second")
    entry = unstored("bot", f"m{ready.update}", reply_of("second"))
    ready.postman.send_loose(WHO, "key", entry)
    ready.api.gate.set()
    await ready.settled()
    assert ready.texts == ["first", "second"]
    assert not ready.waiting
