"""Updates: each is one of a few things or nothing, whatever comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.updates import (
    Gone,
    InGroup,
    Said,
    Self,
    Tapped,
    Unreadable,
    read_update,
)

ME = Self(7, "Guide_bot")
PRIVATE = {"id": 42, "type": "private"}
GROUP = {"id": -42, "type": "group"}


def message(kind: str = "message", chat: dict[str, Any] = PRIVATE, **fields: Any) -> Any:
    return {"update_id": 1, kind: {"message_id": 5, "chat": chat, **fields}}


def member(chat: dict[str, Any], before: str, now: str) -> Any:
    change = {"chat": chat, "old_chat_member": {"status": before}}
    return {"update_id": 1, "my_chat_member": {**change, "new_chat_member": {"status": now}}}


def tap(**changes: Any) -> Any:
    query = {"id": "9", "data": "key:0", "message": {"message_id": 5, "chat": PRIVATE}}
    return {"update_id": 1, "callback_query": query | changes}


@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_a_text(kind: str) -> None:
    assert read_update(message(kind, text="Hi \ud83e🫁\x00"), ME) == Said(1, 42, 5, "Hi 🫁")


def test_a_caption_is_a_text() -> None:
    assert read_update(message(photo=[{}], caption="Is it safe?"), ME) == Said(
        1, 42, 5, "Is it safe?"
    )


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "contact", "location"])
def test_what_is_not_text(kind: str) -> None:
    assert read_update(message(**{kind: {}}), ME) == Unreadable(1, 42, 5)


@pytest.mark.parametrize(
    ("group", "album"), [("13", "13"), ("a b", ""), ("x" * 61, ""), (13, ""), ("", "")]
)
def test_a_picture_of_an_album(group: object, album: str) -> None:
    update = message(photo=[{}], media_group_id=group)
    assert read_update(update, ME) == Unreadable(1, 42, 5, album)


@pytest.mark.parametrize(
    "update",
    [
        message(pinned_message={}),
        message(text="\x00"),
        message(text="Hi", **{"from": {"is_bot": True}}),
        message(chat={"type": "private"}, text="Hi"),
        message(chat={"id": "42", "type": "private"}, text="Hi"),
        message(chat={"id": True, "type": "private"}, text="Hi"),
        message(chat={"id": 2**63, "type": "private"}, text="Hi"),
        message(text="Hi", message_id=None),
        message(text="Hi") | {"update_id": -1},
        message(text="Hi") | {"update_id": 2**63},
        message(text="Hi") | {"update_id": "1"},
        message("channel_post", text="Hi"),
        {"update_id": 1, "message": []},
        {"message": {"message_id": 5}},
        tap(id=""),
        tap(id="9" * 61),
        tap(message=None),
        tap(message={"message_id": 5, "chat": GROUP}),
        tap(message={"chat": PRIVATE}),
        member({}, "left", "member"),
        member(PRIVATE, "kicked", "member"),
        member(GROUP, "member", "kicked"),
        member(GROUP, "member", "administrator"),
        {"update_id": 1, "my_chat_member": {"chat": GROUP}},
        None,
        [],
        "update",
    ],
)
def test_what_is_not_for_us(update: object) -> None:
    assert read_update(update, ME) is None


def test_a_tapped_button() -> None:
    assert read_update(tap(), ME) == Tapped(1, 42, "9", 5, "key:0")
    assert read_update(tap(data=None), ME) == Tapped(1, 42, "9", 5, "")
    # Of a message too old, Telegram sends little more than its number.
    old = {"message_id": 5, "date": 0, "chat": {"id": 42}}
    assert read_update(tap(message=old), ME) == Tapped(1, 42, "9", 5, "key:0")


def test_who_blocks_the_bot_is_gone() -> None:
    assert read_update(member(PRIVATE, "member", "kicked"), ME) == Gone(1, 42)


@pytest.mark.parametrize("now", ["member", "administrator"])
def test_the_bot_is_taken_into_a_group(now: str) -> None:
    assert read_update(member(GROUP, "left", now), ME) == InGroup(1, -42, "u1", "")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("/help", {}),
        ("/help@guide_BOT now", {}),
        ("what do you think, @guide_bot?", {}),
        ("I agree", {"reply_to_message": {"from": {"id": 7}}}),
    ],
)
def test_the_bot_is_spoken_to_in_a_group(text: str, more: dict[str, Any]) -> None:
    update = message(chat=GROUP, text=text, **more)
    assert read_update(update, ME) == InGroup(1, -42, "m5", text)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("hello all", {}),
        (" ", {}),
        ("/help@other_bot", {}),
        ("I agree", {"reply_to_message": {"from": {"id": 8}}}),
        ("I agree", {"reply_to_message": {"from": {}}}),
    ],
)
def test_others_talk_in_a_group(text: str, more: dict[str, Any]) -> None:
    assert read_update(message(chat=GROUP, text=text, **more), ME) is None


def test_in_a_group_an_edited_message_is_let_alone() -> None:
    assert read_update(message("edited_message", GROUP, text="/help"), ME) is None


def test_nobody_is_meant_while_the_bot_does_not_know_its_name() -> None:
    answer = {"reply_to_message": {"from": {"id": 0}}}
    assert read_update(message(chat=GROUP, text="@ hi", **answer), Self()) is None
    assert read_update(message(chat=GROUP, text="/help"), Self()) is not None


_KEYS = st.sampled_from(["update_id", "message", "edited_message", "callback_query", "chat", "id"])
_KEYS |= st.sampled_from(["my_chat_member", "text", "message_id", "from", "data", "type", "photo"])
_KEYS |= st.sampled_from(["new_chat_member", "status"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_KEYS, _JSON) | _JSON)
def test_nothing_is_an_error(data: object) -> None:
    read_update(json.loads(json.dumps(data)), ME)
