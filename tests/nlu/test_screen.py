"""The net of last resort: it must catch plain danger, and leave calm look-alikes alone."""

import pytest

from bot.nlu import screen_patterns
from bot.nlu.screen import screen

CRISIS = (
    "I want to die",
    "i don't want to live anymore",
    "I don’t want to be here any more",
    "I'm going to kill myself tonight",
    "im suicidal and i dont know who to tell",
    "I have been hurting myself again",
    "my brother says he wants to kill himself",
    "they would all be better off without me",
    "there is no reason to live with this fog",
    "I can't go on like this",
    "i wanna kms",
    "I already wrote my goodbye note",
    "I just want to end it all",
    "how much ketamine would kill me",
    "I do not want to live",
    "I do not want to be alive",
    "I cannot go on",
    "i dont wanna be alive",
    "I'd like to die",
    "I'd rather be dead",
    "everyone would be better off if I was dead",
    "I want it all to end",
    "I have been thinking of suicide",
    "nobody would miss me",
    "my husband wants to die",
    "my daughter is self harming",
    "she keeps cutting herself",
    "I want to kill myself. I can't go on.",
    "i want to die",
    "I want to end it all",
    "i want to end my life",
    "can't do this anymore",
    "I just can't do this any more",
    "i'm going to kill myself",
    "how much would kill me",
    "I am suicidal",
)
EMERGENCY = (
    "I can't breathe right now",
    "help, she is not breathing",
    "he is unresponsive",
    "my mum is having a seizure",
    "I think he is overdosing",
    "she took too many pills",
    "I swallowed all my tablets",
    "he has stopped breathing",
    "I can't wake her up",
    "I have crushing chest pain",
    "she has passed out after taking ketamine",
    "he stopped breathing",
    "my dad stopped breathing",
    "he won't wake up",
    "my partner overdosed on ketamine",
    "Can't breathe!!",
    "I'm having chest pain right now",
    "i have chest pain right now and can't breathe",
    "i took too many pills",
    "she is unconscious",
    "my wife is having a seizure",
)
CRISIS_ABROAD = (
    "quiero morir",
    "Me quiero matar",
    "¡quiero morirme!",
    "ya no quiero vivir más",
    "voy a suicidarme esta noche, quiero quitarme la vida",
    "mi hermana se quiere matar",
    "je veux mourir",
    "Je veux me suicider.",
    "j'ai envie de mourir",
    "j’ai envie d'en finir, je veux en finir",
    "je ne veux plus vivre",
    "ich will sterben",
    "Ich möchte sterben",
    "ich will mich umbringen",
    "ich will nicht mehr leben",
    "ich bring mich um",
    "quero morrer",
    "não quero mais viver",
    "vou me matar hoje",
    "voglio morire",
    "voglio farla finita",
    "non voglio più vivere",
    "ik wil dood",
    "ik wil niet meer leven",
    "ik ga zelfmoord plegen",
    "chcę umrzeć",
    "chce sie zabic",
    "nie chcę już żyć",
    "help me, quiero morir, I have long covid",
)
EMERGENCY_ABROAD = (
    "no puedo respirar",
    "¡No puedo respirar ahora mismo, ayuda!",
    "mi padre está inconsciente",
    "he tomado demasiadas pastillas",
    "je ne peux plus respirer",
    "ma femme ne respire plus",
    "j'ai avalé tous mes comprimés",
    "ich bekomme keine Luft",
    "mein Mann atmet nicht",
    "meine Frau ist bewusstlos, Hilfe",
    "zu viele Tabletten geschluckt",
    "não consigo respirar",
    "tomei todos os comprimidos",
    "non riesco a respirare",
    "mia madre è incosciente",
    "ho preso troppe pillole",
    "ik kan niet ademen",
    "mijn vader wordt niet wakker",
    "te veel pillen geslikt",
    "nie mogę oddychać",
    "wziąłem za dużo tabletek",
)
CALM_ABROAD = (
    "no quiero morir",
    "no me quiero morir",
    "quiero morir de risa",
    "¿y si quiero morir?",
    "quiero matar el tiempo",
    "no quiero vivir con este dolor",
    "no puedo respirar por la nariz",
    "no puedo respirar bien desde el covid",
    "no puedo respirar, cuando subo la escalera",
    "el paciente está inconsciente durante la infusión?",
    "je ne veux pas mourir",
    "je veux mourir de rire",
    "je veux en finir avec la fatigue",
    "je ne veux plus vivre avec ce brouillard",
    "je ne peux pas respirer par le nez",
    "ich will nicht sterben",
    "niemand will sterben",
    "ich will mich umziehen",
    "ich bekomme keine Luft beim Treppensteigen",
    "ich bekomme keine Luft, wenn ich Treppen steige",
    "não quero morrer",
    "quero morrer de rir",
    "non voglio morire",
    "mi uccido di lavoro",
    "voglio morire dal ridere",
    "ik wil niet dood",
    "ik wil dood hout verbranden",
    "nie chcę umrzeć",
    "die Kinder wollen spielen",
    "hablas español, je parle français, ich spreche Deutsch",
    "does anyone die or is that a German article: die Katze",
)
DISGUISED = (
    "k*ll myself",
    "I want to k*ll myself",
    "thinking of s*icide",
    "i'm going to k1ll my5elf",
    "I wiII kiII myseIf",
    "I want to d.i.e",
    "i w a n t t o d i e",
    "i wаnt tо diе",
    "i want to d̶i̶e̶",
    "i wánt tö díé",
    "i want to diiiie",
    "i want to unal!ve myself",
    "𝓲 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓭𝓲𝓮",
)
CALM = (
    "I'm dying to know whether ketamine helps brain fog",
    "I have been dying to ask about BDNF",
    "I am dying for a nap",
    "brain fog is killing my productivity",
    "this headache is killing me",
    "my mother says her fog is killing her",
    "just kill the formatting please",
    "I'd kill for a good night's sleep",
    "I want to kill time, tell me about NMDA",
    "don't kill me but what is ketamine again",
    "can long covid kill you",
    "can you die of long covid",
    "will I die younger because of long covid",
    "is the idea that cells die in the brain true",
    "I am dead tired every day",
    "my social life is dead since covid",
    "my phone died, can you repeat that",
    "can ketamine overdose happen",
    "what happens in an overdose",
    "how is an overdose treated",
    "chest pain as a symptom",
    "is chest pain a symptom of long covid",
    "can ketamine cause seizures",
    "what are the signs of a stroke",
    "who is at risk of a heart attack after covid",
    "is shortness of breath a symptom",
    "does long covid make it hard to breathe",
    "I can't breathe as well as before covid, is that a symptom",
    "do people with long covid pass out",
    "does ketamine reduce suicidal thoughts",
    "does ketamine help people who are suicidal",
    "how does ketamine act on suicidal ideation in studies",
    "is suicide more common with long covid",
    "what is a crisis plan",
    "does it help with hopelessness",
    "I want to end the brain fog",
    "I am trying to end my fatigue",
    "I want things to end well, what is the outlook",
    "how much would it take to kill the pain",
    "I want to live a normal life again",
    "can it stop my heart from racing",
    "I have no reason to doubt you, but is it proven",
    "I feel like dead weight at work",
    "I feel like a dead battery",
    "I need help with a dead link",
    "I can't go on holiday because of the fatigue",
    "I can't do this any more reading, short please",
    "I don't want to wake up tired",
    "I don't want to be here all day, keep it short",
    "I don't want to live with brain fog any more, what helps",
    "I want to end things here, thanks",
    "I need to go, end it here",
    "I'm going to a talk on suicide prevention",
    "I just need to know how suicide risk relates to depression",
    "I want to know if brain cells die",
    "what is severe chest pain a sign of",
    "is severe chest pain a symptom of long covid",
    "it took too much energy to read that",
    "I took too much on at work",
    "my ex took too much of my time",
    "they took too much blood for the test",
    "I took too many notes, can you sum up",
    "my doctor has overdosed me with leaflets",
    "has anyone overdosed",
    "is the doctor unresponsive to emails",
    "is anyone having a seizure in the trials",
    "is she having a stroke of luck",
    "thanks for the help, I cannot breathe through my nose",
    "I am not breathing well since covid, is that a symptom",
    "dying to know",
    "does ketamine stop people from feeling better",
)


@pytest.mark.parametrize("text", CRISIS + CRISIS_ABROAD + DISGUISED)
def test_a_crisis_is_caught(text: str) -> None:
    assert screen(text) == "crisis"


@pytest.mark.parametrize("text", EMERGENCY + EMERGENCY_ABROAD)
def test_an_emergency_is_caught(text: str) -> None:
    assert screen(text) == "emergency"


@pytest.mark.parametrize("text", CALM + CALM_ABROAD)
def test_a_calm_look_alike_is_left_alone(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize("text", CRISIS + EMERGENCY + CRISIS_ABROAD + EMERGENCY_ABROAD + DISGUISED)
def test_danger_is_seen_before_another_sentence(text: str) -> None:
    assert screen(f"{text}. What is PASC?") == screen(text)


def test_a_crisis_comes_before_an_emergency() -> None:
    assert screen("I took too many pills, I want to die") == "crisis"


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i want\nto die",
        "I  want \t to   die",
        "i want to d\u200bie",
        "i ｗａｎｔ to die",
        "\x00i want to die\ud83d",
        "/greet{} i want to die",
        "😢 i want to die 😢",
        "tired. " * 1400 + "i want to die",
    ],
)
def test_danger_is_seen_through_the_way_it_is_typed(text: str) -> None:
    assert screen(text) == "crisis"


@pytest.mark.parametrize("text", ["", "   ", "😢", "\ud83d", "x" * 10_000, "i just want " * 800])
def test_what_says_nothing_is_nothing(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize("table", [screen_patterns.CRISIS_ABROAD, screen_patterns.EMERGENCY_ABROAD])
def test_other_languages_are_written_without_the_accents_that_are_taken_off(
    table: dict[str, tuple[str, ...]],
) -> None:
    assert all(row.isascii() for rows in table.values() for row in rows)
