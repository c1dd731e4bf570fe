"""Danger on the website: help comes before a database that hangs, and before a turn that does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.records import Records
from tests.channels.website.conftest import Site, begun, new_id
from tests.channels.website.test_rest_fallback import ask


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let storing a message hang until the event is set."""
    thaw = threading.Event()
    add = Records.add_message

    def waits(self: Records, *args: Any) -> Any:
        assert thaw.wait(60)
        return add(self, *args)

    monkeypatch.setattr(Records, "add_message", waits)
    yield thaw
    thaw.set()


async def test_help_comes_while_storing_hangs_and_is_stored_in_the_end(
    site: Site, hung: threading.Event
) -> None:
    tab = await site.tab()
    message = new_id()
    first = tab.wire.call("message", {"id": new_id(), "text": "hello"})
    second = tab.wire.call("message", {"id": message, "text": "I want to die"})
    calls = [asyncio.ensure_future(call) for call in (first, second)]
    await tab.until(lambda: tab.replies)
    assert (tab.replies[0]["to"], tab.replies[0]["seq"]) == (message, None)
    assert tab.replies[0]["custom"]["outcome"] == "crisis"
    assert not any(call.done() for call in calls), "neither is acknowledged yet"

    hung.set()
    assert [(await call)["ok"] for call in calls] == [True, True]
    await tab.until(lambda: any(r["to"] == message and r["seq"] for r in tab.replies))
    outcomes = {r["custom"]["outcome"] for r in tab.replies if r["to"] == message}
    assert outcomes == {"crisis"}, "what was given is what is stored"
    assert sorted(str(text) for text in site.agent.texts) == ["I want to die", "hello"]


async def test_over_rest_help_does_not_wait_for_the_turn_before(site: Site) -> None:
    tab = await site.tab()
    site.agent.gate.clear()
    await tab.send("hello")
    await begun(site.agent)

    body = {"id": new_id(), "text": "I want to die"}
    status, answer, _ = await ask(site, "POST", "/messages", tab.token, body)
    assert (status, answer["ok"], answer["seq"], answer["stored"]) == (200, True, None, False)
    (reply,) = answer["entries"]
    assert (reply["to"], reply["custom"]["outcome"]) == (body["id"], "crisis")

    site.agent.gate.set()
    await tab.until(lambda: len([r for r in tab.replies if r["seq"]]) == 2)
    assert site.agent.texts == ["hello", "I want to die"]
