"""Several questions are answered in the order in which they were asked."""

from bot.nlu.order import as_asked
from bot.reply.outcomes import Part

from .rankings import ranking

PAIN, FATIGUE, EVIDENCE = (Part("answer", topic) for topic in ("pain", "fatigue", "evidence"))
DOSING = Part("dosing")


def test_the_pieces_tell_the_order() -> None:
    pieces = [ranking(ask_fatigue=0.9), ranking(ask_pain=0.8, ask_fatigue=0.1)]
    assert as_asked([PAIN, FATIGUE], pieces, []) == [FATIGUE, PAIN]


def test_a_list_tells_the_order_within_a_piece() -> None:
    assert as_asked([PAIN, FATIGUE], [], ["fatigue", "pain"]) == [FATIGUE, PAIN]


def test_what_no_piece_asks_comes_last_and_keeps_its_order() -> None:
    pieces = [ranking(ask_pain=0.9, ask_fatigue=0.19)]
    assert as_asked([EVIDENCE, FATIGUE, PAIN], pieces, []) == [PAIN, EVIDENCE, FATIGUE]


def test_each_part_once_and_what_is_no_answer_behind() -> None:
    assert as_asked([DOSING, PAIN, DOSING, PAIN], [], []) == [PAIN, DOSING]
