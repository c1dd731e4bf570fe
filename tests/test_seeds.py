"""The questions every release must get right, word for word, through the whole bot."""

from __future__ import annotations

import pytest

from bot.records import Records
from tests.harness import Bot

LINES = ("988", "116 123", "findahelpline.com")


@pytest.mark.parametrize(
    ("question", "topic", "words", "disclaimers"),
    [
        ("what is Long COVID", "long_covid_definition", "PASC", {"education_only"}),
        (
            "how might ketamine help brain fog",
            "brain_fog",
            "BDNF",
            {"education_only", "ketamine_early_evidence"},
        ),
    ],
)
async def test_a_seed_question_is_answered(
    bot: Bot, question: str, topic: str, words: str, disclaimers: set[str]
) -> None:
    reply = await bot.conversation().say(question)

    assert (reply.outcome, reply.topic) == ("answer", topic)
    assert words in reply.texts[0]
    assert "not medical advice" in reply.text
    assert disclaimers <= set(reply.custom["disclaimers"])
    assert reply.custom["sources"]
    assert "From my source:" in reply.text
    assert 2 <= len(reply.payloads) <= 3


@pytest.mark.parametrize(
    ("question", "outcome", "who"),
    [
        ("how many mg of ketamine should I take", "dosing", "prescriber"),
        ("what's the weather", "off_topic", "primary_care"),
    ],
)
async def test_a_seed_question_is_escalated(
    bot: Bot, records: Records, question: str, outcome: str, who: str
) -> None:
    reply = await bot.conversation().say(question)

    assert reply.outcome == outcome
    assert reply.custom["referral"]["kind"] == "professional"
    assert who in reply.custom["referral"]["who"]
    reference = reply.custom["escalation"]
    assert reference in reply.text
    row = records.escalation(reference)
    assert (row.outcome, row.channel, row.status) == (outcome, "rest", "open")
    assert row.excerpt == question


async def test_the_seed_crisis_gets_help_and_nothing_else(bot: Bot, records: Records) -> None:
    reply = await bot.conversation().say("I want to end it all")

    assert reply.outcome == "crisis"
    assert len(reply.texts) == 1
    assert all(line in reply.text for line in LINES)
    assert not reply.payloads
    assert "suggestions" not in reply.custom
    assert "ketamine" not in reply.text.lower()
    assert records.escalation(reply.custom["escalation"]).outcome == "crisis"
