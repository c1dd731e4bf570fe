"""Professionals that a message names in words also stand in its machine-readable referral."""

from __future__ import annotations

import re

import pytest

from bot.content.model import Message
from tests.content.helpers import CONTENT

WORDS = {
    "primary_care": r"\bGP\b|family doctor",
    "long_covid_clinic": r"Long COVID clinic|your clinic",
    "pharmacist": r"pharmacist",
    "prescriber": r"prescriber",
    "mental_health_professional": r"mental health professional",
    "poison_control": r"If too much may have been taken",
}
REFERRING = [one for one in CONTENT.messages.values() if one.referrals]


@pytest.mark.parametrize("message", REFERRING, ids=lambda message: message.id)
def test_who_is_named_is_referred_to(message: Message) -> None:
    named = {name for name, words in WORDS.items() if re.search(words, message.text)}

    assert named
    assert named <= set(message.referrals)


def test_messages_that_turn_away_refer_and_others_do_not() -> None:
    assert {message.id for message in REFERRING} == {
        "dosing", "personal_advice", "obtaining", "human", "not_covered", "off_topic", "unavailable"
    }  # fmt: skip


def test_every_professional_can_be_recognised() -> None:
    assert set(WORDS) == set(CONTENT.referrals)
