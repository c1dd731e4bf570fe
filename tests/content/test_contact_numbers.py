"""The numbers that people in danger are shown, and where each counts.

They stand here a second time on purpose: a slip in the content must not be what a test expects.
Change one here only after the service has confirmed it.
"""

from __future__ import annotations

from tests.content.helpers import CONTENT

EUROPEAN_UNION = {
    "at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu",
    "ie", "it", "lt", "lu", "lv", "mt", "nl", "pl", "pt", "ro", "se", "si", "sk",
}  # fmt: skip
NUMBERS = {
    "lifeline_988": ("crisis", "988", {"us", "ca"}),
    "samaritans": ("crisis", "116123", {"gb", "uk", "ie"}),
    "find_a_helpline": ("directory", None, {"international"}),
    "emergency_911": ("emergency", "911", {"us", "ca"}),
    "emergency_999": ("emergency", "999", {"gb", "uk", "ie"}),
    "emergency_112": ("emergency", "112", {"eu", *EUROPEAN_UNION}),
    "emergency_local": ("emergency", None, {"international"}),
    "poison_help_us": ("poison", "18002221222", {"us"}),
    "nhs_111": ("poison", "111", {"gb", "uk"}),
    "poison_local": ("poison", None, {"international"}),
}


def test_numbers_kinds_and_regions_are_those_that_were_confirmed() -> None:
    found = {one.id: (one.kind, one.phone, set(one.regions)) for one in CONTENT.contacts.values()}

    assert found == NUMBERS


def test_the_european_number_counts_in_all_its_countries() -> None:
    assert len(EUROPEAN_UNION) == 27
