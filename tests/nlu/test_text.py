"""Cleaning and splitting of what people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import MAX_PIECES, clean, has_words, pieces, without_payload


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (None, ""),
        ("", ""),
        ("  what   is\tPASC ", "what is PASC"),
        ("wh\u200bat is\u200d PA\ufeffSC", "what is PASC"),
        ("i want\u00ad to\u2060 die", "i want to die"),
        ("what\x00 is \x07PASC", "what is PASC"),
        ("half \ud83d a pair", "half a pair"),
        ("\udc00\udfff", ""),
        ("\u202ehello\u202c", "hello"),
        ("ｗｈａｔ ｉｓ ＰＡＳＣ", "what is PASC"),
        ("e\u0301tude", "\u00e9tude"),
        ("I don’t know, “really”", 'I don\'t know, "really"'),
        ("‚‘low’‛ „high”", "‚'low'' \"high\""),
        ("one\n  two  \n\n three ", "one\ntwo\n\nthree"),
        ("no\u00a0break", "no break"),
        ("\n\n 😢 \n", "😢"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\vtwo\fthree\x85four", "one\ntwo\nthree\nfour"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("one\x1ctwo\x1dthree\x1efour\x1ffive", "one\ntwo\nthree\nfour five"),
        ("\r\n\r\n", ""),
        ("i want to k\u200bi\u200cl\u200dl my\ufeffself", "i want to kill myself"),
        ("k\u2060.\u200bi.l.l", "kill"),
        ("i wiII k1ll mуself", "i will kill myself"),
        ("ｋ１ｌｌ 𝖒𝖞𝖘𝖊𝖑𝖋", "kill myself"),
        ("d̶i̶e̶ ̶", "die"),
        ("d  i  e\nnow", "die\nnow"),
        ("0.5 mg/kg of IL-6, B12", "0.5 mg/kg of IL-6, B12"),
    ],
)
def test_what_is_typed_is_cleaned(typed: str | None, read: str) -> None:
    assert clean(typed) == read


@pytest.mark.parametrize(
    "end", ["\r\n", "\r", "\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
)
def test_a_line_end_of_any_system_separates_pieces(end: str) -> None:
    assert pieces(clean(f"I am tired{end}is it fog")) == ["I am tired", "is it fog"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (None, ""),
        ("", ""),
        ("what is PASC", "what is PASC"),
        ("/greet", ""),
        (" /greet\n", ""),
        ("/greet what is PASC", "what is PASC"),
        ("/greet{} what is PASC", "what is PASC"),
        ('/greet {"crisis_open": false}what is PASC', "what is PASC"),
        ("/greet@0.9 what is PASC", "what is PASC"),
        ('/greet@0.9{"a": "b"}\nwhat is PASC', "what is PASC"),
        ("/greet /thanks", "/thanks"),
        ("what is PASC /greet", "what is PASC /greet"),
        ("and/or what", "and/or what"),
        ("//greet what", "//greet what"),
        ("/ what is PASC", "/ what is PASC"),
        ("/greet{what is PASC", "{what is PASC"),
    ],
)
def test_only_a_payload_in_front_is_left_out(typed: str | None, words: str) -> None:
    assert without_payload(typed) == words


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_invisible_is_left_whatever_is_typed(typed: str) -> None:
    cleaned = clean(typed)
    assert not [c for c in cleaned if c != "\n" and unicodedata.category(c)[0] == "C"]
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize("text", ["pain", "7", "длинный ковид", "新冠", "…what?"])
def test_letters_of_any_script_and_digits_are_words(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", ["", "😢", "😢👍🏽 🧠", "?!", "... - …", "\n"])
def test_emoji_and_punctuation_are_not_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is PASC?", ["What is PASC?"]),
        ("What is PASC? Is it proven?", ["What is PASC?", "Is it proven?"]),
        ("Is it safe? 😢 !!! 👍", ["Is it safe?"]),
        ("I'm tired; is it fog", ["I'm tired", "is it fog"]),
        ("Hi!\n\nwhat is PASC", ["Hi!", "what is PASC"]),
        ("brain fog - does it help", ["brain fog", "does it help"]),
        ("brain fog — does it help", ["brain fog", "does it help"]),
        ("what is it and how does it work", ["what is it", "how does it work"]),
        ("what is it, and also why?", ["what is it", "why?"]),
        ("it hurts, but is it safe, plus who gives it", ["it hurts", "is it safe", "who gives it"]),
        ("AND WHAT IS PASC", ["WHAT IS PASC"]),
        ("my joints and my head hurt", ["my joints and my head hurt"]),
        ("anti-inflammatory effects", ["anti-inflammatory effects"]),
        ("version 2.5 of it", ["version 2.5 of it"]),
        ('She said "stop." Why?', ['She said "stop.', "Why?"]),
        ("😢", []),
        ("", []),
    ],
)
def test_a_message_is_split_where_another_question_may_begin(
    text: str, expected: list[str]
) -> None:
    assert pieces(text) == expected


def test_the_pieces_of_a_very_long_message_are_windows_that_lose_nothing() -> None:
    sentences = [f"Sentence number {n}." for n in range(100)]
    found = pieces(" ".join(sentences))
    assert len(found) <= MAX_PIECES
    assert " ".join(found) == " ".join(sentences)
    assert found[0].startswith("Sentence number 0. Sentence number 1.")


def test_as_many_pieces_as_allowed_stay_apart() -> None:
    sentences = [f"Sentence number {n}." for n in range(MAX_PIECES)]
    assert pieces(" ".join(sentences)) == sentences
    windows = pieces(" ".join([*sentences, "One more."]))
    assert len(windows) == MAX_PIECES // 2 + 1
    assert windows[-1] == "One more."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Why? Why? Why?", ["Why?"]),
        ("Why? WHY? why?", ["Why?"]),
        ("Why? Is it safe? Is it safe?", ["Why?", "Is it safe?"]),
        ("what is it and what is it", ["what is it"]),
        ("Why? Why!", ["Why?", "Why!"]),
    ],
)
def test_what_is_said_twice_is_one_piece(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_what_is_said_once_in_a_long_message_is_not_drowned_by_what_is_repeated() -> None:
    assert pieces("tired. " * 1400 + "i want to die") == ["tired.", "i want to die"]


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "a ",
        "a\n",
        "why? ",
        "and what ",
        "a - ",
        "a; ",
        '!"',
        "what.\n\n",
        "x\u200b",
        "😢 ok. ",
    ],
)
def test_ten_thousand_characters_give_a_bounded_number_of_pieces(unit: str) -> None:
    text = clean((unit * 10_000)[:10_000])
    assert len(pieces(text)) <= MAX_PIECES


@given(st.text(alphabet="ab ?.!;-\nand what,", max_size=300))
def test_every_piece_has_words_and_stands_in_the_message(text: str) -> None:
    cleaned = clean(text)
    found = pieces(cleaned)
    assert len(found) <= MAX_PIECES
    assert all(has_words(piece) for piece in found)
    assert bool(found) == has_words(cleaned)
