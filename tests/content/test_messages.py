"""What the bot says beside its answers refers, refuses and helps as it should."""

from __future__ import annotations

import re

import pytest

from bot.content.model import Message
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS
from tests.content.helpers import CONTENT, MAX_WORDS


@pytest.mark.parametrize("message", CONTENT.messages.values(), ids=lambda message: message.id)
def test_messages_lead_on_to_what_exists(message: Message) -> None:
    assert set(message.suggestions) <= {*ANSWER_TOPICS, *SMALLTALK_TOPICS}
    assert set(message.referrals) <= set(CONTENT.referrals)
    assert len(message.text.split()) <= MAX_WORDS
    for name in set(message.suggestions) - set(ANSWER_TOPICS):
        assert CONTENT.labels[name]


@pytest.mark.parametrize("name", ["dosing", "personal_advice", "obtaining"])
def test_refusals_are_kind_and_refer(name: str) -> None:
    message = CONTENT.messages[name]

    assert message.outcome == name
    assert re.search(r"do not help|cannot say", message.text)
    assert {"primary_care", "long_covid_clinic", "prescriber"} <= set(message.referrals)
    assert re.search(r"GP.*Long COVID clinic", message.text, re.DOTALL)
    assert "I can explain what is known" in message.text
    assert 2 <= len(message.suggestions) <= 3


def test_dosing_names_help_with_too_much() -> None:
    message = CONTENT.messages["dosing"]

    assert "poison_control" in message.referrals
    assert message.contacts == ("poison",)
    assert "If too much may have been taken, please get help now:\n\n{contacts}" in message.text


@pytest.mark.parametrize("name", ["crisis", "crisis_reminder"])
def test_crisis_is_spoken_by_us_and_judges_nobody(name: str) -> None:
    message = CONTENT.messages[name]
    judged = (
        r"\b(?:commit\w*|suicid\w*|kill\w*|die|death|dead|harm\w*|wrong|selfish|sin|should|must|why"
        r"|overdos\w*|pills?|knife|knives|gun|rope|bridge|roof|train|water|hospital|ward|home)\b"
    )

    assert message.outcome == "crisis"
    assert re.search(r"\b[Ww]e\b", message.text)
    assert not re.search(r"\bI\b", message.text)
    assert "elp is there now" in message.text
    assert not re.search(judged, message.text, re.IGNORECASE)
    assert message.suggestions == message.referrals == ()


def test_crisis_holds_help_danger_and_hope() -> None:
    message = CONTENT.messages["crisis"]
    help_at, danger_at, hope_at = (
        message.text.index(words)
        for words in ("{contacts}", "in immediate danger, please call your local emergency", "hope")
    )

    assert help_at < danger_at < hope_at
    assert message.contacts == ("crisis", "directory", "emergency")


def test_crisis_reminder_is_one_line() -> None:
    assert "\n" not in CONTENT.messages["crisis_reminder"].text


def test_emergency_puts_the_call_first_and_delays_by_nothing() -> None:
    message = CONTENT.messages["emergency"]

    assert message.text.startswith("Call your local emergency number now.")
    assert message.contacts == ("emergency",)
    assert message.suggestions == message.referrals == ()
    assert len(message.text.split()) <= 25


def test_unavailable_refers_and_gives_all_help() -> None:
    message = CONTENT.messages["unavailable"]

    assert "not working" in message.text
    assert "GP or family doctor, a Long COVID clinic" in message.text
    assert set(message.contacts) == {"emergency", "crisis", "directory"}
    assert {"primary_care", "long_covid_clinic"} <= set(message.referrals)


@pytest.mark.parametrize("name", ["not_covered", "off_topic"])
def test_turning_away_is_honest_and_helps_on(name: str) -> None:
    text = CONTENT.messages[name].text

    assert "source" in text
    assert "GP" in text
    assert "I can explain what Long COVID is" in text


def test_greeting_says_what_it_is_and_is_not() -> None:
    text = CONTENT.messages["greet"].text

    for words in ("not a clinician", "Long COVID", "ketamine", "doses", "personal advice"):
        assert words in text
    assert "In an emergency, please call your local emergency number" in text
    assert '"forget me"' in CONTENT.messages["privacy"].text
    assert "you are upset" in CONTENT.messages["clarify_no_words"].text


def test_an_offer_of_a_person_is_taken_or_declined_by_a_tap() -> None:
    """Who is tired should not have to write "yes" or "no"."""
    assert set(CONTENT.messages["offer_human"].suggestions) == {"affirm", "deny"}


@pytest.mark.parametrize(
    ("name", "ways"),
    [("telegram_help", {"ketamine_overview"}), ("clarify", {"consult_provider"})],
)
def test_who_is_lost_is_led_on(name: str, ways: set[str]) -> None:
    """Help begins with what ketamine is; who was not understood is told whom else to ask."""
    assert ways <= set(CONTENT.messages[name].suggestions)
