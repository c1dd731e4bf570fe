"""Each check finds its difference, and says what was expected and what came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.records import Records, upgrade
from tests.plugin.checks import CHECKS, differences
from tests.plugin.format import SAID, schema
from tests.plugin.heard import Heard
from tests.plugin.tests.helpers import ANSWER, DOSING, heard, turn


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Records]:
    """Records of the test's own."""
    url = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    upgrade(url)
    records = Records(url)
    yield records
    records.close()


def told(own: Records, reply: Heard, **checks: Any) -> list[tuple[str, str, str]]:
    found = differences(turn(**checks), reply, own)
    return [(one.key, one.expected, one.got) for one in found]


def test_every_key_of_the_format_is_checked() -> None:
    assert set(CHECKS) == set(schema()["definitions"]["turn"]["properties"]) - SAID


@pytest.mark.parametrize(
    "checks",
    [
        {"outcome": "answer", "topic": "pain", "parts": ANSWER["parts"]},
        {"contains": "may", "lacks": ["cure"], "words": 3, "grade": 8},
        {"disclaimers": ["education_only"], "claims": ["may_ease_pain"], "row": False},
        {"sources": ["Pain Management"], "referral": False, "contacts": []},
        {"buttons": ["Is it safe?"]},
        {"buttons": ["/ask_safe_administration"]},
    ],
)
def test_a_reply_as_expected_has_no_difference(own: Records, checks: dict[str, Any]) -> None:
    assert told(own, heard(), **checks) == []


@pytest.mark.parametrize(
    ("checks", "expected", "got"),
    [
        ({"outcome": "dosing"}, "dosing", "answer (pain)"),
        ({"topic": "fatigue"}, "fatigue", "pain"),
        ({"topic": None}, "no topic", "pain"),
        ({"parts": [{"outcome": "dosing"}]}, "dosing", "answer/pain"),
        ({"contains": "It may helps"}, "'It may helps'", "nearest: 'It may help.'"),
        ({"contains": ["zzz"]}, "'zzz'", "no such"),
        ({"lacks": "may"}, "no 'may'", "'It may help.'"),
        ({"disclaimers": ["x"]}, "x", "education_only, ketamine_early_evidence"),
        ({"disclaimers": []}, "none", "education_only, ketamine_early_evidence"),
        ({"sources": ["Outlook"]}, "Outlook", "Pain Management"),
        ({"sources": []}, "none", "Pain Management"),
        ({"claims": ["x", "may_ease_pain"]}, "x", "may_ease_pain, nmda_blocking"),
        ({"buttons": ["Why?"]}, "Why?", "Is it safe? (/ask_safe_administration)"),
        ({"buttons": []}, "none", "Is it safe? (/ask_safe_administration)"),
        ({"words": 2}, "2 words or fewer", "3: It may help."),
        ({"grade": -9}, "grade -9 or lower", ": It may help."),
        ({"row": "dosing"}, "dosing, open", "nothing recorded"),
        ({"contacts": ["nhs_111"]}, "nhs_111", "none"),
        ({"referral": "crisis"}, "crisis", "no referral"),
    ],
)
def test_a_difference_is_told(
    own: Records, checks: dict[str, Any], expected: str, got: str
) -> None:
    ((key, wanted, came),) = told(own, heard(), **checks)

    assert (key, wanted) == (next(iter(checks)), expected)
    assert got in came


def test_a_referral_is_compared_in_kind_and_in_whom_to_ask(own: Records) -> None:
    reply = heard("Call NHS 111.", DOSING, ())

    good = {"kind": "professional", "who": ["pharmacist"]}
    assert told(own, reply, referral=good, contacts=["nhs_111"], buttons=[]) == []
    assert told(own, reply, referral="human") == [("referral", "human", "professional")]
    missing = told(own, reply, referral={"kind": "professional", "who": ["poison_control"]})
    assert missing == [("referral", "poison_control", "prescriber, pharmacist")]
    assert told(own, reply, referral=False)[0][:2] == ("referral", "no referral")


def test_a_contact_must_stand_in_the_text_too(own: Records) -> None:
    found = told(own, heard("Nobody.", DOSING), contacts=["nhs_111"])

    assert found == [("contacts", "'Call NHS 111.' in the text", "a text without it")]


def test_a_row_is_looked_up_where_it_was_recorded(own: Records) -> None:
    reference = own.open_escalation(
        outcome="dosing", channel="rest", conversation="c", message_key="k", text="how much"
    )
    reply = heard(custom={**DOSING, "escalation": reference})

    assert told(own, reply, row="dosing") == []
    assert told(own, reply, row={"outcome": "dosing", "status": "open"}) == []
    assert told(own, reply, row="human") == [("row", "human, open", "dosing, open")]
    resolved = {"outcome": "dosing", "status": "resolved"}
    assert told(own, reply, row=resolved) == [("row", "dosing, resolved", "dosing, open")]
    assert told(own, reply, row=False) == [("row", "nothing recorded", "dosing, open")]


def test_a_reference_without_a_row_is_a_difference(own: Records) -> None:
    reply = heard(custom={**DOSING, "escalation": "E-222222"})

    assert told(own, reply, row="dosing") == [("row", "dosing, open", "no row E-222222")]


def test_what_is_not_kept_is_not_compared(own: Records) -> None:
    forgotten = heard("It is done.", custom=None, buttons=())

    assert told(own, forgotten, outcome="smalltalk", row=False, contains="It is done.") == []
    assert told(own, forgotten, contains="Sorry")[0][0] == "contains"


def test_the_first_difference_is_what_matters_most(own: Records) -> None:
    keys = [key for key, _, _ in told(own, heard(), contains="zzz", topic="x", outcome="dosing")]

    assert keys == ["outcome", "topic", "contains"]
