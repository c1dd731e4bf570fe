"""An answer names the claims that it makes: no more, and no fewer.

A claim is known by the words that answers use for it. Whoever words an answer anew may have to add
them here; whoever makes a claim without naming it, or names one that is not made, is told.
"""

from __future__ import annotations

import re

import pytest

from bot.content.model import Answer
from tests.content.helpers import CONTENT

SIGNS = {
    "major_challenge": r"major challenge",
    "symptoms_last": r"weeks or months|What Long COVID is, and its symptoms",
    "people_seek_treatment": r"still (?:looking|searching) for",
    "ketamine_shows_promise": r"shown promise|studying several possible",
    "called_pasc": r"PASC",
    "affects_many": r"large number of",
    "symptom_fatigue": r"Extreme tiredness, also|Extreme tiredness is one|body, thinking"
    r"|many symptoms",
    "symptom_brain_fog": r"Trouble with thinking, often|trouble with thinking\.|body, thinking"
    r"|many symptoms|Brain fog can make",
    "symptom_headaches": r"Headaches",
    "symptom_muscle_weakness": r"Muscle weakness",
    "symptom_joint_pain": r"Joint pain|joint pain|many symptoms",
    "symptom_mood": r"weakness\.\n- Depression and|anxiety are also on|thinking and mood",
    "symptom_breathlessness": r"Shortness of breath",
    "daily_life": r"daily life",
    "treatment_needed": r"badly needed",
    "ketamine_being_studied": r"being studied|still studying it|might help with inflammation"
    r"|are interested",
    "calms_inflammation": r"effect against inflammation strong|calm inflammation",
    "fewer_cytokines": r"cytokines",
    "fewer_immune_cells": r"immune cells",
    "may_ease_inflammation": r"ease some of the lasting inflammation|Inflammation \(the body",
    "inflammation_linked": r"inflammation (?:is )?linked with",
    "brain_fog_troubling": r"among the hardest parts",
    "neuroplasticity_meaning": r"neuroplasticity",
    "may_help_thinking": r"help with brain fog|form new links",
    "bdnf_supports_growth": r"raising BDNF",
    "mood_conditions": r"anxiety or PTSD|live with these conditions",
    "may_lift_mood": r"relief from depression|act quickly against depression",
    "chronic_pain_occurs": r"chronic pain",
    "may_ease_pain": r"relief to people with Long COVID who have|Lasting pain",
    "nmda_blocking": r"NMDA|change how pain is felt",
    "fatigue_case_reports": r"case reports|Extreme tiredness\.|mood, pain and tiredness",
    "fatigue_mechanism_unclear": r"not fully understood",
    "promise_with_cautions": r"not proven\. Ketamine|misused\.|Reasons to be careful"
    r"|shown promise, but",
    "more_research": r"More research is needed|says that more research"
    r"|[Ll]arge(?:, controlled)? studies|what is not\?",
    "responses_vary": r"may not all respond|respond to ketamine in different",
    "qualified_only": r"[Qq]ualified (?:professionals|ketamine prescriber)|Who would give",
    "side_effects_and_misuse": r"[Ss]ide effects",
    "part_of_plan": r"part of (?:a (?:wider|full)|care)|not stand alone|rest of my care",
    "promise_needs_research": r"promising|promise, but more|PTSD in people with Long COVID\. More",
    "several_symptoms": r"act on several|mood, pain and tiredness",
    "trials_clearer_picture": r"Clinical trials|clearer view|What may come next",
    "talk_to_providers": r"[Tt]alk with your healthcare|go through (?:all )?the options"
    r"|through all the options|talk it through|tell a doctor|all the options",
    "hope": r"There is hope|Researchers are looking",
}


@pytest.mark.parametrize("answer", CONTENT.answers.values(), ids=lambda answer: answer.topic)
def test_an_answer_names_the_claims_that_it_makes(answer: Answer) -> None:
    body = f"{answer.text}\n{answer.more}"
    made = {claim for claim, sign in SIGNS.items() if re.search(sign, body, re.MULTILINE)}

    assert made == set(answer.claims)


def test_every_claim_has_its_sign() -> None:
    assert set(SIGNS) == set(CONTENT.claims)
