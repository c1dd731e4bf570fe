"""What a run may conclude from what it was asked for and what it held."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.ledger import Ledger

ALL = {"wanted": True, "whole": True, "coverage": "auto"}
HELD: dict[str, Any] = {"collected": 2, "selected": 2, "transcripts": [{}, {}]}


@pytest.mark.parametrize(
    ("changes", "covers"),
    [
        ({}, True),
        ({"whole": False}, False),
        ({"coverage": "off"}, False),
        ({"whole": False, "coverage": "on"}, True),
        ({"selected": 1, "transcripts": [{}]}, False),
        ({"transcripts": [{}]}, False),
        ({"collected": 0, "selected": 0, "transcripts": []}, False),
    ],
)
def test_coverage_is_measured_when_all_were_held_or_it_was_asked_for(
    changes: dict[str, Any], covers: bool
) -> None:
    assert Ledger(**{**ALL, **HELD, **changes}).covers is covers


@pytest.mark.parametrize(("wanted", "collected", "empty"), [(1, 0, True), (1, 1, 0), (0, 0, 0)])
def test_none_is_a_failure_only_where_some_were_wanted(
    wanted: bool, collected: int, empty: bool
) -> None:
    assert Ledger(bool(wanted), True, "auto", collected).empty is bool(empty)
