"""Every region gets its own contacts, each in a line that stands alone."""

from __future__ import annotations

import re

import pytest

from tests.content.helpers import CONTENT


def ids_for(kinds: tuple[str, ...], region: str) -> list[str]:
    return [contact.id for contact in CONTENT.contacts_for(kinds, region)]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us", ["lifeline_988", "find_a_helpline", "emergency_911", "emergency_local"]),
        ("CA ", ["lifeline_988", "find_a_helpline", "emergency_911", "emergency_local"]),
        ("gb", ["samaritans", "find_a_helpline", "emergency_999", "emergency_local"]),
        ("uk", ["samaritans", "find_a_helpline", "emergency_999", "emergency_local"]),
        (
            "ie",
            ["samaritans", "find_a_helpline", "emergency_999", "emergency_112", "emergency_local"],
        ),
        ("de", ["find_a_helpline", "emergency_112", "emergency_local"]),
        ("eu", ["find_a_helpline", "emergency_112", "emergency_local"]),
        ("jp", ["find_a_helpline", "emergency_local"]),
        ("international", ["find_a_helpline", "emergency_local"]),
    ],
)
def test_a_region_gets_its_own_and_international_contacts(region: str, expected: list[str]) -> None:
    assert ids_for(("crisis", "directory", "emergency"), region) == expected


def test_no_region_gets_every_contact_of_the_kinds() -> None:
    assert ids_for(("poison", "crisis"), "") == [
        "poison_help_us",
        "nhs_111",
        "poison_local",
        "lifeline_988",
        "samaritans",
    ]
    assert len(ids_for(("emergency", "crisis", "poison", "directory"), "")) == len(CONTENT.contacts)
    assert ids_for((), "us") == []


@pytest.mark.parametrize("contact", CONTENT.contacts.values(), ids=lambda contact: contact.id)
def test_contact_lines_stand_alone(contact) -> None:
    digits = re.sub(r"\D", "", contact.text)

    assert "\n" not in contact.text
    assert digits == (contact.phone or "")
    if contact.url and not contact.phone:
        assert contact.url.removeprefix("https://") in contact.text
    assert contact.phone or contact.url or "local emergency number" in contact.text
