"""A button's wording, and a title, are about their topic and about no other."""

from __future__ import annotations

import re

import pytest

from tests.content.helpers import CONTENT

WORDS = {
    "long_covid_definition": r"[Ww]hat (?:is )?Long COVID",
    "long_covid_symptoms": r"[Ss]ymptoms",
    "long_covid_impact": r"daily life|Life with",
    "ketamine_overview": r"How might ketamine|Ketamine and Long COVID",
    "inflammation": r"inflammation",
    "brain_fog": r"[Bb]rain fog",
    "mental_health": r"[Mm]ental health",
    "pain": r"pain",
    "fatigue": r"[Ff]atigue",
    "evidence": r"proven|evidence",
    "individual_response": r"everyone|people respond",
    "safe_administration": r"safe|Safety",
    "treatment_plan": r"work alone|wider plan",
    "outlook": r"next",
    "consult_provider": r"[Ww]ho (?:should I ask|to talk to)",
    "source": r"from",
}


@pytest.mark.parametrize("topic", CONTENT.answers)
@pytest.mark.parametrize("field", ["question", "title"])
def test_the_wording_is_about_its_topic_alone(topic: str, field: str) -> None:
    wording = getattr(CONTENT.answers[topic], field)

    assert [name for name, words in WORDS.items() if re.search(words, wording)] == [topic]
