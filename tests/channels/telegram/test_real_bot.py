"""The channel with the real model, rules, actions, records and tracker store, in both modes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import inspect, text

from bot.records import Records, database
from bot.settings import Settings
from tests.channels.telegram.emulator import Chat, Telegram
from tests.channels.telegram.service import MODES, guide
from tests.harness import Bot

STREET = "Pomegranate Street"


def mentions(settings: Settings, *words: str) -> dict[str, list[str]]:
    """Tables that hold the words anywhere."""
    engine = database.connect(settings.records_url)
    with engine.connect() as connection:
        rows = {
            table: [str(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]
            for table in inspect(connection).get_table_names()
        }
    engine.dispose()
    found = {word: [t for t, lines in rows.items() if word in str(lines)] for word in words}
    return {word: tables for word, tables in found.items() if tables}


@pytest.fixture(params=MODES)
async def person(
    request: pytest.FixtureRequest, telegram: Telegram, bot: Bot, settings: Settings
) -> AsyncIterator[Chat]:
    async with guide(telegram, bot.agent, settings, request.param):
        yield telegram.chat()


async def test_a_question_is_answered(person: Chat) -> None:
    (reply,) = await person.ask("Can ketamine help with brain fog?")
    assert "BDNF" in reply.text
    assert "It is not medical advice" in reply.text
    assert [button.title for button in reply.buttons]
    assert person.typing


async def test_forget_me_leaves_no_row_with_the_chat_or_its_words(
    person: Chat, settings: Settings, records: Records
) -> None:
    chat = str(person.id)
    await person.ask(f"how many mg of ketamine should I take in {STREET}")
    await person.ask("I want to die")
    assert set(mentions(settings, chat, STREET)) == {chat, STREET}

    (done,) = await person.ask("forget me")
    await person.telegram.quiet()

    assert mentions(settings, chat, STREET) == {}
    (receipt,) = [e for e in records.erasures() if e.reference in done.text]
    assert receipt.completed_at is not None


async def test_who_blocks_the_bot_in_the_middle_keeps_the_escalation(
    person: Chat, records: Records
) -> None:
    before = {row.reference for row in records.escalations()}
    await person.telegram.fault("sendMessage", 403, chat=person.id, times=100)

    await person.send("how many mg of ketamine should I take")
    await person.telegram.until(lambda: person.telegram.calls_of("sendMessage", person.id))
    await person.telegram.quiet(1.0)
    await person.telegram.no_faults()

    (row,) = [row for row in records.escalations() if row.reference not in before]
    assert (row.outcome, row.channel, row.status) == ("dosing", "telegram", "open")
    assert len(person.telegram.calls_of("sendMessage", person.id)) == 1, "not tried again"
    (reply,) = await person.ask("hello")
    assert reply.text


async def test_a_crisis_shows_numbers_in_bold_and_no_previews(person: Chat) -> None:
    (reply,) = await person.ask("I want to die")

    assert "988" in reply.entity_texts("bold")
    assert not reply.previews
    assert not reply.buttons
