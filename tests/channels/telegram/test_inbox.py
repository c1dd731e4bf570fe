"""The inbox: updates are taken once, with the database and without, and buttons found again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.channels.entries import Message
from bot.channels.telegram.api import Unreached
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.notices import GROUP, HELP, NOT_TEXT, OLD_BUTTON, TOPICS
from bot.channels.telegram.updates import Self
from tests.channels.telegram.fakes import FakeApi, messenger_of, reply_of
from tests.channels.telegram.office import Flaky, Office

CHAT = 42


class Turns:
    """Stands for the turns: notes what is to be answered."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        # Messages that are watched, for danger.
        self.expected: list[str] = []
        self.free = False
        self.begun: list[tuple[str, str]] = []
        self.unstored: list[tuple[str, Message]] = []

    def wake(self, sender: str) -> None:
        self.woken.append(sender)

    def at_once(self, sender: str) -> bool:
        return self.free

    def expect(self, sender: str, message: Message) -> bool:
        self.expected.append(message.id)
        return True

    def answered(self, sender: str, message_id: str) -> None:
        self.expected.remove(message_id)

    async def take(self, take: Callable[..., Any], sender: str, *args: Any) -> bool:
        new, claim = take(*args, 5)
        assert new
        assert claim is not None
        self.begun.append((sender, claim.message_id))
        return True

    async def take_unstored(self, sender: str, message: Message) -> None:
        self.unstored.append((sender, message))


class Post:
    """Stands for the postman."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def know(self, sender: str, chat: int) -> None:
        self.known[sender] = chat


class Desk:
    """An inbox on a real database."""

    def __init__(self, office: Office) -> None:
        self.records = office.records
        self.archive = Flaky(office.records)
        self.api = FakeApi()
        self.turns, self.post = Turns(), Post()
        turns: Any = self.turns
        post: Any = self.post
        self.inbox = Inbox(b"key", self.archive, turns, post, messenger_of(self.api), self.api)
        self.inbox.me = Self(7, "guide_bot")
        self.sender = self.inbox.sender(CHAT)

    def bodies(self) -> list[Mapping[str, Any]]:
        return [entry.body for entry in self.records.history(self.sender)]


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def said(update_id: int = 1, number: int = 11, kind: str = "private", **fields: Any) -> Any:
    message = {"message_id": number, "chat": {"id": CHAT, "type": kind}, **fields}
    return {"update_id": update_id, "message": message}


def tapped(data: str, update_id: int = 9) -> Any:
    message = {"message_id": 12, "chat": {"id": CHAT, "type": "private"}}
    query = {"id": "c1", "data": data, "message": message}
    return {"update_id": update_id, "callback_query": query}


async def test_a_text_is_stored_and_answered(desk: Desk) -> None:
    await desk.inbox.take(said(text="what is long covid"))
    assert desk.bodies() == [{"text": "what is long covid"}]
    assert desk.turns.woken == [desk.sender]
    assert desk.post.known == {desk.sender: CHAT}


async def test_where_nothing_is_in_its_way_its_turn_begins(desk: Desk) -> None:
    desk.turns.free = True
    await desk.inbox.take(said(text="hello"))
    assert desk.turns.begun == [(desk.sender, "m11")]
    assert desk.turns.woken == []


async def test_an_update_twice_is_answered_once(desk: Desk) -> None:
    for _ in range(2):
        await desk.inbox.take(said(text="hello"))
    await desk.inbox.take({"update_id": 2, "edited_message": said(text="hullo")["message"]})
    assert desk.turns.woken == [desk.sender]
    assert desk.bodies() == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("/start", {"text": "/greet"}),
        ("/start ref_1", {"text": "/greet"}),
        ("/person@guide_bot", {"text": "/human"}),
        ("/help", {"text": "", "notice": HELP}),
        ("/topics", {"text": "", "notice": TOPICS}),
        ("/help i want to die", {"text": "/help i want to die"}),
        ("/ask_pain@guide_bot", {"text": "/ask_pain"}),
    ],
)
async def test_commands(desk: Desk, text: str, body: dict[str, str]) -> None:
    await desk.inbox.take(said(text=text))
    assert desk.bodies() == [body]


async def test_a_photo_is_no_text_but_its_caption_is(desk: Desk) -> None:
    await desk.inbox.take(said(photo=[{}]))
    await desk.inbox.take(said(2, 12, photo=[{}], caption="what is this"))
    assert desk.bodies() == [{"text": "", "notice": NOT_TEXT}, {"text": "what is this"}]


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("/start", GROUP),
        ("@guide_bot I want to kill myself", "crisis"),
        ("/crisis", "crisis"),
    ],
)
async def test_of_a_group_no_word_is_kept(desk: Desk, text: str, notice: str) -> None:
    await desk.inbox.take(said(kind="supergroup", text=text))
    assert desk.bodies() == [{"text": "", "notice": notice}]


@pytest.mark.parametrize("data", [None, [], "x", {"update_id": 1}, said(), {"update_id": -1}])
async def test_junk_is_no_error(desk: Desk, data: object) -> None:
    await desk.inbox.take(data)
    assert not desk.turns.woken


async def test_without_a_database_it_is_answered_all_the_same(desk: Desk) -> None:
    for _ in range(2):
        desk.archive.failing["take_update"] = False
        await desk.inbox.take(said(text="i want to die"))
    assert desk.turns.unstored == [(desk.sender, Message("m11", "i want to die"))]


async def test_a_tap_stands_for_its_payload(desk: Desk) -> None:
    desk.records.take_update(1, desk.sender, str(CHAT), "m1", {"text": "hi"})
    claim = desk.records.claim_turn(desk.sender, 5)
    assert claim is not None
    desk.records.answer_turn(claim, reply_of("Hello", "Pain", "Fatigue"))
    reply = desk.records.claim_reply(desk.sender, 5, 0)
    assert reply is not None

    await desk.inbox.take(tapped(f"{reply.key}:1"))
    await desk.inbox.take(tapped(f"{reply.key}:1"))
    await drained(desk)

    assert desk.bodies()[-1] == {"text": "/ask_fatigue", "title": "Fatigue"}
    assert desk.turns.woken == [desk.sender]
    changed = dict(desk.api.calls)["editMessageReplyMarkup"]["reply_markup"]
    titles = [row[0]["text"] for row in changed["inline_keyboard"]]
    assert titles == ["Pain", "✓ Fatigue"]


async def test_a_tap_on_a_reply_that_nothing_keeps(desk: Desk) -> None:
    desk.inbox.keep("key", desk.sender, reply_of("Hello", "Pain"))
    await desk.inbox.take(tapped("key:0"))
    assert desk.bodies() == [{"text": "/ask_pain", "title": "Pain"}]
    desk.inbox.forget(desk.sender)
    await desk.inbox.take({**tapped("key:0", 10)})
    await drained(desk)


@pytest.mark.parametrize("data", ["", "nonsense", "key:0", "key:99", "key:-1"])
async def test_a_button_that_is_not_known_any_more(desk: Desk, data: str) -> None:
    await desk.inbox.take(tapped(data))
    assert desk.bodies() == [{"text": "", "notice": OLD_BUTTON}]
    await drained(desk)


async def test_somebody_elses_button_is_not_known(desk: Desk) -> None:
    desk.inbox.keep("key", "tg-other", reply_of("Hello", "Pain"))
    await desk.inbox.take(tapped("key:0"))
    assert desk.bodies() == [{"text": "", "notice": OLD_BUTTON}]
    await drained(desk)


async def test_a_tap_without_a_database(desk: Desk) -> None:
    desk.archive.failing |= {"tap": False, "take_update": False}
    await desk.inbox.take(tapped("key:0"))
    assert desk.turns.unstored[0][1].notice == OLD_BUTTON
    await drained(desk)


async def test_what_is_only_for_show_may_fail(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk.api.fail("answerCallbackQuery", Unreached("answerCallbackQuery: no"))
    await desk.inbox.take(tapped("key:0"))
    await drained(desk)
    assert "could not be changed" in caplog.text


@pytest.mark.parametrize("down", [False, True])
async def test_who_blocks_the_bot_gets_nothing_more(desk: Desk, down: bool) -> None:
    if down:
        desk.archive.failing["drop_replies"] = False
    member = {"chat": {"id": CHAT, "type": "private"}, "new_chat_member": {"status": "kicked"}}
    await desk.inbox.take({"update_id": 3, "my_chat_member": member})
    assert "drop_replies" in desk.archive.asked
    assert not desk.turns.woken


async def drained(desk: Desk) -> None:
    """Let what goes on beside end."""
    await asyncio.gather(*desk.inbox._beside)
