"""The channel with the real model, rules, actions and tracker store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from rasa.core.channels.channel import register
from rasa.core.run import _create_app_without_api
from sqlalchemy import text

from bot.channels.guard import Guard
from bot.channels.website import WebsiteInput
from bot.channels.website.tokens import Tokens
from bot.degraded import safe_replies
from bot.records import Records, conversation_reference, database
from bot.reply.contract import validate
from bot.settings import Settings
from tests.channels.website.conftest import Tab, new_id
from tests.harness import Bot
from tests.servers import served


@pytest.fixture
async def tab(bot: Bot, settings: Settings) -> AsyncIterator[Tab]:
    app = _create_app_without_api()
    app.name = f"website_{uuid4().hex}"
    # Patient, since the machine may be busy with other things.
    web = replace(settings, sessions_per_minute=1000, turn_deadline=60.0)
    register([WebsiteInput(Guard(safe_replies(), web), web)], app, route="/webhooks/")
    app.ctx.agent = bot.agent
    async with AsyncExitStack() as stack:
        opened = Tab(await stack.enter_async_context(served(app)))
        stack.push_async_callback(opened.close)
        await opened.open()
        yield opened


def left(settings: Settings, sender: str) -> dict[str, Any]:
    """Rows that could lead back to the sender, by table."""
    known_as = conversation_reference(sender, settings.secret())
    engine = database.connect(settings.records_url)
    queries = {
        "events": ("sender_id", sender),
        "sessions": ("sender", sender),
        "entries": ("sender", sender),
        "feedback": ("conversation", known_as),
        "escalations": ("conversation", known_as),
    }
    with engine.connect() as connection:
        found = {
            table: connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE {column} = :value"), {"value": value}
            ).scalar()
            for table, (column, value) in queries.items()
        }
    engine.dispose()
    return {table: number for table, number in found.items() if number}


async def test_a_conversation_and_its_end(tab: Tab, settings: Settings, records: Records) -> None:
    sender = Tokens(settings.secret(), 1).read(tab.token).sender
    first, dose = new_id(), new_id()

    await tab.send("what is long covid", id=first)
    await tab.send("how many mg of ketamine should I take", id=dose)
    await tab.send(payload="/ask_evidence", title="Is it proven?")
    await tab.send("I want to die")
    await tab.answered(4, seconds=120)
    outcomes = [reply["custom"]["outcome"] for reply in tab.replies]
    for reply in tab.replies:
        validate(reply["custom"])
    assert outcomes == ["answer", "dosing", "answer", "crisis"]
    assert tab.replies[0]["messages"][0]["text"].count("\n\n") > 1, "paragraphs stay together"
    assert (await tab.call("feedback", {"to": first, "helpful": True}))["ok"]
    assert set(left(settings, sender)) == {
        "events",
        "sessions",
        "entries",
        "feedback",
        "escalations",
    }

    await tab.send("forget me")
    await tab.until(lambda: tab.forgotten, seconds=90)

    assert left(settings, sender) == {}
    receipt = next(e for e in records.erasures() if e.reference == tab.forgotten[0]["receipt"])
    assert receipt.completed_at is not None


async def test_the_button_forgets_all(tab: Tab, settings: Settings) -> None:
    sender = Tokens(settings.secret(), 1).read(tab.token).sender
    await tab.send("can I take ketamine with my other medicine?")
    await tab.answered(1, seconds=90)
    assert left(settings, sender)

    assert (await tab.call("forget", {}))["ok"]
    assert left(settings, sender) == {}


async def test_a_replayed_turn_escalates_once(
    tab: Tab, settings: Settings, records: Records
) -> None:
    """As after a kill between Rasa's save and ours: the turn runs again with the same id."""
    sender = Tokens(settings.secret(), 1).read(tab.token).sender
    await tab.send("how many mg of ketamine should I take")
    await tab.answered(1, seconds=90)
    engine = database.connect(settings.records_url)
    with engine.begin() as connection:
        named = {"sender": sender}
        connection.execute(
            text("DELETE FROM entries WHERE author = 'bot' AND sender = :sender"), named
        )
        undone = "UPDATE entries SET answered = :no WHERE sender = :sender"
        connection.execute(text(undone), named | {"no": False})
    engine.dispose()

    await tab.answered(2, seconds=90)

    first, second = tab.replies
    assert first["custom"]["escalation"] == second["custom"]["escalation"]
    assert left(settings, sender)["escalations"] == 1
