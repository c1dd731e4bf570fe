"""Every word and every sentence of doubt in an answer stays: the source doubts, and so do we.

The numbers are a floor. Whoever words an answer anew may well write more of either; to write fewer
is a change of what the bot claims, to be made here and reviewed as such.
"""

from __future__ import annotations

import re

import pytest

from tests.content.helpers import BODIES, CONTENT

HEDGE = re.compile(
    r"\b(?:may|might|could|possibly|possibilities|possible treatments|promis(?:e|ing)|case reports"
    r"|not (?:yet )?(?:fully|proven)|(?:is|are) (?:still )?needed)\b",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"research is needed|not (?:yet )?(?:fully|proven)|not proof|does not (?:say|list|make|call"
    r"|mention|depend)|no promises|gives no|studies are (?:still )?needed|may not all respond"
    r"|only says|not a (?:solution|review)|nobody can promise|early sign|leaves out",
    re.IGNORECASE,
)
# Of each text: least number of hedges, and of sentences that limit what was said.
FLOORS = {
    "brain_fog.text": (5, 1),
    "brain_fog.more": (4, 3),
    "consult_provider.text": (1, 0),
    "consult_provider.more": (2, 0),
    "evidence.text": (5, 3),
    "evidence.more": (4, 2),
    "fatigue.text": (4, 3),
    "fatigue.more": (2, 3),
    "individual_response.text": (3, 1),
    "individual_response.more": (3, 2),
    "inflammation.text": (3, 1),
    "inflammation.more": (2, 3),
    "ketamine_overview.text": (4, 1),
    "ketamine_overview.more": (6, 2),
    "long_covid_definition.text": (0, 0),
    "long_covid_definition.more": (0, 0),
    "long_covid_impact.text": (0, 1),
    "long_covid_impact.more": (0, 0),
    "long_covid_symptoms.text": (0, 0),
    "long_covid_symptoms.more": (0, 0),
    "mental_health.text": (3, 1),
    "mental_health.more": (3, 2),
    "outlook.text": (4, 1),
    "outlook.more": (1, 2),
    "pain.text": (3, 1),
    "pain.more": (2, 1),
    "safe_administration.text": (2, 2),
    "safe_administration.more": (1, 1),
    "source.text": (3, 1),
    "source.more": (2, 3),
    "treatment_plan.text": (2, 3),
    "treatment_plan.more": (4, 2),
    "education_only.full": (0, 0),
    "ketamine_early_evidence.full": (2, 1),
    "qualified_professionals_only.full": (0, 0),
    "education_only.short": (0, 0),
    "ketamine_early_evidence.short": (1, 1),
    "qualified_professionals_only.short": (0, 0),
}
TEXTS = {
    **BODIES,
    **{f"{one.id}.full": one.full for one in CONTENT.disclaimers.values()},
    **{f"{one.id}.short": one.short for one in CONTENT.disclaimers.values()},
}


@pytest.mark.parametrize("place", TEXTS)
def test_doubt_stays(place: str) -> None:
    least_hedges, least_limits = FLOORS[place]
    sentences = re.split(r"(?<=[.?!])\s+", TEXTS[place])

    assert len(HEDGE.findall(TEXTS[place])) >= least_hedges
    assert sum(bool(LIMIT.search(sentence)) for sentence in sentences) >= least_limits


def test_every_text_has_its_floor() -> None:
    assert set(FLOORS) == set(TEXTS)
