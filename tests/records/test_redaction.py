"""Redaction as a whole: identity goes, meaning stays, and it never fails."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.records import Redactor, redact_patterns

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    redactor = Redactor()
    assert not redactor.degraded
    return redactor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "my name is sarah jones and i live in leeds",
            "my name is [name] and i live in [place]",
        ),
        (
            "I can't go on. Tell Emma I love her. Mr Dobson has the key, 12 Acacia Road, NW1 6XE.",
            "I can't go on. Tell [name] I love her. Mr [name] has the key, [place].",
        ),
        (
            "Dr Patel (dr.patel@example.org, 020 7946 0958, www.example.org) in Leeds",
            "Dr [name] ([email], [phone], [link]) in [place]",
        ),
        ("my mum Margaret in Sheffield has Brain Fog", "my mum [name] in [place] has Brain Fog"),
    ],
)
def test_identity_goes(redactor: Redactor, text: str, expected: str) -> None:
    assert redactor(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Long COVID",
        "Ketamine",
        "how much ketamine can i take for Long COVID",
        "I want to kill myself tonight",
        "Brain Fog, Fatigue, Dizziness, Palpitations and Post-Exertional Malaise",
        "should I stop my Sertraline and try Esketamine or Spravato? 50 mg twice a week?",
        "call 988 or Samaritans on 116 123",
        "[name] wrote to [email]",
    ],
)
def test_meaning_stays(redactor: Redactor, text: str) -> None:
    assert redactor(text) == text


def test_without_a_model_patterns_remain_and_it_says_so() -> None:
    redactor = Redactor(models=["no_such_model"])
    assert redactor.degraded
    assert redactor("i'm tom, tom@example.org, from leeds") == "i'm [name], [email], from leeds"


def test_regions_are_passed_on() -> None:
    text = "ring 6123 4567 today"
    assert Redactor(regions=["SG"], models=[])(text) == "ring [phone] today"
    assert redact_patterns(text, ["SG"]) == "ring [phone] today"


def test_nothing_is_loaded_before_it_is_needed() -> None:
    def load(name: str) -> object:
        raise AssertionError(name)

    Redactor(load=load)


@pytest.mark.parametrize(
    "piece", ["a", "a@", "@", "1", "+1 ", "my name is ", "a.", "1 a street ", " "]
)
def test_a_huge_text_costs_little(redactor: Redactor, piece: str) -> None:
    began = time.process_time()
    result = redactor(piece * 200_000)
    assert time.process_time() - began < 5
    assert len(result) <= 10_000


def test_a_long_text_is_cut_between_words() -> None:
    text = "a " * 2498 + "tom@example.org"
    assert "tom" not in redact_patterns(text)


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
def test_it_never_raises(redactor: Redactor, text: str) -> None:
    redactor(text)
    redact_patterns(text)


@settings(max_examples=150, deadline=None)
@given(before=ANYTHING, address=st.emails(), after=ANYTHING)
def test_an_email_never_survives(redactor: Redactor, before: str, address: str, after: str) -> None:
    for text in (f"{before}{address}{after}", f"{before} {address} {after}"):
        assert address not in redactor(text)
        assert address not in redact_patterns(text)


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"\+1 ?[2-9]\d{2} ?[2-9]\d{2} ?\d{4}", fullmatch=True))
def test_a_phone_number_never_survives(number: str) -> None:
    assert number not in redact_patterns(f"ring {number} now")
