"""Each message says what it is for, in words that no other message has."""

from __future__ import annotations

import re

import pytest

from tests.content.helpers import CONTENT

WORDS = {
    "not_covered": r"my source does not cover it",
    "off_topic": r"outside what I know",
    "also_not_covered": r"the other part of your question",
    "offer_human": r"talk to a person instead\?",
    "clarify": r"Did you mean",
    "clarify_empty": r"did not get any words",
    "clarify_too_long": r"at most \{limit\} characters",
    "clarify_no_words": r"without words",
    "source_line": r"^From my source: \{sections\}\.$",
    "more_exhausted": r"all my source says",
    "nothing_to_explain": r"glad to tell you more",
    "guide_name": r"^Long COVID guide$",
    "source_name": r"^one article about",
    "dosing": r"do not help with amounts",
    "personal_advice": r"cannot say what is right for you",
    "obtaining": r"do not help with getting ketamine\.",
    "escalation_reference": r"a team of professionals can follow up",
    "human": r"note that you would like to talk to a person",
    "crisis": r"glad that you told us",
    "crisis_reminder": r"^We are still with you",
    "emergency": r"^Call your local emergency number now",
    "unavailable": r"part of me is not working",
    "greet": r"^Hello, and welcome",
    "goodbye": r"^Goodbye",
    "thanks": r"very welcome",
    "bot_identity": r"not a person and not a clinician",
    "capabilities": r"how it can affect daily life",
    "affirm": r"^All right",
    "deny": r"That is all right",
    "feedback_good": r"glad that this helped",
    "feedback_bad": r"sorry that this did not help",
    "feedback_comment_saved": r"saved your comment",
    "privacy": r"for \{days\} days",
    "forgotten": r"has been deleted",
    "forget_waits": r"noted your wish",
    "telegram_help": r"tap one of these:\n\n\{commands\}",
    "telegram_topics": r"all that I can explain",
    "telegram_not_text": r"can only read words",
    "telegram_group": r"only talk in private",
    "telegram_old_button": r"button does not work",
}


@pytest.mark.parametrize("name", CONTENT.messages)
def test_a_message_says_what_it_is_for(name: str) -> None:
    text = CONTENT.messages[name].text

    assert [known for known, words in WORDS.items() if re.search(words, text)] == [name]


@pytest.mark.parametrize(
    ("name", "like"), [("telegram_help", "greet"), ("clarify", "clarify_no_words")]
)
def test_what_says_the_same_offers_the_same(name: str, like: str) -> None:
    # No conversation reaches the first ones' buttons: Telegram's menu, a doubt without a reading.
    assert CONTENT.messages[name].suggestions == CONTENT.messages[like].suggestions
