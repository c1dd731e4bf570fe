"""Keyboards say what the buttons say, and a tap leads back to its button."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.keyboards import buttons_of, keyboard, read_tap

BUTTONS = [
    {"title": "Is it proven?", "payload": "/ask_evidence"},
    {"title": "Is it safe?", "payload": "/ask_safe_administration"},
]


def test_a_button_a_row_and_the_payload_stays_here() -> None:
    assert keyboard(BUTTONS, "k-1_Z") == {
        "inline_keyboard": [
            [{"text": "Is it proven?", "callback_data": "k-1_Z:0"}],
            [{"text": "Is it safe?", "callback_data": "k-1_Z:1"}],
        ]
    }


def test_tapped_buttons_are_marked() -> None:
    made = keyboard(BUTTONS, "k", tapped={1})

    assert made
    texts = [row[0]["text"] for row in made["inline_keyboard"]]
    assert texts == ["Is it proven?", "✓ Is it safe?"]


def test_no_buttons_no_keyboard() -> None:
    assert keyboard([], "k") is None


@pytest.mark.parametrize("key", ["", "x" * 41, "a:b", "a b", "é", "a\n", "a/b"])
def test_keys_that_cannot_be_used(key: str) -> None:
    with pytest.raises(ValueError, match="Not a key for buttons"):
        keyboard(BUTTONS, key)


@given(
    key=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
    count=st.integers(1, 100),
    number=st.integers(0, 99),
)
def test_a_tap_leads_back_to_its_button(key: str, count: int, number: int) -> None:
    made = keyboard([{"title": f"Button {at}"} for at in range(count)], key)
    number %= count

    assert made
    [button] = made["inline_keyboard"][number]
    assert len(button["callback_data"].encode()) <= 64
    assert read_tap(button["callback_data"]) == (key, number)


@pytest.mark.parametrize(
    "data",
    [
        None, 5, b"k:1", "", "k", "k:", ":1", "k:x", "k:-1", "k:1:2", "k:1 ", "k:1\n", "k:٣",
        "k:12345", f"{'x' * 41}:1", {"k": 1},
    ],
)  # fmt: skip
def test_taps_that_are_not_ours(data: object) -> None:
    assert read_tap(data) is None


def test_the_buttons_of_a_reply_in_their_order() -> None:
    body: dict[str, Any] = {
        "messages": [
            {"text": "one", "buttons": BUTTONS[:1]},
            {"text": "two"},
            {"text": "three", "buttons": None},
            {"text": "four", "buttons": BUTTONS[1:]},
        ],
        "custom": {},
    }

    assert buttons_of(body) == BUTTONS
    assert buttons_of({"messages": []}) == []
