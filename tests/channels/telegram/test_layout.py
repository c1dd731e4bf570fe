"""A reply becomes messages that say the same, in the least number, with sound entities."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.entries import reply_body
from bot.channels.telegram.layout import (
    LIMIT,
    MOST_ENTITIES,
    Bubble,
    bubbles,
    footer_lines,
    plain,
)
from bot.content import load_content
from bot.reply.compose import Composer, View
from bot.reply.contract import Reply
from bot.reply.outcomes import ANSWER_TOPICS, Part
from bot.reply.urgent import urgent_reply

CONTENT = load_content()


def body_of(*texts: str, **custom: Any) -> dict[str, Any]:
    return {"messages": [{"text": text} for text in texts], "custom": custom}


def with_phones(text: str, *phones: str | None) -> Bubble:
    contacts = [{"phone": phone} if phone else {} for phone in phones]
    [bubble] = bubbles(body_of(text, referral={"contacts": contacts}))
    return bubble


def marked(bubble: Bubble, kind: str) -> list[str]:
    """The parts of a text that entities of a kind mark, found as Telegram finds them."""
    raw = bubble.text.encode("utf-16-le")
    return [
        raw[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
        for one in bubble.entities
        if one["type"] == kind
    ]


def shown(reply: Reply) -> list[Bubble]:
    return bubbles(reply_body(reply.messages()), footer_lines(CONTENT))


def test_the_texts_of_a_turn_are_one_bubble() -> None:
    assert bubbles(body_of("One.", "Two\n\nthree.")) == [Bubble("One.\n\nTwo\n\nthree.", ())]


@pytest.mark.parametrize("texts", [(), ("",), (" \n",), ("\u200b",)])
def test_nothing_to_say_is_no_bubble(texts: tuple[str, ...]) -> None:
    assert bubbles(body_of(*texts)) == []


def test_messages_without_text_are_passed_over() -> None:
    body = {"messages": [{"text": None}, {"image": "x"}, {"text": "One."}, {"text": " "}]}

    assert bubbles(body) == [Bubble("One.", ())]


def test_places_count_in_utf_16() -> None:
    [bubble] = bubbles(body_of("🙂 **two 🙂**", "then [x🙂](https://good.example)"))

    assert bubble.text == "🙂 two 🙂\n\nthen x🙂"
    assert bubble.entities == (
        {"type": "bold", "offset": 3, "length": 6},
        {"type": "text_link", "offset": 16, "length": 3, "url": "https://good.example"},
    )
    assert json.loads(json.dumps(bubble.entities)) == list(bubble.entities)


def test_lines_end_as_anywhere() -> None:
    assert bubbles(body_of("- one\r\n- two\r- three"))[0].text == "• one\n• two\n• three"


def test_disclaimers_and_the_source_line_are_in_italics() -> None:
    small = ["Not medical advice.", "In two\nlines.", "From my source: {sections}."]
    text = "Not medical advice.\nIn two\nlines.\nFrom my source: A; B.\nFrom my source: C."
    sources = [{"section": "A"}, {"section": "B"}]

    [bubble] = bubbles(body_of("This is Not medical advice.", text, sources=sources), small)

    expected = ["Not medical advice.", "In two", "lines.", "From my source: A; B."]
    assert marked(bubble, "italic") == expected


@pytest.mark.parametrize(
    ("text", "phone", "found"),
    [
        ("call 988 now", "988", ["988"]),
        ("on 116 123, free", "116123", ["116 123"]),
        ("on 1-800-222-1222.", "18002221222", ["1-800-222-1222"]),
        ("on 1 (800) 222\u00a01222!", "18002221222", ["1 (800) 222\u00a01222"]),
        ("on +44 116 123", "+44 116 123", ["+44 116 123"]),
        ("911 or 911", "911", ["911", "911"]),
        ("(112)", "112", ["112"]),
        ("9911 and 1-911 and 911-5 and E911 and 911st", "911", []),
        ("9 1 1", "911", ["9 1 1"]),
        ("in 9\n11", "911", []),
    ],
)
def test_numbers_to_call_stand_out(text: str, phone: str, found: list[str]) -> None:
    bubble = with_phones(text, phone)

    assert bubble.text == text
    assert marked(bubble, "phone_number") == marked(bubble, "bold") == found


def test_a_contact_without_a_number_marks_nothing() -> None:
    assert with_phones("Call your local number.", None, "") == Bubble("Call your local number.", ())


def test_a_number_in_bold_is_not_marked_bold_twice() -> None:
    bubble = with_phones("**call 116** 123 or **988**", "116123", "988")

    assert marked(bubble, "bold") == ["call 116 123", "988"]
    assert marked(bubble, "phone_number") == ["116 123", "988"]


def test_a_number_in_a_link_is_left_to_the_link() -> None:
    bubble = with_phones("[call 988](https://988.example) or 988", "988")

    assert marked(bubble, "phone_number") == ["988"]
    assert bubble.entities[-1]["offset"] == 12


def test_longer_than_a_message() -> None:
    paragraph = " ".join(["A sentence of words."] * 60)

    found = bubbles(body_of(*[paragraph] * 8))

    assert [bubble.text for bubble in found] == ["\n\n".join([paragraph] * 3)] * 2 + [
        "\n\n".join([paragraph] * 2)
    ]


def test_no_more_entities_than_telegram_takes() -> None:
    found = bubbles(body_of(" ".join(["**a**"] * 250)))

    assert [len(bubble.entities) for bubble in found] == [100, 100, 50]


def test_plain_is_the_same_text() -> None:
    [bubble] = bubbles(body_of("**a** b"))

    assert plain(bubble) == Bubble("a b", ())
    assert bubble.entities


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("topic", ANSWER_TOPICS)
def test_the_foot_of_every_answer_is_known(topic: str, later: bool) -> None:
    view = View(frozenset(CONTENT.disclaimers) if later else frozenset())
    reply = Composer(CONTENT).answer([Part("answer", topic)], view)

    [bubble] = shown(reply)

    assert marked(bubble, "italic") == reply.texts[-1].split("\n")
    assert len(marked(bubble, "italic")) == len(reply.disclaimers) + 1


@pytest.mark.parametrize("region", ["", "us", "gb", "ie", "de", "zz"])
@pytest.mark.parametrize("outcome", ["crisis", "emergency", "unavailable"])
def test_every_number_of_an_urgent_reply_stands_out(outcome: str, region: str) -> None:
    reply = urgent_reply(CONTENT, outcome, region)

    [bubble] = shown(reply)

    assert reply.referral
    phones = {one["phone"] for one in reply.referral["contacts"] if "phone" in one}
    assert {number.replace(" ", "") for number in marked(bubble, "phone_number")} == phones
    assert marked(bubble, "bold") == marked(bubble, "phone_number")
    assert bubble.text == "\n\n".join(reply.texts).replace("\n- ", "\n• ")


LINES = st.sampled_from(
    [
        "A plain sentence of some words. ", "**bold 🙂** ", "[link](https://x.example/a) ", "\n\n",
        "\n- ", "Not medical advice.", "\nNot medical advice.\n", "call 116 123 ", "  ", "**", "](",
        "🇮🇪👨\u200d👩\u200d👧 ", "wordwithoutend" * 60, "中文。" * 40, "[988](tel:988)",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(LINES, max_size=40).map("".join), max_size=4))
def test_bubbles_are_what_telegram_takes(texts: list[str]) -> None:
    contacts = [{"phone": "116123"}, {"phone": "988"}]
    found = bubbles(body_of(*texts, referral={"contacts": contacts}), {"Not medical advice."})

    for bubble in found:
        raw = bubble.text.encode("utf-16-le")
        assert 0 < len(raw) // 2 <= LIMIT
        assert bubble.text == bubble.text.strip()
        assert len(bubble.entities) <= MOST_ENTITIES
        for one in bubble.entities:
            assert 0 <= one["offset"] < one["offset"] + one["length"] <= len(raw) // 2
        assert all(text == text.strip() != "" for text in marked(bubble, "text_link"))
        assert all(
            "".join(text.split()) in ("116123", "988") for text in marked(bubble, "phone_number")
        )
    assert all(text.strip() for text in texts) or len(found) >= bool("".join(texts).strip())


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(st.characters(categories=("L", "N", "P", "S", "Z")), max_size=300), max_size=3)
)
def test_text_without_marks_is_shown_character_for_character(texts: list[str]) -> None:
    texts = [text.translate(dict.fromkeys(map(ord, "*[-\r\n"), "x")) * 30 for text in texts]
    rest = "\n\n".join(text for text in texts if text.strip())

    for bubble in bubbles(body_of(*texts)):
        rest = rest.lstrip()
        assert rest.startswith(bubble.text)
        rest = rest[len(bubble.text) :]
    assert rest.strip() == ""
