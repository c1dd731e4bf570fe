"""E-mail addresses, handles, links and phone numbers, and what only looks like them."""

import pytest

from bot.records.addresses import find_addresses
from bot.records.spans import replace


def redact(text: str) -> str:
    return replace(text, find_addresses(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to john.smith+x@mail.example.org.", "write to [email]."),
        ("(<john@example.org>)", "(<[email]>)"),
        ("mailto:john@example.org", "[email]"),
        ("o'neil_1@exämple.org, ok", "[email], ok"),
        ("john @ example.org", "[email]"),
        ("john at gmail dot com", "[email]"),
        ("john (at) gmail.com", "[email]"),
        ("john [AT] mail [DOT] org!", "[email]!"),
        ("thanks @sarah_j!", "thanks [name]!"),
        ("two@a.org and three@b.org", "[email] and [email]"),
        ("meet @ 5pm", "meet @ 5pm"),
        ("it cost me @ 3.50", "it cost me @ 3.50"),
        ("at home i look at dots", "at home i look at dots"),
        ("@", "@"),
    ],
)
def test_emails_and_handles(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://user:pw@example.org/a?b=c#d now", "see [email] now"),
        ("see HTTPS://example.org/a?b=c#d now", "see [link] now"),
        ("www.example.de", "[link]"),
        ("look at example.com", "look at [link]"),
        ("my-site.example.co.uk/me, right", "[link], right"),
        ("t.me/somebody", "[link]"),
        ("(www.example.org) 'https://a.b/c?d=(e)'.", "([link]) '[link])'."),
        ("it hurts.me too, the pain.in my leg", "it hurts.me too, the pain.in my leg"),
        ("and/or, 0.5 mg/kg, e.g. this", "and/or, 0.5 mg/kg, e.g. this"),
    ],
)
def test_links(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "number",
    [
        "+44 20 7946 0958",
        "020 7946 0958",
        "07700 900123",
        "(212) 555-0147",
        "212.555.0147",
        "+1-202-555-0147",
        "2025550147",
        "555-1234",
        "+353 87 123 4567",
        "087 123 4567",
        "0412 345 678",
        "+91 98765 43210",
        "943 476 5919",
    ],
)
def test_phone_numbers(number: str) -> None:
    assert redact(f"ring me on {number} please") == "ring me on [phone] please"


@pytest.mark.parametrize(
    "text",
    [
        "call 988, 911, 112 or 116 123",
        "0.5 mg/kg over 40 minutes, 3 times a week",
        "since 2021-05-03, or 12/05/2021, or 12.05.2021",
        "100 200 300 400 mg",
        "in 2019 2020 2021 and 2022",
        "1 2 3 4 5 6 7 8 9 10",
        "4 8 15 16 23 42",
        "one in 1000000",
        "10-20-30 and 5 out of 10",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == text


def test_regions_decide_which_local_numbers_are_known() -> None:
    text = "ring 6123 4567 today"
    assert replace(text, find_addresses(text, ["SG"])) == "ring [phone] today"
    assert redact(text) == text
