"""The reply contract: what is sent, and what is refused."""

import copy
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bot.content.model import CONTACT_KINDS
from bot.reply.contract import Button, ContractError, Reply, schema, validate
from bot.reply.outcomes import ANSWER_TOPICS, OUTCOMES, SMALLTALK_TOPICS, Part

PAIN = Reply(
    (Part("answer", "pain"),),
    ("It may ease pain.", "Footer."),
    disclaimers=("education_only",),
    sources=(("Pain Management", ("may_ease_pain",)),),
    suggestions=(Button("Is it proven?", "/ask_evidence"), Button("Is it safe?", "/ask_pain")),
)
REFERRAL = {"kind": "professional", "who": ["prescriber"], "contacts": []}
DOSING = Reply((Part("dosing"),), ("No.",), referral=REFERRAL, escalation="E-7F3K2Q")


def test_the_payload_says_everything_in_the_contracts_words() -> None:
    assert PAIN.payload() == {
        "schema": "reply/1",
        "outcome": "answer",
        "topic": "pain",
        "parts": [{"outcome": "answer", "topic": "pain"}],
        "disclaimers": ["education_only"],
        "sources": [{"section": "Pain Management", "claims": ["may_ease_pain"]}],
        "suggestions": [
            {"title": "Is it proven?", "payload": "/ask_evidence"},
            {"title": "Is it safe?", "payload": "/ask_pain"},
        ],
    }


def test_what_does_not_apply_is_left_out() -> None:
    assert DOSING.payload() == {
        "schema": "reply/1",
        "outcome": "dosing",
        "topic": None,
        "parts": [{"outcome": "dosing"}],
        "disclaimers": [],
        "referral": REFERRAL,
        "escalation": "E-7F3K2Q",
    }


def test_the_first_part_is_the_primary_one() -> None:
    both = Reply((Part("dosing"), Part("answer", "pain")), ("No.",))
    assert (both.outcome, both.topic) == ("dosing", None)
    assert (PAIN.outcome, PAIN.topic) == ("answer", "pain")


def test_messages_are_the_texts_then_the_payload_and_buttons_stand_on_the_last_text() -> None:
    first, last, custom = PAIN.messages()
    assert first == {"text": "It may ease pain."}
    assert last["text"] == "Footer."
    assert [button["payload"] for button in last["buttons"]] == ["/ask_evidence", "/ask_pain"]
    assert custom == {"custom": PAIN.payload()}


def test_without_suggestions_there_are_no_buttons() -> None:
    assert DOSING.messages() == [{"text": "No."}, {"custom": DOSING.payload()}]


def test_a_changed_reply_leaves_the_first_one_as_it_was() -> None:
    longer = DOSING.with_text("More.").suggesting(PAIN.suggestions)
    assert longer.texts == ("No.", "More.")
    assert longer.suggestions == PAIN.suggestions
    assert (DOSING.texts, DOSING.suggestions) == (("No.",), ())


def test_a_reply_that_answers_is_closed_by_its_footer() -> None:
    closed = DOSING.on_answers("Footer.", PAIN.disclaimers, PAIN.sources, PAIN.suggestions)
    assert closed.texts == ("No.", "Footer.")
    assert closed.payload()["sources"] == PAIN.payload()["sources"]
    assert closed.escalation == "E-7F3K2Q"


def test_the_schema_is_a_sound_one_and_names_what_the_code_names() -> None:
    Draft7Validator.check_schema(schema())
    definitions = schema()["definitions"]
    assert set(definitions["outcome"]["enum"]) == set(OUTCOMES)
    assert set(definitions["topic"]["enum"]) == {*ANSWER_TOPICS, *SMALLTALK_TOPICS}
    contact = schema()["properties"]["referral"]["properties"]["contacts"]["items"]["properties"]
    assert set(contact["kind"]["enum"]) == set(CONTACT_KINDS)


@pytest.mark.parametrize("reply", [PAIN, DOSING])
def test_a_sound_payload_passes(reply: Reply) -> None:
    validate(reply.payload())


CONTACT = {"id": "x", "kind": "crisis", "name": "X", "text": "X"}


@pytest.mark.parametrize(
    ("reply", "change", "where"),
    [
        (PAIN, {"outcome": "advice"}, "outcome"),
        (PAIN, {"topic": "astrology"}, "topic"),
        (PAIN, {"topic": None}, "topic"),
        (PAIN, {"schema": "reply/2"}, "schema"),
        (PAIN, {"parts": []}, "parts"),
        (PAIN, {"parts": [{"outcome": "answer"}, {"topic": "pain"}]}, "parts/1"),
        (PAIN, {"disclaimers": []}, "disclaimers"),
        (PAIN, {"disclaimers": ["a", "a"]}, "disclaimers"),
        (PAIN, {"sources": []}, "sources"),
        (PAIN, {"sources": [{"section": "Pain", "claims": []}]}, "sources/0/claims"),
        (PAIN, {"suggestions": [{"title": "?", "payload": "/a"}] * 4}, "suggestions"),
        (PAIN, {"suggestions": [{"title": "?" * 41, "payload": "/a"}]}, "suggestions/0/title"),
        (PAIN, {"suggestions": [{"title": "?", "payload": "/a{}"}]}, "suggestions/0/payload"),
        (PAIN, {"extra": 1}, "the payload"),
        (DOSING, {"topic": "pain"}, "topic"),
        (DOSING, {"escalation": "7F3K2Q"}, "escalation"),
        (DOSING, {"referral": {**REFERRAL, "kind": "friend"}}, "referral/kind"),
        (DOSING, {"referral": {"kind": "human", "who": []}}, "referral"),
        (
            DOSING,
            {"referral": {**REFERRAL, "contacts": [{**CONTACT, "phone": "call me"}]}},
            "referral/contacts/0/phone",
        ),
        (
            DOSING,
            {"referral": {**REFERRAL, "contacts": [{**CONTACT, "url": "http://example.org"}]}},
            "referral/contacts/0/url",
        ),
    ],
)
def test_a_broken_payload_is_refused_and_the_field_named(
    reply: Reply, change: dict[str, Any], where: str
) -> None:
    with pytest.raises(ContractError, match=f"^{where}: "):
        validate({**reply.payload(), **change})


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (PAIN, "schema"),
        (PAIN, "topic"),
        (PAIN, "disclaimers"),
        (PAIN, "sources"),
        (PAIN, "suggestions"),
        (DOSING, "referral"),
    ],
)
def test_what_an_outcome_needs_must_be_there(reply: Reply, key: str) -> None:
    payload = copy.deepcopy(reply.payload())
    del payload[key]
    with pytest.raises(ContractError, match=rf"the payload: '{key}' is a required property"):
        validate(payload)


@pytest.mark.parametrize("payload", [None, "reply/1", []])
def test_what_is_no_object_is_no_payload(payload: object) -> None:
    with pytest.raises(ContractError, match=r"the payload: .* is not of type 'object'"):
        validate(payload)
