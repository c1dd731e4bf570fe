"""Too much, too fast: refused with when to come back, and nobody else notices."""

from __future__ import annotations

import asyncio

from bot.channels.website.channel import SOCKET_PATH
from tests.channels.website.conftest import Sites


async def test_fifty_messages_a_second(sites: Sites) -> None:
    site = await sites(message_burst=10)
    tab, other = await site.tab(), await site.tab()

    acks = await asyncio.gather(*(tab.send(f"number {n}") for n in range(50)))
    refused = [ack["error"] for ack in acks if not ack["ok"]]
    assert (await other.send("hello"))["ok"]
    await other.answered()

    assert 10 <= 50 - len(refused) <= 15
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert all(1 <= error["retry_after"] <= 2 for error in refused)
    assert "Please wait a moment" in refused[0]["message"]
    await tab.answered(50 - len(refused))
    assert len(site.agent.heard) == 50 - len(refused) + 1


async def test_a_flood_of_frames_ends_its_connection(sites: Sites) -> None:
    site = await sites(message_burst=10)
    tab, other = await site.tab(), await site.tab()

    for _ in range(400):
        await tab.wire.ws.send_str("3")
    assert await tab.wire.end() == (1008, "There are too many frames on this connection.")
    assert (await other.send("hello"))["ok"]


async def test_too_many_new_sessions(sites: Sites) -> None:
    site = await sites(sessions_per_minute=2)
    tabs = [await site.tab() for _ in range(2)]

    refusal = await site.closed_tab().refused()
    assert refusal["message"] == "rate_limited"
    assert 1 <= refusal["data"]["retry_after"] <= 31

    back = await site.tab(token=tabs[0].token)
    assert (await back.send("hello"))["ok"]


async def test_too_many_connections(sites: Sites) -> None:
    site = await sites(message_burst=1, sessions_per_minute=1000)
    statuses = []
    for _ in range(40):
        async with site.http.get(f"{SOCKET_PATH}/?EIO=4&transport=polling") as answer:
            statuses.append(answer.status)

    assert statuses[:25] == [200] * 25
    assert 429 in statuses


async def test_limits_follow_the_visitor_behind_a_proxy(sites: Sites) -> None:
    site = await sites(sessions_per_minute=1, trusted_proxies="127.0.0.0/8")

    for visitor in ("203.0.113.1", "203.0.113.2", "6.6.6.6, 203.0.113.3"):
        await site.tab(headers={"X-Forwarded-For": visitor})
    # What stands before the last address is the visitor's own invention.
    refusal = await site.closed_tab().refused(headers={"X-Forwarded-For": "7.7.7.7, 203.0.113.3"})
    assert refusal["message"] == "rate_limited"
