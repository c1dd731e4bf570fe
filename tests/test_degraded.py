"""Replies of a bot that is partly broken: danger first, then honesty, and a record if it can."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.content import Content, load_content
from bot.degraded import SafeReplies, Turn, safe_replies
from bot.records import Records, conversation_reference
from bot.reply.contract import validate
from bot.reply.outcomes import REFERRED, URGENT
from bot.settings import Settings
from tests.databases import migrated

CRISIS = "I want to kill myself"
EMERGENCY = "he is unconscious and turning blue"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content()


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=str(tmp_path), secret_key="key", region="gb")
    migrated(settings.data_path / "guide.sqlite3")
    return settings


@pytest.fixture
def book(own: Settings) -> Records:
    return Records(own.records_url, notify=True)


@pytest.fixture
def replies(content: Content, book: Records, own: Settings) -> SafeReplies:
    return SafeReplies(content, book, own)


def turn(text: str, intent: str | None = None, key: str = "m1") -> Turn:
    return Turn(sender="ann", channel="rest", message_key=key, text=text, intent=intent)


@pytest.mark.parametrize(
    ("text", "intent", "outcome"),
    [
        (CRISIS, None, "crisis"),
        (EMERGENCY, None, "emergency"),
        (CRISIS, "emergency", "emergency"),
        ("nothing a pattern finds", "crisis", "crisis"),
        ("nothing a pattern finds", "emergency", "emergency"),
        (CRISIS, "greet", "crisis"),
        (EMERGENCY, "dosing", "emergency"),
        ("how many mg?", "dosing", "unavailable"),
        ("can I talk to someone", "human", "unavailable"),
        ("does it help with pain?", "ask_pain", "unavailable"),
        ("", None, "unavailable"),
    ],
)
async def test_danger_comes_first(
    replies: SafeReplies, text: str, intent: str | None, outcome: str
) -> None:
    reply = await replies.reply(turn(text, intent))

    validate(reply.payload())
    assert reply.outcome == outcome
    assert reply.texts
    assert all(text.strip() for text in reply.texts)


async def test_each_reply_names_help_of_the_region(replies: SafeReplies, content: Content) -> None:
    shown = "\n".join((await replies.reply(turn(CRISIS))).texts)
    assert "116 123" in shown
    shown = "\n".join((await replies.reply(turn("hello"))).texts)
    assert "116 123" in shown, "whoever is not understood may be in danger"


@pytest.mark.parametrize(
    ("text", "intent", "recorded"),
    [
        (CRISIS, None, "crisis"),
        (EMERGENCY, None, "emergency"),
        *[("a question", name, name) for name in sorted(REFERRED | URGENT)],
        ("can I talk to someone", "human", "human"),
        (CRISIS, "human", "crisis"),
        (CRISIS, "dosing", "crisis"),
    ],
)
async def test_an_escalation_is_recorded(
    replies: SafeReplies,
    book: Records,
    own: Settings,
    text: str,
    intent: str | None,
    recorded: str,
) -> None:
    reply = await replies.reply(turn(text, intent))

    (row,) = book.escalations()
    assert (row.outcome, row.channel, row.excerpt) == (recorded, "rest", text)
    assert row.conversation == conversation_reference("ann", own.secret())
    assert reply.escalation == row.reference
    assert book.notification(row.reference) is not None


async def test_a_message_is_recorded_once_however_often_it_fails(
    replies: SafeReplies, book: Records
) -> None:
    first = await replies.reply(turn(CRISIS))
    again = await replies.reply(turn(CRISIS))
    other = await replies.reply(turn(CRISIS, key="m2"))

    assert first.escalation == again.escalation != other.escalation
    assert len(book.escalations()) == 2


@pytest.mark.parametrize("intent", [None, "greet", "ask_pain", "forget_me", "not_covered"])
async def test_other_turns_leave_no_row(
    replies: SafeReplies, book: Records, intent: str | None
) -> None:
    reply = await replies.reply(turn("hello", intent))

    assert book.escalations() == []
    assert reply.escalation is None


async def test_a_database_that_is_down_costs_the_reference_only(
    content: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=str(tmp_path), secret_key="key")
    no_tables = Records(f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    with caplog.at_level(logging.DEBUG):
        reply = await SafeReplies(content, no_tables, settings).reply(turn(CRISIS))

    assert (reply.outcome, reply.escalation) == ("crisis", None)
    assert "waits for the database" in caplog.text
    assert CRISIS not in caplog.text


async def test_a_secret_that_cannot_be_read_costs_the_reference_only(
    content: Content, book: Records, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = Settings(data_dir=str(tmp_path / "file" / "var"))

    reply = await SafeReplies(content, book, settings).reply(turn(CRISIS))

    assert (reply.outcome, reply.escalation) == ("crisis", None)


async def test_without_records_there_is_a_reply_all_the_same(content: Content) -> None:
    reply = await SafeReplies(content, None, Settings()).reply(turn(CRISIS))

    assert (reply.outcome, reply.escalation) == ("crisis", None)


async def test_the_process_has_one_set_built_from_the_environment(settings: Settings) -> None:
    safe_replies.cache_clear()

    assert safe_replies() is safe_replies()
    reply = await safe_replies().reply(turn(CRISIS, key="process"))
    found = Records(settings.records_url).escalation(str(reply.escalation))
    assert found.outcome == "crisis"
