"""References can be read out, and conversation references give nothing away."""

import re

import pytest

from bot.records.references import (
    ALPHABET,
    conversation_reference,
    message_digest,
    message_key,
    new_reference,
    normal_reference,
)


def test_a_reference_has_six_characters_that_are_not_mistaken_for_each_other() -> None:
    for _ in range(200):
        assert re.fullmatch(rf"E-[{ALPHABET}]{{6}}", new_reference("E"))
    assert not set("01OILUAEY") & set(ALPHABET)


def test_no_reference_looks_like_an_amount_of_a_medicine() -> None:
    units = ("G", "MG", "MCG", "UG", "ML", "IU", "UNITS", "GRAMS", "PILLS", "DROPS")
    assert not any(set(unit) <= set(ALPHABET) for unit in units)


def test_references_differ() -> None:
    assert len({new_reference("F") for _ in range(500)}) == 500


def test_a_reference_is_found_however_it_was_typed() -> None:
    assert normal_reference("  e-7f3k2q ") == "E-7F3K2Q"


def test_a_conversation_reference_is_stable_keyed_and_short() -> None:
    reference = conversation_reference("sender-1", b"secret")
    assert re.fullmatch("[0-9a-f]{16}", reference)
    assert reference == conversation_reference("sender-1", b"secret")
    assert reference != conversation_reference("sender-2", b"secret")
    assert reference != conversation_reference("sender-1", b"another secret")


def test_half_a_surrogate_pair_is_accepted() -> None:
    assert conversation_reference("\ud800", b"secret")
    assert message_digest("\ud800") != message_digest("\ud801")


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        conversation_reference("sender", b"")


def test_a_message_key_tells_messages_of_one_and_of_two_senders_apart() -> None:
    keys = [
        message_key("sender-1", "7"),
        message_key("sender-2", "7"),
        message_key("sender-1", "8"),
        message_key("sender-1", None, 7),
        message_key("sender-1", "", 8),
    ]
    assert len(set(keys)) == len(keys)
    assert message_key("sender-1", "7", 1) == message_key("sender-1", "7", 2)
