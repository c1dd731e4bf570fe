"""Net of last resort: a few plain patterns for danger, for when the model cannot answer.

High precision, low recall by design: measured elsewhere, regular expressions alone find about a
third of crisis messages. It stands in for the classifier when that is down, never before it.
"""

from __future__ import annotations

import re

from bot.nlu.text import clean, without_payload

_END = (
    r"(?=\s*(?:$|[^\w\s'-]|(?:because|cause|since|and|but|so|or|after|please|today|tonight|now|"
    r"right)\b))"
)
_NOT = r"(?:do not|don'?t|dont|can ?not|can'?t|cant|do nt)"
_THEM = (
    r"(?:my (?:\w+ )?(?:mum|mom|mother|dad|father|parents?|wife|husband|partner|spouse|girlfriend|"
    r"boyfriend|son|daughter|child|kid|baby|brother|sister|gran\w*|nan|grand\w+|aunt\w*|uncle|"
    r"cousin|niece|nephew|friend|mate|flatmate|roommate|neighbour|neighbor|patient|colleague)|"
    r"he|she|they|him|her|them)"
)

_CRISIS = (
    r"\b(?:want|wanna|wants|wanting|wish|like|ready|going|gonna|plan|planning|need)(?: to| i was| i"
    r" were)? (?:die|be dead|unalive|kill (?:my|him|her|them)sel\w+|end (?:it all|(?:my|his|her|"
    rf"their) life)|disappear for ?ever|commit suicide){_END}",
    rf"\b(?:wish|rather|better off) (?:i (?:was|were) |be |if i (?:was|were) |being )?dead{_END}",
    r"\b(?:better off without me|nobody would miss me|no one would miss me)\b",
    r"\b(?:kill|killing|hurt|hurting|harm|harming|cut|cutting|unalive)(?:ed)? ?my ?self\b",
    r"\b(?:she|he|they|daughter|son|wife|husband|partner|friend) (?:keeps?|is|has been|was) "
    r"(?:self[- ]harming|(?:cutting|hurting|harming) (?:him|her|them)sel\w+)\b",
    r"\b(?:end(?:ing)? (?:my (?:own )?life|it all)|want it all to (?:end|stop))\b",
    r"\b(?:i am|i'?m|im|feel(?:ing)?|been|getting) (?:so |very |really )?suicidal\b",
    rf"\bi {_NOT} (?:want to|wanna) (?:live|be alive|exist|be here any ?more|wake up any ?more)"
    rf"(?: any ?more)?(?: like this)?{_END}",
    rf"(?:^|[.!?]+ +|\bi )(?:just )?{_NOT} go on(?: any ?more| like this| living)?{_END}",
    rf"(?:^|[.!?]+ +|\bi )(?:just )?{_NOT} do (?:this|life) any ?more{_END}",
    r"\b(?:no reason to (?:live|go on)|(?<!\d)(?<!\d )kms|suicide note|goodbye note|"
    r"tak(?:e|ing) my own life)\b",
    r"\bthinking (?:of|about) (?:suicide|killing myself|ending (?:it|my life))" + _END,
    r"\bhow much\b.{0,30}\b(?:would|will|to|could) (?:it take to )?(?:kill|end) (?:me|myself)\b",
    r"\bi have (?:the )?(?:pills|tablets|a gun|a rope)\b.{0,25}\b(?:use|take|do it)\b",
)
_ATTACK = r"having a (?:seizure|stroke|heart attack)"
_HAVING = r"\b(?:i have|i'?ve got|i'?m having|i am having)"
_EMERGENCY = (
    r"\b(?:i|he|she|my \w+) (?:can'?t|cannot|can not) breathe?(?: (?:right now|now|at all)|!+|$)",
    r"(?:^|[.!?]+ +)(?:help[ ,!]+)?can'?t breathe\b",
    rf"\b{_THEM} (?:is |has |'s )?(?:stopped breathing|not breathing|unconscious|unresponsive|"
    rf"turning blue|passed out|overdosed|overdosing|{_ATTACK}){_END}",
    rf"\b(?:i'?m|i am|i think i'?m) (?:overdosing|{_ATTACK}){_END}",
    rf"\b{_THEM} (?:has )?overdosed on (?:ket|k|pills|tablets|meds|medic|her|his|my|their)",
    rf"\b{_THEM} (?:won'?t|will not) wake up\b",
    r"\b(?:won'?t|will not|can'?t) wake (?:him|her|them) up\b",
    r"\b(?:took|taken|swallowed) (?:too much (?:ketamine|ket|k|medicine|medication)|too many "
    r"(?:pills|tablets)|all (?:of )?(?:my|the|her|his) (?:pills|tablets|medication|meds)|"
    r"an overdose)\b",
    rf"{_HAVING} (?:a )?(?:\w+ )?(?:chest pain|pain in my chest) (?:right )?now\b",
    rf"{_HAVING} (?:crushing|severe) chest pain\b",
)
_NETS = {
    "crisis": re.compile("|".join(_CRISIS), re.IGNORECASE),
    "emergency": re.compile("|".join(_EMERGENCY), re.IGNORECASE),
}


def screen(text: str) -> str | None:
    """Return `crisis` or `emergency` if a pattern says so, else None. Crisis comes first."""
    words = (text, without_payload(text))
    # A line may end in the middle of a sentence, or end one.
    plain = [clean(part).replace("\n", end) for part in words for end in (" ", ". ")]
    return next((o for o, net in _NETS.items() if any(net.search(p) for p in plain)), None)
