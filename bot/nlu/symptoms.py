"""Symptoms that a message lists: "does it help with pain and fatigue?" asks two things.

A sentence encoder sees one sentence there. What is joined in a list is found by its words: a small
lexicon of the symptom topics, and the gap between two of them.
"""

from __future__ import annotations

import itertools
import re

_WORDS = {
    "pain": r"pains?|painful|aches?|ache?y|head?aches?|migraines?|joints?|sore\w*|nmda",
    "fatigue": r"fatigued?|fatige|tired(?:ness)?|tierd|exhaust\w*|energy|shattered|knackered",
    "brain_fog": r"(?:brain )?fog\w*|brian fog|memory|concentrat\w*|focus|thinking|cognit\w*|bdnf",
    "mental_health": r"depress\w*|anxi\w*|mood|ptsd|trauma|sad(?:ness)?|panic",
    "inflammation": r"inflam\w*|cytokines?|immune \w+",
}
_SYMPTOM = re.compile(
    r"\b(?:" + "|".join(f"(?P<{topic}>{words})" for topic, words in _WORDS.items()) + r")\b",
    re.IGNORECASE,
)
# Between two members of a list: a comma, plus or "and", at most one word before ("memory problems
# and …") and two after it ("… and the joint …").
_JOINT = re.compile(
    r"(?: \w+)?\W*(?:,|\+|&|/|\b(?:and|n|or|plus|as well as)\b)\W*(?:\w+\W+){0,2}", re.IGNORECASE
)


def listed(text: str) -> list[str]:
    """Return the symptom topics that the text joins in a list, in its order; else nothing."""
    found = [(match, str(match.lastgroup)) for match in _SYMPTOM.finditer(text)]
    topics: list[str] = []
    for (one, first), (other, second) in itertools.pairwise(found):
        if first != second and _JOINT.fullmatch(text[one.end() : other.start()]):
            topics += [first, second]
    return list(dict.fromkeys(topics))
