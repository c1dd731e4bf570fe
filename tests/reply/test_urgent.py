"""The replies that must come whatever else is broken."""

import pytest

from bot.content import Content
from bot.reply.contract import validate
from bot.reply.outcomes import Part
from bot.reply.urgent import contact_payload, urgent_reply

OUTCOMES = ("crisis", "emergency", "unavailable")


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("region", ["", "us", "GB", "fr", "xx"])
def test_every_contact_of_the_payload_stands_in_the_one_text(
    content: Content, outcome: str, region: str
) -> None:
    reply = urgent_reply(content, outcome, region)
    validate(reply.payload())
    (text,) = reply.texts
    contacts = reply.payload()["referral"]["contacts"]
    assert contacts
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        f"- {contact['text']}" for contact in contacts
    ]
    assert "{" not in text


def test_a_crisis_reply_is_help_and_nothing_else(content: Content) -> None:
    reply = urgent_reply(content, "crisis")
    assert reply.parts == (Part("crisis"),)
    assert (reply.suggestions, reply.disclaimers, reply.sources) == ((), (), ())
    assert reply.payload()["referral"]["kind"] == "crisis"
    for number in ("988", "116 123", "findahelpline.com", "112"):
        assert number in reply.texts[0]
    assert "hope" in reply.texts[0]


def test_an_emergency_reply_begins_with_the_call(content: Content) -> None:
    reply = urgent_reply(content, "emergency")
    assert reply.texts[0].startswith("Call your local emergency number now.")
    assert reply.payload()["referral"]["kind"] == "emergency"
    assert {c["kind"] for c in reply.payload()["referral"]["contacts"]} == {"emergency"}


def test_an_unavailable_reply_refers_and_shows_both_kinds_of_help(content: Content) -> None:
    referral = urgent_reply(content, "unavailable").payload()["referral"]
    assert referral["kind"] == "professional"
    assert {"primary_care", "long_covid_clinic"} <= set(referral["who"])
    assert {c["kind"] for c in referral["contacts"]} == {"emergency", "crisis", "directory"}


@pytest.mark.parametrize(
    ("region", "shown", "hidden"),
    [("us", "988", "116 123"), ("uk", "116 123", "988"), (" CA ", "988", "116 123")],
)
def test_a_region_shows_its_own_lines_and_the_international_ones(
    content: Content, region: str, shown: str, hidden: str
) -> None:
    (text,) = urgent_reply(content, "crisis", region).texts
    assert shown in text
    assert hidden not in text
    assert "findahelpline.com" in text


def test_the_reference_is_given_where_there_is_one(content: Content) -> None:
    assert urgent_reply(content, "crisis", "", "E-7F3K2Q").payload()["escalation"] == "E-7F3K2Q"
    assert "escalation" not in urgent_reply(content, "crisis").payload()


def test_an_outcome_without_a_message_is_an_error(content: Content) -> None:
    with pytest.raises(KeyError, match="panic"):
        urgent_reply(content, "panic")


def test_a_contact_shows_only_what_it_has(content: Content) -> None:
    assert contact_payload(content.contacts["find_a_helpline"]) == {
        "id": "find_a_helpline",
        "kind": "directory",
        "name": "Find A Helpline",
        "text": "Any country: find a helpline near you at findahelpline.com.",
        "url": "https://findahelpline.com",
    }
    assert contact_payload(content.contacts["lifeline_988"])["phone"] == "988"
