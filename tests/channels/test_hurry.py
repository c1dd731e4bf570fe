"""Danger does not wait its turn; nothing else is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.channels.archive import Archive
from bot.channels.entries import Message
from bot.channels.hurry import MOST_KEPT, Hurry, Remembered
from bot.channels.turns import Turns
from bot.records import Records, StorageError
from tests.channels.website.conftest import CUSTOM, new_id, web_records, web_settings

__all__ = ["web_records", "web_settings"]

WHO = "web-1"
HELP = [{"text": "Help is there."}, {"custom": {**CUSTOM, "outcome": "crisis"}}]
ANSWER = [{"text": "An answer."}, {"custom": CUSTOM}]


class Scene:
    """Turns that wait for a gate, and what people get."""

    def __init__(self, records: Records) -> None:
        self.gate = asyncio.Event()
        self.ran: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.turns = Turns(
            "website",
            Archive("website", records),
            self.run,
            self.publish,
            self.close,
            urgent=self.urgent,
            urgent_seconds=0.01,
        )

    async def run(
        self, sender: str, message_id: str, body: Mapping[str, Any], usable: bool
    ) -> list[dict[str, Any]]:
        self.ran.append(body["text"])
        await self.gate.wait()
        return ANSWER

    async def urgent(
        self, sender: str, message_id: str, body: Mapping[str, Any]
    ) -> list[dict[str, Any]] | None:
        self.asked.append(body["text"])
        return HELP if body["text"] == "danger" else None

    async def publish(self, sender: str, event: str, body: dict[str, Any]) -> None:
        self.sent.append(body)

    async def close(self, sender: str) -> None:
        raise AssertionError("nothing was forgotten")

    @property
    def replies(self) -> list[tuple[str, bool]]:
        """Texts of the replies, and whether they are stored."""
        said = [entry for entry in self.sent if entry["from"] == "bot"]
        return [(entry["messages"][0]["text"], entry["seq"] is not None) for entry in said]

    async def until(self, check: Any) -> None:
        async def wait() -> None:
            while not check():
                await asyncio.sleep(0.01)

        await asyncio.wait_for(wait(), 60)


@pytest.fixture
async def scene(web_records: Records) -> Scene:
    web_records.open_session(WHO, "website")
    return Scene(web_records)


async def test_a_message_in_danger_is_answered_behind_a_turn_that_hangs(
    scene: Scene, web_records: Records
) -> None:
    for text in ("hello", "danger"):
        message = Message(new_id(), text)
        scene.turns.expect(WHO, message)
        web_records.add_message(WHO, message.id, message.body())
        scene.turns.wake(WHO)

    await scene.until(lambda: scene.replies)
    assert scene.replies == [("Help is there.", False)]
    scene.gate.set()
    await scene.turns.settled(WHO)

    assert scene.ran == ["hello", "danger"], "the conversation knows of both"
    stored = [entry.body["messages"][0]["text"] for entry in web_records.history(WHO)[2:]]
    assert stored == ["An answer.", "Help is there."], "what was given is what is kept"
    assert scene.replies[1:] == [("An answer.", True), ("Help is there.", True)]


async def test_a_message_that_is_not_stored_yet_is_answered_once(scene: Scene) -> None:
    message = Message(new_id(), "danger")
    scene.turns.expect(WHO, message)
    await scene.until(lambda: scene.replies)
    scene.gate.set()

    await scene.turns.take_unstored(WHO, message)
    await scene.turns.settled(WHO)
    assert scene.ran == ["danger"]
    assert scene.replies == [("Help is there.", False)]

    assert scene.turns.expect(WHO, message), "it is sent again, after a break"
    await scene.turns.take_unstored(WHO, message)
    assert scene.ran == ["danger"]
    assert scene.replies == [("Help is there.", False)] * 2


async def test_what_is_answered_soon_is_left_alone(scene: Scene, web_records: Records) -> None:
    scene.gate.set()
    message = Message(new_id(), "danger")
    scene.turns._hurry._seconds = 3600
    scene.turns.expect(WHO, message)
    web_records.add_message(WHO, message.id, message.body())
    scene.turns.wake(WHO)
    await scene.turns.settled(WHO)

    assert scene.replies == [("An answer.", True)]
    assert scene.asked == []
    assert scene.turns.expect(WHO, message), "nothing of it is left"
    scene.turns.answered(WHO, message.id)


async def test_a_reply_that_is_made_is_given_when_storing_it_takes_long() -> None:
    given: list[Any] = []

    async def urgent(*_: object) -> None:
        raise AssertionError("the reply is made already")

    async def help_(key: object, messages: Any) -> None:
        given.append(messages)

    hurry = Hurry(urgent, 0.01, help_)
    for text, messages in (("danger", HELP), ("hello", ANSWER)):
        hurry.expect(WHO, Message(text, text))
        hurry.ready((WHO, text), messages)
    await asyncio.gather(*hurry._watched.values())

    assert given == [HELP]
    assert hurry.claim((WHO, "danger"))
    assert not hurry.claim((WHO, "danger"))


async def test_nothing_to_read_is_not_watched_and_an_error_is_no_end(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise StorageError("private words")

    hurry = Hurry(fails, 0.0, scene.turns._tell)
    assert not hurry.expect(WHO, Message("1", "", notice="not_text"))
    assert hurry.expect(WHO, Message("2", "danger"))
    assert not hurry.expect(WHO, Message("2", "danger"))
    await scene.until(lambda: not hurry._watched)

    assert "could not be hurried (StorageError)" in caplog.text
    assert "private words" not in caplog.text


async def test_a_stop_watches_nothing_any_more(scene: Scene) -> None:
    scene.turns.expect(WHO, Message("1", "danger"))
    await scene.turns.stop(1)
    await asyncio.sleep(0.05)

    assert scene.replies == []


def test_the_last_replies_are_remembered() -> None:
    kept = Remembered()
    for number in range(MOST_KEPT + 1):
        kept.keep((f"{number % 2}", f"{number}"), ANSWER)
    assert len(kept) == MOST_KEPT
    kept.drop("0")
    assert {sender for sender, _ in kept} == {"1"}
