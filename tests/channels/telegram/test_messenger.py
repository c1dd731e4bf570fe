"""One message in a chat: sent, or found where it may have arrived."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram import messenger as module
from bot.channels.telegram.api import Blocked, Refused, TooMany, Unsure
from bot.channels.telegram.layout import Bubble
from bot.channels.telegram.messenger import MARGIN, MOST_TRIED, Messenger
from tests.channels.telegram.fakes import FakeApi, Shown, messenger_of

CHAT, LARGE_GROUP = 42, -(10**12) - 5
BOLD = {"type": "bold", "offset": 0, "length": 2}
BUBBLE = Bubble("Hi there", (BOLD,))
BAD_ENTITIES = Refused("sendMessage", 400, "Bad Request: ENTITY_BOUNDS_INVALID")


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def messenger(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Messenger:
    monkeypatch.setattr(module, "_TRY_SECONDS", 0)
    return messenger_of(api)


async def test_a_message_is_sent(api: FakeApi, messenger: Messenger) -> None:
    assert await messenger.send(CHAT, BUBBLE, {"inline_keyboard": []}) == 101
    ((method, given),) = api.calls
    assert method == "sendMessage"
    assert given == {
        "chat_id": CHAT,
        "text": "Hi there",
        "entities": [BOLD],
        "reply_markup": {"inline_keyboard": []},
        "link_preview_options": {"is_disabled": True},
    }
    assert messenger.seen(CHAT) == 101


async def test_a_refused_format_is_left_out(
    api: FakeApi, messenger: Messenger, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("sendMessage", BAD_ENTITIES)
    number = await messenger.send(CHAT, BUBBLE, None)
    assert api.shown[number] == Shown(CHAT, "Hi there", None, None)
    assert "format" in caplog.text
    assert "Hi there" not in caplog.text


@pytest.mark.parametrize(
    ("error", "bubble"),
    [
        (BAD_ENTITIES, Bubble("Hi", ())),
        (Refused("sendMessage", 400, "Bad Request: text is too long"), BUBBLE),
        (Blocked("sendMessage: 403"), BUBBLE),
    ],
)
async def test_other_refusals_are_the_callers(
    api: FakeApi, messenger: Messenger, error: Exception, bubble: Bubble
) -> None:
    api.fail("sendMessage", error)  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        await messenger.send(CHAT, bubble, None)
    assert len(api.calls) == 1


@pytest.mark.parametrize("junk", [True, None, {}, {"message_id": "5"}])
async def test_an_answer_without_a_number_is_unsure(junk: object) -> None:
    class Junk(FakeApi):
        async def call(self, method: str, **_: Any) -> Any:
            return junk

    with pytest.raises(Unsure):
        await messenger_of(Junk()).send(CHAT, BUBBLE, None)


async def test_a_message_that_arrived_is_found(api: FakeApi, messenger: Messenger) -> None:
    await messenger.send(7, Bubble("another chat's", ()), None)
    number = await messenger.send(CHAT, BUBBLE, None)
    before = dict(api.shown)

    again = messenger_of(api)
    assert await again.find(CHAT, BUBBLE, None, 100) == number == 102
    assert api.shown == before
    assert again.seen(CHAT) == 102


async def test_a_message_that_did_not_arrive_is_not_found(
    api: FakeApi, messenger: Messenger
) -> None:
    assert await messenger.find(CHAT, BUBBLE, None, 100) is None
    assert [given["message_id"] for _, given in api.calls] == list(range(101, 101 + MARGIN))


@pytest.mark.parametrize(("newer", "tried"), [(100, 100), (1000, MOST_TRIED)])
async def test_it_is_looked_for_up_to_what_is_known(
    api: FakeApi, messenger: Messenger, newer: int, tried: int
) -> None:
    messenger.note(7, 100 + newer)
    assert await messenger.find(CHAT, BUBBLE, None, 100) is None
    assert len(api.calls) == tried


async def test_our_other_messages_are_let_alone(api: FakeApi, messenger: Messenger) -> None:
    other = await messenger.send(CHAT, Bubble("of another reply", ()), None)
    assert await messenger.find(CHAT, BUBBLE, None, 100, {other}) is None
    assert api.texts(CHAT) == ["of another reply"]


async def test_one_that_looks_otherwise_now_is_found(api: FakeApi, messenger: Messenger) -> None:
    number = await messenger.send(CHAT, BUBBLE, {"inline_keyboard": [["✓ tapped"]]})
    assert await messenger.find(CHAT, BUBBLE, None, 100) == number


async def test_one_that_went_without_its_format_is_found(
    api: FakeApi, messenger: Messenger
) -> None:
    api.fail("sendMessage", BAD_ENTITIES)
    number = await messenger.send(CHAT, BUBBLE, None)
    api.fail("editMessageText", Refused("editMessageText", 400, "can't parse entities"))
    assert await messenger.find(CHAT, BUBBLE, None, 100) == number


async def test_too_many_tries_are_waited_out(api: FakeApi, messenger: Messenger) -> None:
    number = await messenger.send(CHAT, BUBBLE, None)
    api.fail("editMessageText", TooMany("editMessageText", 0.05))
    assert await messenger.find(CHAT, BUBBLE, None, 100) == number
    assert [given.get("message_id") for _, given in api.calls] == [None, 101, 101]


async def test_a_search_that_fails_is_the_callers(api: FakeApi, messenger: Messenger) -> None:
    api.fail("editMessageText", None, Unsure("editMessageText: timeout"))
    with pytest.raises(Unsure):
        await messenger.find(CHAT, BUBBLE, None, 100)


async def test_a_large_group_numbers_by_itself(api: FakeApi, messenger: Messenger) -> None:
    messenger.note(CHAT, 50)
    api.number = 10_000
    await messenger.send(LARGE_GROUP, BUBBLE, None)
    assert (messenger.seen(CHAT), messenger.seen(LARGE_GROUP)) == (50, 0)
    messenger.note(-5, 60)
    messenger.note(CHAT, 55)
    assert messenger.seen(CHAT) == messenger.seen(-5) == 60


async def test_buttons_are_named_by_the_key(messenger: Messenger) -> None:
    body = {"messages": [{"text": "Hi", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]}
    assert messenger.keyboard(body, "key") == {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "key:0"}]]
    }
