"""The channel over real sockets: what is said arrives, once, in order, in every tab."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.channels.website.channel import SOCKET_PATH
from bot.channels.website.tokens import Tokens
from bot.records import Records
from bot.settings import Settings
from tests.channels.website.conftest import CUSTOM, Site, Sites, begun, new_id, running


@pytest.mark.parametrize("polling", [False, True])
async def test_a_message_is_answered(site: Site, polling: bool) -> None:
    tab = await site.tab(polling=polling)
    message = new_id()

    assert await tab.send("hello", id=message) == {"ok": True, "seq": 1}
    await tab.answered()

    asked, reply = tab.entries
    assert asked == {"seq": 1, "at": asked["at"], "from": "user", "id": message, "text": "hello"}
    buttons = [{"title": "Is it safe?", "payload": "/ask_safe_administration"}]
    assert reply == {
        "seq": 2,
        "at": reply["at"],
        "from": "bot",
        "to": message,
        "messages": [{"text": "You said: hello", "buttons": buttons}],
        "custom": CUSTOM,
    }
    (heard,) = site.agent.heard
    assert (heard.message_id, heard.input_channel) == (message, "website")
    assert heard.sender_id == Tokens(b"key", 1).read(tab.token).sender
    assert heard.sender_id.startswith("web-")


async def test_messages_are_answered_in_order_one_at_a_time(site: Site) -> None:
    tab = await site.tab()
    texts = [f"message {number}" for number in range(12)]

    acks = await asyncio.gather(*(tab.send(text) for text in texts))
    await tab.answered(12)

    assert [ack["ok"] for ack in acks] == [True] * 12
    assert site.agent.texts == texts
    assert tab.said == [f"You said: {text}" for text in texts]
    assert site.agent.most == 1
    assert sorted(entry["seq"] for entry in tab.entries) == list(range(1, 25))


async def test_the_same_id_is_one_message(site: Site) -> None:
    tab = await site.tab()
    site.agent.gate.clear()
    message = new_id()

    acks = [await tab.send("hello", id=message) for _ in range(3)]
    site.agent.gate.set()
    await tab.answered()
    acks.append(await tab.send("hello", id=message))
    await tab.send("next")
    await tab.answered(2)

    assert acks == [{"ok": True, "seq": 1}] * 4
    assert site.agent.texts == ["hello", "next"]
    assert [entry["seq"] for entry in tab.entries] == [1, 2, 3, 4]


async def test_the_acknowledgement_does_not_wait_for_the_answer(site: Site) -> None:
    tab = await site.tab()
    site.agent.gate.clear()

    assert (await tab.send("hello"))["ok"]
    assert tab.replies == []
    site.agent.gate.set()
    await tab.answered()


async def test_two_tabs_see_the_same(site: Site) -> None:
    first = await site.tab()
    second = await site.tab(token=first.token)

    await first.send("from the first")
    await second.send("from the second")
    await asyncio.gather(first.answered(2), second.answered(2))

    by_seq = [sorted(tab.entries, key=lambda e: e["seq"]) for tab in (first, second)]
    assert by_seq[0] == by_seq[1]
    assert len(by_seq[0]) == 4


async def test_a_reload_brings_back_what_was_said(site: Site) -> None:
    tab = await site.tab()
    await tab.send("hello")
    await tab.answered()
    await tab.close()

    again = site.closed_tab()
    session = await again.open(token=tab.token)
    assert session == {"token": tab.token, "new": False, "entries": tab.entries}
    await again.close()

    late = site.closed_tab()
    assert (await late.open(token=tab.token, after=1))["entries"] == tab.entries[1:]
    await late.close()


async def test_a_first_visit_is_a_new_session(site: Site) -> None:
    tab, other = site.closed_tab(), site.closed_tab()
    session = await tab.open()

    assert (session["new"], session["entries"]) == (True, [])
    assert (await other.open())["token"] != session["token"]
    await tab.close()
    await other.close()


async def test_a_conversation_is_seen_by_its_holder_only(site: Site) -> None:
    tab, stranger = await site.tab(), await site.tab()

    await tab.send("a secret")
    await tab.answered()
    await stranger.send("hello")
    await stranger.answered()

    assert stranger.said == ["You said: hello"]
    assert len(tab.entries) == 2


async def test_a_payload_of_a_button(site: Site) -> None:
    tab = await site.tab()

    ack = await tab.send(payload="/ask_evidence", title="Is it proven?")
    await tab.answered()

    assert ack == {"ok": True, "seq": 1}
    assert tab.entries[0]["text"] == "/ask_evidence"
    assert tab.entries[0]["title"] == "Is it proven?"
    assert site.agent.texts == ["/ask_evidence"]


async def test_a_turn_that_breaks_still_gets_a_reply(site: Site) -> None:
    tab = await site.tab()

    await tab.send("break")
    await tab.answered()

    assert tab.replies[0]["custom"]["outcome"] == "unavailable"


async def test_what_is_waiting_is_answered_when_the_client_is_back(site: Site) -> None:
    tab = await site.tab()
    sender = Tokens(b"key", 1).read(tab.token).sender
    # As a server left it that stopped between storing and answering.
    site.records.add_message(sender, new_id(), {"text": "left over"})
    again = await site.tab(token=tab.token)

    await again.answered()
    assert again.said == ["You said: left over"]


async def test_what_is_waiting_is_answered_when_nobody_is_there(site: Site) -> None:
    site.records.open_session("web-gone", "website")
    site.records.add_message("web-gone", new_id(), {"text": "left over"})

    async def answered() -> None:
        while len(site.records.history("web-gone")) < 2:
            await asyncio.sleep(0.1)

    await asyncio.wait_for(answered(), 60)


async def test_two_servers_answer_once(sites: Sites) -> None:
    first, second = await sites(), await sites()
    tab = await first.tab()
    other = await second.tab(token=tab.token)
    for site in (first, second):
        site.agent.gate.clear()

    await tab.send("to the first")
    await other.send("to the second")
    await begun(first.agent, second.agent)
    # Time enough for the other one to begin too, if it would.
    await asyncio.sleep(0.5)
    running = first.agent.running + second.agent.running
    for site in (first, second):
        site.agent.gate.set()

    async def stored() -> None:
        sender = Tokens(b"key", 1).read(tab.token).sender
        while len(first.records.history(sender)) < 4:
            await asyncio.sleep(0.1)

    await asyncio.wait_for(stored(), 60)
    assert running == 1
    assert sorted(map(str, first.agent.texts + second.agent.texts)) == [
        "to the first",
        "to the second",
    ]


async def test_a_long_turn_keeps_its_lease(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.channels import turns

    # A busy machine may stop for a second; a lease must outlast that, and the turn the lease.
    for name, seconds in (("LEASE", 2.0), ("RENEW", 0.1), ("SWEEP", 0.1)):
        monkeypatch.setattr(turns, f"{name}_SECONDS", seconds)
    first, second = await sites(), await sites()
    tab = await first.tab()
    first.agent.gate.clear()

    await tab.send("slow")
    await begun(first.agent)
    await asyncio.sleep(2.5)
    first.agent.gate.set()
    await tab.answered()

    assert (first.agent.texts, second.agent.texts) == (["slow"], [])


async def test_a_message_that_takes_servers_down_is_answered_without_the_model(site: Site) -> None:
    site.records.open_session("web-poison", "website")
    site.records.add_message("web-poison", new_id(), {"text": "I want to die"})
    claims = [site.records.claim_turn("web-poison", 0) for _ in range(5)]
    assert [claim.attempt for claim in claims if claim] == [1, 2, 3, 4, 5]

    async def answered() -> dict[str, Any]:
        while len(found := site.records.history("web-poison")) < 2:
            await asyncio.sleep(0.1)
        return dict(found[1].body)

    body = await asyncio.wait_for(answered(), 60)
    assert body["custom"]["outcome"] == "crisis"
    assert site.agent.heard == []


async def test_a_server_stops_though_a_client_fetches_nothing_more(
    web_settings: Settings, web_records: Records
) -> None:
    async def stopped() -> None:
        path = f"{SOCKET_PATH}/?EIO=4&transport=polling"
        async with running(web_settings, web_records) as site, site.http.get(path) as answer:
            assert answer.status == 200

    await asyncio.wait_for(stopped(), 60)
