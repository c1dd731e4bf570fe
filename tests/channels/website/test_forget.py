"""Forgetting: by button, by REST and by word; no row is left and the token opens nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.website.tokens import Tokens
from bot.records import conversation_reference
from tests.channels.website.conftest import Site, begun, new_id
from tests.channels.website.test_rest_fallback import ask

SECRET = "my secret words"
Rows = Callable[[], dict[str, int]]


@pytest.fixture
def rows(site: Site) -> Rows:
    """How many rows each table has, but for what every database has."""
    file = Path(site.settings.data_dir) / "guide.sqlite3"

    def count() -> dict[str, int]:
        with sqlite3.connect(file) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = [name for (name,) in names if name not in ("records_version", "erasures")]
            counts = {
                table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in tables
                if not table.startswith("sqlite")
            }
        return {table: number for table, number in counts.items() if number}

    return count


def tracked(site: Site, sender: str) -> None:
    with sqlite3.connect(Path(site.settings.data_dir) / "guide.sqlite3") as database:
        database.execute(
            "INSERT INTO events (sender_id, type_name, data) VALUES (?, 'user', ?)",
            (sender, SECRET),
        )


async def talk(site: Site) -> tuple[str, str]:
    """A conversation with a message, a reply, an opinion, a tracker; its token and sender."""
    tab = await site.tab()
    message = new_id()
    await tab.send(SECRET, id=message)
    await tab.answered()
    assert (await tab.call("feedback", {"to": message, "helpful": True}))["ok"]
    sender = Tokens(b"key", 1).read(tab.token).sender
    tracked(site, sender)
    return tab.token, sender


def assert_gone(site: Site, rows: Rows, receipt: str) -> None:
    assert rows() == {}
    (erasure,) = site.records.erasures()
    assert erasure.reference == receipt
    assert (erasure.pending_sender, erasure.feedback_deleted) == (None, 1)
    for file in Path(site.settings.data_dir).glob("guide.sqlite3*"):
        assert SECRET.encode() not in file.read_bytes(), file


async def test_the_button_leaves_no_row(site: Site, rows: Rows) -> None:
    token, _ = await talk(site)
    tab, other = await site.tab(token=token), await site.tab(token=token)
    before = rows()

    done = await tab.call("forget", {})
    await other.until(lambda: other.forgotten)

    assert before == {"sessions": 1, "entries": 2, "feedback": 1, "events": 1}
    assert done["ok"]
    assert other.forgotten == tab.forgotten == [{"receipt": done["receipt"]}]
    assert_gone(site, rows, done["receipt"])
    assert (await site.closed_tab().refused(token=token))["message"] == "session"
    for event in ("message", "feedback", "forget"):
        body = {
            "message": {"id": new_id(), "text": "hi"},
            "feedback": {"to": new_id(), "helpful": True},
            "forget": {},
        }
        assert (await other.call(event, body[event]))["error"]["code"] == "session"
    assert rows() == {}


async def test_rest_leaves_no_row(site: Site, rows: Rows) -> None:
    token, _ = await talk(site)

    status, body, _ = await ask(site, "POST", "/forget", token)

    assert (status, body["ok"]) == (200, True)
    assert_gone(site, rows, body["receipt"])
    assert (await ask(site, "GET", "/messages", token))[0] == 401


async def test_the_words_leave_no_row(site: Site, rows: Rows) -> None:
    token, _ = await talk(site)
    tab = await site.tab(token=token)
    seen = len(tab.entries)

    assert (await tab.send("forget me"))["ok"]
    await tab.until(lambda: tab.forgotten)

    receipt = tab.forgotten[0]["receipt"]
    reply = tab.entries[-1]
    assert len(tab.entries) == seen + 2
    assert (reply["seq"], reply["stored"], reply["from"]) == (None, False, "bot")
    assert receipt in reply["messages"][0]["text"]
    assert_gone(site, rows, receipt)
    assert (await site.closed_tab().refused(token=token))["message"] == "session"


async def test_the_words_over_rest_leave_no_row(site: Site, rows: Rows) -> None:
    token, _ = await talk(site)

    body = {"id": new_id(), "text": "forget me"}
    status, answer, _ = await ask(site, "POST", "/messages", token, body)

    (reply,) = answer["entries"]
    assert (status, reply["stored"]) == (200, False)
    assert_gone(site, rows, site.records.erasures()[0].reference)


async def test_forgetting_waits_for_the_turn_that_runs(site: Site, rows: Rows) -> None:
    token, sender = await talk(site)
    tab = await site.tab(token=token)
    site.agent.gate.clear()
    await tab.send("one more thing")
    await tab.send("and another")

    await begun(site.agent)
    forgetting = asyncio.create_task(tab.call("forget", {}))
    await asyncio.sleep(0.5)
    # What Rasa saves at the end of the turn.
    tracked(site, sender)
    site.agent.gate.set()
    done = await forgetting

    assert_gone(site, rows, done["receipt"])
    assert "and another" not in site.agent.texts
    assert len(tab.replies) == 1, "no reply after the forgetting"


async def test_a_turn_of_another_server_is_left_to_the_worker(site: Site, rows: Rows) -> None:
    token, sender = await talk(site)
    message = new_id()
    site.records.add_message(sender, message, {"text": "hi"})
    claim = site.records.claim_turn(sender, 60)

    status, _, _ = await ask(site, "POST", "/forget", token)

    assert (status, claim is not None) == (200, True)
    (pending,) = site.records.pending_erasures()
    assert pending.pending_sender == sender
    assert rows() == {"events": 1}


async def test_the_same_excerpts_are_cleared_as_by_the_words(site: Site, rows: Rows) -> None:
    token, sender = await talk(site)
    reference = site.records.open_escalation(
        outcome="dosing",
        channel="website",
        conversation=conversation_reference(sender, b"key"),
        message_key=f"{sender}:1",
        text="how much",
    )

    await ask(site, "POST", "/forget", token)

    kept = site.records.escalation(reference)
    assert (kept.excerpt, kept.conversation, kept.outcome) == (None, None, "dosing")


async def test_others_keep_theirs(site: Site, rows: Rows) -> None:
    token, _ = await talk(site)
    await talk(site)

    await ask(site, "POST", "/forget", token)

    assert rows() == {"sessions": 1, "entries": 2, "feedback": 1, "events": 1}
