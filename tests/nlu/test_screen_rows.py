"""Rows of the screen that no other test would miss: a sentence each, that only its row sees."""

from __future__ import annotations

import pytest

from bot.nlu.screen import screen

CRISIS = {
    "a word for it": "unaliving myself is on my mind",
    "no point": "what is the point of carrying on",
    "a note": "anyway i wrote my note already",
    "a means at hand": "I have the pills here and I am ready to take them",
    "Spanish: to be dead": "prefiero estar muerta",
    "Spanish: going to": "voy a quitarme la vida",
    "Spanish: thinking of it": "pienso en suicidarme",
    "Spanish: somebody close": "mi hijo quiere suicidarse",
    "French: thinking of it": "je suis suicidaire",
    "French: somebody close": "ma sœur veut se suicider",
    "German: life": "ich will mir das Leben nehmen",
    "German: thoughts": "ich habe Suizidgedanken",
    "German: thinking of it": "ich denke jeden Tag daran, mich umzubringen",
    "German: somebody close": "meine Schwester will sterben",
    "Portuguese: thinking of it": "penso em suicídio",
    "Portuguese: somebody close": "meu irmão quer se matar",
    "Italian: want to": "mi voglio uccidere",
    "Italian: thinking of it": "penso al suicidio",
    "Dutch: oneself": "ik wil mezelf doden",
    "Dutch: thinking of it": "ik denk aan zelfmoord",
    "Dutch: somebody close": "mijn zus wil niet meer leven",
    "Polish: thinking of it": "mam myśli samobójcze",
}
EMERGENCY = {
    "one's own attack": "I think I'm having a stroke",
    "too much of something": "i took too much, what now",
    "Spanish: somebody close": "mi padre no respira",
    "French: somebody close": "ma mère est inconsciente",
    "Portuguese: somebody close": "minha mãe não respira",
}


@pytest.mark.parametrize("text", CRISIS.values(), ids=CRISIS)
def test_despair_is_seen(text: str) -> None:
    assert screen(text) == "crisis"


@pytest.mark.parametrize("text", EMERGENCY.values(), ids=EMERGENCY)
def test_danger_is_seen(text: str) -> None:
    assert screen(text) == "emergency"
