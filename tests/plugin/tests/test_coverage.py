"""Coverage: what counts, what is missing, and exceptions that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content import load_content
from bot.settings import ROOT
from tests.plugin.coverage import Coverage, exceptions, merged
from tests.plugin.heard import Button, Call
from tests.plugin.inventory import domain, inventory, rules, suggestions, tappable
from tests.plugin.tests.helpers import DOSING, heard, turn
from tests.plugin.transcript import Said
from tests.plugin.witness import witness

SMALL = {"topics": ("pain", "fatigue"), "rules": ("refer",)}
CONTENT = load_content()


def test_all_is_covered_or_excepted() -> None:
    coverage = Coverage(SMALL, {"topics: pain", "rules: refer"}, {"topics: fatigue": "why"})

    assert coverage.complete
    assert [line.split() for line in coverage.table()] == [
        ["covered", "of", "excepted"],
        ["topics", "1", "2", "1", "100%"],
        ["rules", "1", "1", "0", "100%"],
        ["all", "2", "3", "1", "100%"],
    ]


def test_what_is_missing_is_named() -> None:
    coverage = Coverage(SMALL, {"topics: pain"}, {})

    assert not coverage.complete
    assert coverage.missing == ["topics: fatigue", "rules: refer"]
    assert coverage.table()[-2:] == ["not covered: topics: fatigue", "not covered: rules: refer"]
    assert "50%" in coverage.table()[1]


def test_it_is_told_as_data_by_group() -> None:
    coverage = Coverage(SMALL, {"topics: pain"}, {"topics: fatigue": "why"})

    assert coverage.data() == {
        "topics": {"covered": 1, "of": 1, "missing": []},
        "rules": {"covered": 0, "of": 1, "missing": ["refer"]},
    }


@pytest.mark.parametrize("name", ["topics: pain", "topics: gone"])
def test_an_exception_that_is_none_is_named(name: str) -> None:
    all_of_it = {"topics: pain", "topics: fatigue", "rules: refer"}
    coverage = Coverage(SMALL, all_of_it, {name: "why"})

    assert not coverage.complete
    assert coverage.table()[-1] == f"excepted, but needs no exception: {name}"


def test_the_project_s_exceptions_have_reasons_and_exist() -> None:
    coverage = Coverage(inventory(), set(), exceptions())

    assert coverage.stale == []
    assert all(len(reason) > 20 for reason in coverage.excepted.values())


def test_an_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uncovered.yml"
    path.write_text("- names: ['topics: pain']\n  reason: ' '\n")

    with pytest.raises(ValueError, match=r"uncovered\.yml: no reason"):
        exceptions(path)


def test_workers_add_up() -> None:
    assert merged([["a", "b"], ["b", "c"]]) == {"a", "b", "c"}


def test_the_inventory_is_the_bot_s_own() -> None:
    listed = inventory()

    assert "ask_pain" in listed["intents"]
    assert "nlu_fallback" in listed["intents"]
    assert "action_session_start" in listed["actions"]
    assert "yes to the offer of a person" in listed["rules"]
    assert {"pain", "pain, more"} <= set(listed["answers"])
    assert "education_only, short" in listed["disclaimers"]
    assert "pain > /ask_inflammation" in set(suggestions(CONTENT))
    assert "/ask_pain" in set(tappable(CONTENT))
    assert all(len(set(names)) == len(names) for names in listed.values())


def test_rules_carry_their_conditions() -> None:
    known = {rule.name: rule for rule in rules(ROOT)}

    assert known["yes to the offer of a person"].slots == {"offer": "human"}
    assert known["reply to affirm"].slots == {}
    assert "affirm" in domain(ROOT)["intents"]


def said(**given: object) -> Said:
    return Said(turn(outcome="answer"), "hi", False, heard(**given))  # type: ignore[arg-type]


def test_a_text_counts_only_as_a_whole() -> None:
    answer, short = CONTENT.answers["pain"], CONTENT.disclaimers["education_only"].short

    whole = witness().of(said(text=answer.text), None)
    half = witness().of(said(text=answer.text[:-5]), None)
    footer = witness().of(said(text=f"{short}\nFrom my source: Outlook."), None)

    assert "answers: pain" in whole
    assert "answers: pain, more" not in whole
    assert "answers: pain" not in half
    assert {"disclaimers: education_only, short", "messages: source_line"} <= footer
    assert "disclaimers: education_only, full" not in footer


def test_a_button_counts_as_shown_and_as_tapped() -> None:
    answer, button = CONTENT.answers["pain"], Button("What?", "/ask_inflammation")

    shown = witness().of(said(text=answer.text, buttons=(button,)), None)
    tapped = witness().of(Said(turn(), "[What?]", True, heard()), heard(buttons=(button,)))
    typed = witness().of(Said(turn(), "/ask_inflammation", False, heard()), heard(buttons=()))

    assert "suggestions: pain > /ask_inflammation" in shown
    assert "buttons tapped: /ask_inflammation" not in shown
    assert "buttons tapped: /ask_inflammation" in tapped
    assert "buttons tapped: /ask_inflammation" not in typed


def test_a_contact_counts_only_if_the_text_has_it() -> None:
    given = witness().of(said(text="Call NHS 111.", custom=DOSING), None)
    lost = witness().of(said(text="Call.", custom=DOSING), None)

    assert {"contacts: nhs_111", "referrals: pharmacist", "outcomes: dosing"} <= given
    assert "contacts: nhs_111" not in lost


@pytest.mark.parametrize(
    ("offer", "action", "rule"),
    [
        ("human", "action_escalate", "yes to the offer of a person"),
        (None, "action_smalltalk", "reply to affirm"),
    ],
)
def test_the_rule_is_the_one_whose_conditions_held(
    offer: str | None, action: str, rule: str
) -> None:
    call = Call(action, "affirm", {"offer": offer})

    found = witness().of(said(calls=(call,)), None)

    assert {f"rules: {rule}", "intents: affirm", f"actions: {action}"} <= found
    assert sum(name.startswith("rules: ") for name in found) == 1


def test_a_turn_that_broke_exercised_nothing() -> None:
    assert witness().of(Said(turn(), "hi", False, None, broke="no"), None) == set()
