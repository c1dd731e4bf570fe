"""Net of last resort: a few plain patterns for danger, for when the model cannot answer.

High precision, low recall by design (regular expressions alone find about a third of crisis
messages, docs/understanding.md): it stands behind the classifier, never before it.
"""

from __future__ import annotations

import re

from bot.nlu.text import clean

_I = r"\bi(?:'?m| am|'?ve| have|'?d| would|'?ll| will| just| really| only)*\s+"
_CRISIS = (
    _I + r"(?:want|wanna|wish|plan|planning|going|gonna|need|ready|thinking of|feel like)\b.{0,25}"
    r"\b(?:die|dying|dead|kill(?:ing)? myself|end(?:ing)? (?:it all|my life|things|it)|"
    r"suicide|not wake up|disappear for ?ever|hurt(?:ing)? myself|unalive)\b",
    r"\b(?:kill|killing|hurt|hurting|harm|harming|cut|cutting|unalive)(?:ed)? ?my ?self\b",
    r"\bend(?:ing)? (?:my (?:own )?life|it all)\b",
    r"\b(?:i am|i'?m|feel(?:ing)?|been|getting) suicidal\b",
    r"\b(?:better off (?:dead|without me)|no reason to (?:live|go on)|don'?t want to "
    r"(?:live|be alive|be here|wake up)(?: any ?more)?|can'?t (?:go on|do this any ?more))\b",
    r"\b(?:kms|suicide note|goodbye note|take my own life|taking my own life)\b",
    r"\b(?:says?|said|wants?|threaten\w*|talk\w*|trying|tried)\b.{0,25}\b(?:kill(?:ing)? "
    r"(?:him|her|them)sel(?:f|ves)|end(?:ing)? (?:his|her|their) life)\b",
    r"\bhow much\b.{0,30}\b(?:would|will|to|could) (?:it take to )?(?:kill|end) (?:me|myself)\b",
)
_EMERGENCY = (
    r"\b(?:can'?t|cannot|can not|struggling to) breathe? (?:right now|now|at all|anymore)\b",
    r"\b(?:help|call)\b.{0,20}\b(?:can'?t|cannot|not|isn'?t) breath(?:e|ing)\b",
    r"\b(?:is|has|he'?s|she'?s|they'?re|they are|i'?m|i am)\b.{0,20}"
    r"\b(?:unconscious|unresponsive|overdos(?:ed|ing)|having a seizure|having a stroke|"
    r"having a heart attack|not breathing|stopped breathing|turning blue|passed out)\b",
    r"\b(?:won'?t|will not|can'?t) wake (?:him|her|them) up\b",
    r"\b(?:took|taken|swallowed) (?:too much|too many|all (?:of )?(?:my|the)|an overdose)\b",
    r"\b(?:crushing|severe|terrible|really bad) (?:chest pain|pain in my chest)\b",
)
_NETS = {
    "crisis": re.compile("|".join(_CRISIS), re.IGNORECASE),
    "emergency": re.compile("|".join(_EMERGENCY), re.IGNORECASE),
}


def screen(text: str) -> str | None:
    """Return `crisis` or `emergency` if a pattern says so, else None. Crisis comes first."""
    plain = clean(text).replace("\n", " ")
    return next((outcome for outcome, net in _NETS.items() if net.search(plain)), None)
