"""Loose replies: sent from memory, in order and once, whatever Telegram does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram import loose as module
from bot.channels.telegram.api import ApiError, Blocked, Refused, TooMany, Unreached, Unsure
from bot.channels.telegram.loose import ATTEMPTS, LooseReplies, is_urgent, pause_after
from tests.channels.telegram.fakes import FakeApi, messenger_of, reply_of

WHO, CHAT = "tg-1", 42


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def loose(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> LooseReplies:
    monkeypatch.setattr(module, "MOST_PAUSE", 0.0)
    messenger = messenger_of(api)
    # What came before tells how far the numbers are.
    messenger.note(CHAT, api.number)
    return LooseReplies(messenger, ())


def entry(text: str, to: str = "m1", *titles: str) -> dict[str, Any]:
    return {**reply_of(text, *titles), "to": to}


async def test_replies_go_in_order(api: FakeApi, loose: LooseReplies) -> None:
    api.fail("sendMessage", Unreached("sendMessage: ClientConnectorError"))
    loose.add(WHO, CHAT, "one", entry("first", "m1", "Yes"))
    loose.add(WHO, CHAT, "two", entry("second", "m2"))
    await loose.send(WHO)

    assert api.texts(CHAT) == ["first", "second"]
    markup: Any = api.shown[101].markup
    assert markup["inline_keyboard"][0][0]["callback_data"] == "one:0"
    assert api.shown[102].markup is None
    assert loose.answered(WHO, "m1")
    assert loose.answered(WHO, "m2")
    assert not loose.answered(WHO, "m3")
    assert set(loose.numbers(WHO)) == {101, 102}
    await loose.send(WHO)
    assert api.texts(CHAT) == ["first", "second"]


async def test_a_long_reply_has_its_buttons_at_the_end(api: FakeApi, loose: LooseReplies) -> None:
    loose.add(WHO, CHAT, "one", entry("word " * 1000, "m1", "Yes"))
    await loose.send(WHO)
    assert [shown.markup is None for shown in api.shown.values()] == [True, False]


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_may_have_arrived_is_looked_for(
    api: FakeApi, loose: LooseReplies, arrived: bool
) -> None:
    api.fail("sendMessage", Unsure("sendMessage: TimeoutError"), done=arrived)
    loose.add(WHO, CHAT, "one", entry("first"))
    await loose.send(WHO)
    assert api.texts(CHAT) == ["first"]
    assert "editMessageText" in api.methods()


async def test_a_search_that_fails_begins_anew(api: FakeApi, loose: LooseReplies) -> None:
    api.fail("sendMessage", Unsure("sendMessage: TimeoutError"), done=True)
    api.fail("editMessageText", Unreached("editMessageText: no"), Unsure("editMessageText: 500"))
    loose.add(WHO, CHAT, "one", entry("first"))
    await loose.send(WHO)
    assert api.texts(CHAT) == ["first"]


async def test_a_later_reply_is_not_written_over(api: FakeApi, loose: LooseReplies) -> None:
    loose.add(WHO, CHAT, "one", entry("first"))
    await loose.send(WHO)
    messenger = messenger_of(api)
    second = LooseReplies(messenger, ())
    second._numbers = loose._numbers
    messenger.note(CHAT, 100)
    api.fail("sendMessage", Unsure("sendMessage: TimeoutError"))
    second.add(WHO, CHAT, "two", entry("second", "m2"))
    monkey = pytest.MonkeyPatch()
    monkey.setattr(module, "MOST_PAUSE", 0.0)
    await second.send(WHO)
    monkey.undo()
    assert api.texts(CHAT) == ["first", "second"]


async def test_too_many_is_waited_out(api: FakeApi, loose: LooseReplies) -> None:
    api.fail("sendMessage", *[TooMany("sendMessage", 0.02)] * 3)
    loose.add(WHO, CHAT, "one", entry("first"))
    await loose.send(WHO)
    assert api.texts(CHAT) == ["first"]


@pytest.mark.parametrize(
    ("errors", "calls"),
    [
        ([Blocked("sendMessage: 403")], 1),
        ([Refused("sendMessage", 400, "Bad Request: text is too long")], 1),
        ([Unreached("sendMessage: no")] * ATTEMPTS, ATTEMPTS),
    ],
)
async def test_what_cannot_be_sent_is_given_up(
    api: FakeApi,
    loose: LooseReplies,
    errors: list[ApiError],
    calls: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    api.fail("sendMessage", *errors)
    loose.add(WHO, CHAT, "one", entry("my private words"))
    loose.add(WHO, CHAT, "two", entry("second", "m2"))
    await loose.send(WHO)
    assert api.texts(CHAT) == ["second"]
    assert len(api.calls) == calls + 1
    assert not loose.answered(WHO, "m1")
    assert "could not be sent" in caplog.text
    assert "private" not in caplog.text


async def test_half_a_reply_is_no_answer(api: FakeApi, loose: LooseReplies) -> None:
    api.fail("sendMessage", None, Blocked("sendMessage: 403"))
    loose.add(WHO, CHAT, "one", entry("word " * 1000))
    await loose.send(WHO)
    assert not loose.answered(WHO, "m1")
    assert set(loose.numbers(WHO)) == {101}


async def test_a_reply_that_breaks_holds_up_no_other(
    api: FakeApi, loose: LooseReplies, caplog: pytest.LogCaptureFixture
) -> None:
    loose.add(WHO, CHAT, "not a key!", entry("first"))
    loose.add(WHO, CHAT, "two", entry("second", "m2"))
    await loose.send(WHO)
    assert api.texts(CHAT) == ["second"]
    assert "lost (ValueError)" in caplog.text


async def test_not_all_is_remembered_for_ever(
    loose: LooseReplies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    for number in range(3):
        loose.add(f"tg-{number}", number + 1, "key", entry("first"))
        await loose.send(f"tg-{number}")
    assert [loose.answered(f"tg-{number}", "m1") for number in range(3)] == [False, True, True]
    assert not loose.numbers("tg-0")


def test_pauses_grow_and_end_growing() -> None:
    assert [pause_after(attempts) for attempts in (0, 1, 5)] == [1, 2, 32]
    assert pause_after(6) == pause_after(100_000) == 60


@pytest.mark.parametrize(
    ("custom", "urgent"),
    [({"outcome": "crisis"}, True), ({"outcome": "answer"}, False), (None, False)],
)
def test_who_is_in_danger_goes_first(custom: object, urgent: bool) -> None:
    assert is_urgent({"custom": custom}) is urgent
