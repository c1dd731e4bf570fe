"""Disguised words are read as what they stand for; codes, names and other languages stay."""

from __future__ import annotations

import re
import sre_parse
import string
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu import lookalikes
from bot.nlu.lookalikes import fold

DISGUISED = (
    # Capital I for l, digits and signs for letters.
    ("I wiII kiII myseIf", "I will kill myself"),
    ("end my Iife", "end my life"),
    ("kil1 my5elf", "kill myself"),
    ("k1ll", "kill"),
    ("ki11 ki|| k!ll", "kill kill kill"),
    ("su1c1de $uicide 5uicide", "suicide suicide suicide"),
    ("unal!ve!", "unalive!"),
    ("d1e d!e", "die die"),
    ("K1LL", "KILL"),
    ("c0vid and k3tamine", "covid and ketamine"),
    # Masks.
    ("k*ll myself", "kill myself"),
    ("s*icide s**cide k#ll", "suicide suicide kill"),
    ("d*e", "die"),
    # Other alphabets.
    ("I wаnt tо diе", "I want to die"),
    ("КILL mуself", "KILL myself"),
    ("ԁіе", "die"),
    ("kі11", "kill"),
    ("ωαηт тσ ∂ιє", "want to die"),
    ("ᴅɪᴇ ᴋɪʟʟ", "die kill"),
    ("🅺🅸🅻🅻", "kill"),
    # Marks.
    ("d̶i̶e̶", "die"),
    ("k̷i̷l̷l̷ ̷m̷e̷", "kill me"),
    ("d̸̛͓i̵̙͐͘é̷͛", "die"),
    # Letters apart.
    ("s u i c i d e", "suicide"),
    ("k.i.l.l m.y.s.e.l.f", "kill myself"),
    ("k i l l m y s e l f", "kill myself"),
    ("I W A N T T O D I E", "I WANT TO DIE"),
    ("i want to d-i-e.", "i want to die."),
    ("k. i. l. l.", "kill."),
    ("k_i_l_l k*i*l*l k·i·l·l", "kill kill kill"),
    ("k 1 l l m y s 3 l f", "kill myself"),
    ("ѕ u і c i d e", "suicide"),
    ("i don't d i e", "i don't die"),
    ("sui.cide, ki-ll!", "suicide, kill!"),
    ("k1ll.ed", "killed"),
    # Letters held down.
    ("diiiie", "die"),
    ("DIIIIE", "DIE"),
    ("pleeease", "please"),
    ("kiiilllll", "kill"),
    ("zzzzzzz", "zz"),
    ("yaaaay", "yaay"),
)

AS_TYPED = (
    "IL-6 IL6 BDNF COVID-19 covid19 H1N1 B12 T3 Q10 mp3 A1c HbA1c CD4 GLP1 H3R 5HT2A STAT3 A11",
    "5mg, 0.5 mg/kg, 2x, 10%, 1000000, 2.5, 3nd, 4ever, 2*3, 10 a m",
    "TNFα IFNγ NFκB PPARγ CaMKIIα IL-1β IL1α 5αR μg Δ9-THC κ-opioid ηp2",
    "(R,S)-ketamine, S-ketamine, type I/II, I/O, PhaseIII, phaseII, stage III, viii, XXX",
    "Ill ILL I iPhone LinkedIn McIntosh WiFi butI IL AAA BBB FLCCC",
    "I WILL NOT READ ABOUT MY ILLNESS",
    "u.s.a. e.g. i.e. this, a.m., D.I.E.T, vitamin d, e, a b c d e f, M.E./CFS",
    "vitamin d. i e-mailed you, anti-d i e",
    "2 0 1 5, 4 1 1, 0 1 7 1 1",
    "étude, señor, über, naïve, Łódź, tschüss, garçon, ¿hablas español?, Việt Nam, ılık",
    "привет, как дела, я хочу есть",
    "пот нет НЕТ ТОО со",
    "COVIDом и PCRный тест, ковiд",
    "γεια σου, τι κάνεις",
    "مرحبا كيف حالك ههههه",
    "मुझे दर्द है, ฉันเหนื่อย",
    "新冠 哈哈哈, 我kill",
    "😢👍🏽 ❤️ 1️⃣ 🅰️ 🇩🇪",
    "https://example.org/k1ll?d1e=aaaa www.aaaa.com k1ll.d1e@example.org example.com",
    "f**k, sh*t, d**d, *kill*, **bold**, | a | b |, ***",
    "!!! ... --- ??? $5 €5 10¢",
    "",
)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(("typed", "read"), DISGUISED)
def test_a_disguise_is_undone(typed: str, read: str) -> None:
    assert fold(_composed(typed)) == read


@pytest.mark.parametrize("text", AS_TYPED)
def test_what_is_no_disguise_stays_as_it_was_typed(text: str) -> None:
    assert fold(_composed(text)) == _composed(text)


@pytest.mark.parametrize("word", sorted(lookalikes._WORDS))
def test_a_known_word_is_read_from_its_own_shape(word: str) -> None:
    assert fold(word) == word
    assert lookalikes._SHAPES[lookalikes._shape(word)] == word


_PARTS = st.sampled_from(
    (
        *"diekl .-*I13!|_'\n",
        *("kill", "myself", "k1ll", "sui", "cide", "aaa", "III", "://", "  "),
        *("\u0336", "\u0301", "е", "і", "κ", "т", "ɪ", "∂", "🅺"),
    )
)


@given(st.one_of(st.text(max_size=60), st.lists(_PARTS, max_size=14).map("".join)))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    once = fold(_composed(text))
    assert fold(once) == once


_SMALL = st.text(string.ascii_lowercase, min_size=2, max_size=9)


@given(st.lists(_SMALL.filter(lambda word: not re.search(r"(.)\1\1", word)), max_size=9))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert fold(" ".join(words)) == " ".join(words)


def _calls(text: str) -> int:
    """Return how many functions fold calls, of Python and of C."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        fold(text)
    finally:
        sys.setprofile(None)
    return count


SHAPES = (
    "x",
    "d i e ",
    "k.",
    "a ",
    "I",
    "k1",
    "*",
    "é",
    "і",
    "κa",
    "d̶",
    "k*ll ",
    "://",
    "@a.",
    "-",
)


@pytest.mark.parametrize("unit", SHAPES)
def test_four_times_the_text_takes_four_times_the_steps(unit: str) -> None:
    short, long = ((unit * size)[:size] for size in (2_500, 10_000))
    assert _calls(long) <= 4.2 * _calls(short) + 100


def _repeats(parsed: Any, inside: bool = False) -> bool:
    """Tell whether an unbounded repetition stands inside another one."""
    for name, argument in parsed:
        endless = str(name).endswith("_REPEAT") and argument[1] is sre_parse.MAXREPEAT
        if endless and inside:
            return True
        if any(_repeats(part, inside or endless) for part in _below(argument)):
            return True
    return False


def _below(argument: Any) -> list[sre_parse.SubPattern]:
    items = argument if isinstance(argument, (list, tuple)) else [argument]
    flat = [part for item in items for part in (item if isinstance(item, list) else [item])]
    return [part for part in flat if isinstance(part, sre_parse.SubPattern)]


def test_the_test_of_patterns_sees_a_repetition_inside_another() -> None:
    assert _repeats(sre_parse.parse("a(?:b|(?:c+d)*)"))
    assert not _repeats(sre_parse.parse("a+(?:b|c)*"))


def test_no_pattern_repeats_a_repetition() -> None:
    patterns = [found for found in vars(lookalikes).values() if isinstance(found, re.Pattern)]
    assert len(patterns) > 5
    assert not [p.pattern for p in patterns if _repeats(sre_parse.parse(p.pattern, p.flags))]
