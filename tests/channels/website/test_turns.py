"""Turns in the corners: a stop in the middle, a runner that breaks, a channel by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import pytest

from bot.channels.archive import Archive
from bot.channels.entries import Message
from bot.channels.turns import AT_ONCE, Turns
from bot.channels.website import WebsiteInput
from bot.channels.website.limits import Limits
from bot.channels.website.sockets import Seat, Sockets
from bot.channels.website.tokens import Tokens
from bot.channels.website.visitors import Visitors
from bot.records import ClaimedTurn, Records
from bot.settings import Settings
from tests.channels.website.conftest import CUSTOM, new_id

WHO = "web-1"


class Stage:
    """Turns on real records, with a runner that does as it is told."""

    def __init__(self, records: Records) -> None:
        self.gate = asyncio.Event()
        self.failing = False
        self.ran: list[str] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.turns = Turns(
            "website", Archive("website", records), self.run, self.publish, self.close
        )

    async def run(
        self, sender: str, message_id: str, body: Mapping[str, Any], usable: bool
    ) -> list[dict[str, Any]]:
        text = body["text"]
        self.ran.append(text)
        await self.gate.wait()
        if self.failing:
            raise RuntimeError
        return [{"text": f"You said: {text}"}, {"custom": CUSTOM}]

    async def publish(self, sender: str, event: str, body: dict[str, Any]) -> None:
        self.sent.append((event, body))

    async def close(self, sender: str) -> None:
        raise AssertionError("nothing was forgotten")


@pytest.fixture
async def stage(web_records: Records) -> Stage:
    web_records.open_session(WHO, "website")
    return Stage(web_records)


async def test_a_stop_lets_a_turn_end(stage: Stage, web_records: Records) -> None:
    web_records.add_message(WHO, new_id(), {"text": "hello"})
    stage.turns.wake(WHO)
    asyncio.get_running_loop().call_later(0.3, stage.gate.set)

    await stage.turns.stop(10)

    assert len(web_records.history(WHO)) == 2
    assert not stage.turns.running(WHO)


async def test_a_stop_does_not_wait_for_ever(stage: Stage, web_records: Records) -> None:
    web_records.add_message(WHO, new_id(), {"text": "hello"})
    stage.turns.start()
    while not stage.ran:
        await asyncio.sleep(0.01)

    await stage.turns.stop(0.1)
    await stage.turns.settled(WHO)

    assert len(web_records.history(WHO)) == 1, "the next server answers it"


async def test_a_turn_that_breaks_is_run_again(stage: Stage, web_records: Records) -> None:
    stage.failing = True
    stage.gate.set()
    message = Message(new_id(), "hello")
    await stage.turns.take_unstored(WHO, message)
    await stage.turns.settled(WHO)
    assert [event for event, _ in stage.sent] == ["entry"]

    stage.failing = False
    await stage.turns.take_unstored(WHO, message)
    await stage.turns.settled(WHO)

    assert stage.ran == ["hello", "hello"]
    assert stage.sent[-1][1]["messages"] == [{"text": "You said: hello"}]


async def test_messages_that_come_while_a_turn_runs_are_not_left(
    stage: Stage, web_records: Records
) -> None:
    web_records.add_message(WHO, new_id(), {"text": "one"})
    stage.turns.wake(WHO)
    await stage.turns.take_unstored(WHO, Message(new_id(), "two"))
    stage.gate.set()
    await stage.turns.settled(WHO)

    assert sorted(stage.ran) == ["one", "two"]


async def test_what_was_stored_after_all_is_not_answered_twice(
    stage: Stage, web_records: Records
) -> None:
    message = Message(new_id(), "two")
    web_records.add_message(WHO, new_id(), {"text": "one"})
    stage.turns.wake(WHO)
    while not stage.ran:
        await asyncio.sleep(0.01)
    # The call that stores it is given up, and succeeds all the same.
    web_records.add_message(WHO, message.id, message.body())
    await stage.turns.take_unstored(WHO, message)
    stage.gate.set()
    await stage.turns.settled(WHO)

    assert stage.ran == ["one", "two"]
    assert len(web_records.history(WHO)) == 4
    replies = [body for _, body in stage.sent if body["from"] == "bot"]
    assert [body["seq"] for body in replies] == [3, 4]


class Begin:
    """Stores a message and claims its turn, as the records of a channel may do in one."""

    def __init__(self, records: Records, text: str) -> None:
        self.records, self.text = records, text

    def __call__(self, sender: str, lease: float) -> tuple[bool, ClaimedTurn | None]:
        _, new = self.records.add_message(sender, self.text, {"text": self.text})
        return new, self.records.claim_turn(sender, lease) if new else None


async def test_a_turn_that_was_claimed_with_its_message(stage: Stage, web_records: Records) -> None:
    assert stage.turns.at_once(WHO)
    await stage.turns.take(Begin(web_records, "one"), WHO, WHO)
    assert not stage.turns.at_once(WHO), "it has begun"
    await stage.turns.take(Begin(web_records, "two"), WHO, WHO)
    await stage.turns.take(Begin(web_records, "two"), WHO, WHO)
    stage.gate.set()
    await stage.turns.settled(WHO)

    assert stage.ran == ["one", "two"]
    assert len(web_records.history(WHO)) == 4
    assert stage.turns._places._value == AT_ONCE, "every place is given back"


async def test_a_claim_that_a_running_task_takes_over(stage: Stage, web_records: Records) -> None:
    await stage.turns.take_unstored(WHO, Message(new_id(), "unstored"))
    while not stage.ran:
        await asyncio.sleep(0.01)
    await stage.turns.take(Begin(web_records, "one"), WHO, WHO)
    stage.gate.set()
    await stage.turns.settled(WHO)

    assert stage.ran == ["unstored", "one"]
    assert stage.turns._places._value == AT_ONCE


@pytest.mark.parametrize("failing", [False, True])
async def test_a_begun_turn_that_breaks_gives_its_place_back(
    stage: Stage, web_records: Records, failing: bool
) -> None:
    stage.failing = failing
    stage.gate.set()
    broken = Begin(web_records, "one")
    if not failing:
        broken.records = cast(Any, None)
    with suppress(AttributeError):
        await stage.turns.take(broken, WHO, WHO)
    await stage.turns.settled(WHO)

    assert stage.turns._places._value == AT_ONCE
    assert stage.turns.at_once(WHO)


async def test_a_turn_for_which_there_is_no_place_waits(stage: Stage) -> None:
    others = [f"web-{number}" for number in range(2, AT_ONCE + 2)]
    for other in others:
        await stage.turns.take_unstored(other, Message(new_id(), other))
    while len(stage.ran) < AT_ONCE:
        await asyncio.sleep(0.01)

    assert not stage.turns.at_once(WHO)
    stage.gate.set()
    for other in others:
        await stage.turns.settled(other)
    assert stage.turns.at_once(WHO)


async def test_an_event_that_fails_is_told(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings()
    sockets = Sockets(settings, Visitors(settings), Limits(settings))

    async def failing(seat: Seat, data: object) -> dict[str, Any]:
        raise KeyError("private words")

    sockets._seats["sid"] = Seat(Tokens(b"key", 1).new(), "address")
    ack = await sockets._answered(failing)("sid", {})

    assert (ack["ok"], ack["error"]["code"]) == (False, "unavailable")
    assert "private words" not in caplog.text
    assert (await sockets._answered(failing)("gone", {}))["error"]["code"] == "session"


def test_rasa_makes_the_channel_from_its_name(settings: Settings) -> None:
    made = WebsiteInput.from_credentials(None)

    assert isinstance(made, WebsiteInput)
    assert (made.name(), made.url_prefix()) == ("website", "website")
    assert made.get_output_channel() is None
