"""Long polling: confirms what is stored, waits faults out, and says what to do about them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels.telegram import polling as module
from bot.channels.telegram.api import ApiError, BotApi, Conflict, TooMany, Unauthorized, Unsure
from bot.channels.telegram.polling import Poller


class Source(BotApi):
    """Hands out what it was given, one answer a call; then holds the call for ever."""

    def __init__(self, *answers: object) -> None:
        super().__init__("1:x")
        self.answers = list(answers)
        self.offsets: list[object] = []
        self.empty = asyncio.Event()

    async def call(self, method: str, *, wait: float | None = None, **params: Any) -> Any:
        assert method == "getUpdates"
        self.offsets.append(params["offset"])
        if not self.answers:
            self.empty.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return answer


class Desk:
    """Stands for the inbox."""

    def __init__(self) -> None:
        self.taken: list[object] = []

    async def take(self, update: object) -> None:
        if update == {"update_id": 13}:
            raise RuntimeError
        self.taken.append(update)


async def polled(source: Source, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.0)
    desk: Any = Desk()
    task = asyncio.create_task(Poller(source, desk).run())
    await asyncio.wait_for(source.empty.wait(), 10)
    task.cancel()
    return desk


async def test_an_update_is_confirmed_when_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source([{"update_id": 5}, {"update_id": 6}], [], [{"update_id": 7}])
    desk = await polled(source, monkeypatch)
    assert [update["update_id"] for update in desk.taken] == [5, 6, 7]  # type: ignore[index]
    assert source.offsets == [None, 7, 7, 8]


async def test_one_update_does_not_hold_up_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source([{"update_id": 13}, {"update_id": 14}])
    desk = await polled(source, monkeypatch)
    assert desk.taken == [{"update_id": 14}]
    assert source.offsets[-1] == 15


@pytest.mark.parametrize("junk", [None, "no list", {}, [None], ["x"], [{"update_id": "y"}]])
async def test_junk_is_no_error(junk: object, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(junk, [{"update_id": 1}])
    desk = await polled(source, monkeypatch)
    assert desk.taken[-1] == {"update_id": 1}


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (Conflict("getUpdates: 409"), "webhook --remove"),
        (Unauthorized("getUpdates: 401"), "TELEGRAM_TOKEN"),
        (Unsure("getUpdates: 502"), "502"),
        (TooMany("getUpdates", 0.01), "429"),
    ],
)
async def test_a_fault_is_waited_out(
    error: ApiError, advice: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source(error, [{"update_id": 1}])
    desk = await polled(source, monkeypatch)
    assert desk.taken == [{"update_id": 1}]
    assert advice in caplog.text
