"""Symptoms joined in a list are found, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from bot.nlu.symptoms import listed


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("does it help with pain and fatigue", ["pain", "fatigue"]),
        ("fog + fatigue + joints, ketamine?", ["brain_fog", "fatigue", "pain"]),
        ("what about memory problems and depression", ["brain_fog", "mental_health"]),
        ("low mood, aching joints & exhaustion", ["pain", "fatigue"]),
        ("headaches or anxiety", ["pain", "mental_health"]),
        ("inflammation as well as the tiredness", ["inflammation", "fatigue"]),
        ("cytokines, BDNF, NMDA", ["inflammation", "brain_fog", "pain"]),
    ],
)
def test_symptoms_joined_in_a_list_are_each_found(text: str, topics: list[str]) -> None:
    assert [topic for topic in topics if topic in listed(text)] == topics


@pytest.mark.parametrize(
    "text",
    [
        "does ketamine help with pain",
        "aches and pains",
        "depression and anxiety",
        "memory and concentration",
        "I am tired of this, so tell me how it works on the brain fog",
        "the pain is bad today and my doctor says that ketamine may help mood",
        "",
    ],
)
def test_one_symptom_or_symptoms_apart_are_no_list(text: str) -> None:
    assert listed(text) == []
