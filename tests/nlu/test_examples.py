"""From Rasa's examples to what the tuner learns: labels, weights, pieces, follow-ups."""

from collections import Counter

import numpy as np
import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.encoder import Examples
from bot.nlu.examples import HELD_OUT, PAIRED, PIECES_KEPT, Labelled, labelled, to_tune_on
from bot.nlu.text import CONTEXT_MARK, fragments, in_context
from bot.reply.outcomes import SAFETY, URGENT, outcome_of

from .small import example

LABELS = ["ask_fatigue", "ask_pain", "crisis", "dosing", "emergency", "greet"]
# Too long for a follow-up, and of one piece: such an example gives one line.
LONG = "number {} is a text that has more words than any short message would have"


def lines(intent: str, count: int, text: str = LONG) -> list[Labelled]:
    return [Labelled(text.format(number), (intent,)) for number in range(count)]


def labels_of(row: np.ndarray) -> set[str]:
    return {label for label, share in zip(LABELS, row, strict=True) if share}


def partly_known(examples: Examples) -> dict[str, set[str]]:
    rows = zip(examples.texts, examples.targets, examples.partial, strict=True)
    return {text: labels_of(target) for text, target, partial in rows if partial}


def test_an_example_is_its_cleaned_text_and_its_intent() -> None:
    (found,) = labelled([Message.build("I don’t  know", "deny")])
    assert found == Labelled("I don't know", ("deny",))


def test_metadata_may_name_further_intents() -> None:
    (found,) = labelled([example("pain and sleep?", "ask_pain", also=["ask_fatigue", "greet"])])
    assert found == Labelled("pain and sleep?", ("ask_pain", "ask_fatigue", "greet"))


def test_a_follow_up_has_nothing_to_read_apart() -> None:
    text = "Is it proven? And does it help pain?"
    assert Labelled(text, ("ask_pain",)).fragments == fragments(text) != []
    assert Labelled(in_context([text], "and sleep?"), ("ask_fatigue",)).fragments == []


@pytest.mark.parametrize(
    "metadata", [None, {}, {"intent": {"x": 1}}, {"example": None}, {"example": {"also": None}}]
)
def test_metadata_of_other_kinds_changes_nothing(metadata: object) -> None:
    message = Message({TEXT: "hello", INTENT: "greet", "metadata": metadata})
    assert labelled([message]) == [Labelled("hello", ("greet",))]


@pytest.mark.parametrize("data", [{TEXT: "hello"}, {INTENT: "greet"}, {TEXT: "", INTENT: "greet"}])
def test_what_has_no_text_or_no_intent_is_no_example(data: dict[str, str]) -> None:
    assert labelled([Message(data), Message.build("hi", "greet")]) == [Labelled("hi", ("greet",))]


def test_about_one_example_in_twelve_is_held_out() -> None:
    held = sum(example.held_out for example in lines("greet", 6000))
    assert held / 6000 == pytest.approx(1 / HELD_OUT, rel=0.15)


def test_whether_an_example_is_held_out_depends_on_its_text_alone() -> None:
    for found in lines("greet", 100):
        others = (
            Labelled(found.text, ("crisis", "greet")),
            Labelled(found.text.upper(), ("ask_pain",)),
        )
        assert {other.held_out for other in others} == {found.held_out}


def test_an_example_is_learnt_as_its_intents_in_equal_shares() -> None:
    single = Labelled(LONG.format(1), ("crisis",))
    both = Labelled(LONG.format(2), ("ask_pain", "dosing"))
    found = to_tune_on([single, both], LABELS)
    assert found.texts == [single.text, both.text]
    assert found.targets.tolist() == [[0, 0, 1, 0, 0, 0], [0, 0.5, 0, 0.5, 0, 0]]
    assert not found.partial.any()


def test_rare_intents_count_more_by_the_root_of_their_rarity() -> None:
    found = to_tune_on([*lines("ask_pain", 8), *lines("greet", 2, LONG + "!")], LABELS)
    common, rare = found.weights[0], found.weights[-1]
    assert rare / common == pytest.approx(2.0)
    assert [common, rare] == pytest.approx([(5 / 8) ** 0.5, (5 / 2) ** 0.5])
    assert Counter(found.weights.tolist()) == {float(common): 8, float(rare): 2}


def test_examples_that_are_equally_common_count_the_same() -> None:
    found = to_tune_on([*lines("ask_pain", 3), *lines("greet", 3, LONG + "!")], LABELS)
    assert found.weights.tolist() == [1.0] * 6


def stories(
    *intents: str, text: str = "Sentence {0} of a story. Sentence {0} of its end."
) -> list[Labelled]:
    return [Labelled(text.format(n), intents) for n in range(60)]


def test_of_a_calm_piece_it_is_known_only_that_it_is_no_danger_and_no_referral() -> None:
    found = partly_known(to_tune_on(stories("ask_pain"), LABELS))
    assert found
    for piece, possible in found.items():
        assert piece.endswith((" of a story.", " of its end."))
        assert possible == {"ask_fatigue", "ask_pain", "greet"}


@pytest.mark.parametrize("intents", [("dosing",), ("ask_pain", "dosing")])
def test_a_piece_beside_a_referral_may_be_one_but_no_danger(intents: tuple[str, ...]) -> None:
    found = partly_known(to_tune_on(stories(*intents), LABELS))
    assert found
    for possible in found.values():
        assert possible == {"ask_fatigue", "ask_pain", "dosing", "greet"}


@pytest.mark.parametrize("danger", sorted(URGENT))
@pytest.mark.parametrize("beside", [(), ("ask_pain",)])
def test_nothing_is_learnt_from_a_piece_of_danger(danger: str, beside: tuple[str, ...]) -> None:
    assert partly_known(to_tune_on(stories(*beside, danger), LABELS)) == {}


def test_nothing_is_learnt_from_a_piece_of_a_follow_up() -> None:
    assert (
        partly_known(
            to_tune_on(
                stories("ask_pain", text="Hello {}. Who are you? / and does it help?"), LABELS
            )
        )
        == {}
    )


def test_a_piece_that_calm_messages_and_referrals_share_may_be_a_referral() -> None:
    calm, referral = stories("ask_pain"), stories("dosing")
    for found in (to_tune_on([*calm, *referral], LABELS), to_tune_on([*referral, *calm], LABELS)):
        pieces = partly_known(found)
        assert pieces
        assert all("dosing" in possible for possible in pieces.values())
        assert not any(labels & URGENT for labels in pieces.values())
        assert int(found.partial.sum()) == len(pieces), "each piece once"


def test_a_share_of_the_pieces_is_learnt_and_counts_less_than_any_example() -> None:
    examples = lines("greet", 1, "Beginning {}. And so many a piece of it that it is long.")
    many = [
        Labelled(f"{e.text} Next {n}. Then {n}.", e.intents) for n in range(200) for e in examples
    ]
    found = to_tune_on(many, LABELS)
    pieces = int(found.partial.sum())
    assert pieces / 402 == pytest.approx(1 / PIECES_KEPT, rel=0.2)
    assert found.weights[found.partial].max() < found.weights[~found.partial].min()
    assert found.weights.dtype == found.targets.dtype == np.float32


def short(intent: str, count: int = 240, text: str = "short text {} of it") -> list[Labelled]:
    return [Labelled(f"{text.format(n)} {intent}", (intent,)) for n in range(count)]


def repeated(found: Examples) -> list[tuple[str, str, set[str]]]:
    """Return what is learnt as a follow-up: what came before, the text, its labels."""
    rows = zip(found.texts, found.targets, strict=True)
    split = [(text.partition(CONTEXT_MARK), labels_of(target)) for text, target in rows]
    return [(before, text, labels) for (before, mark, text), labels in split if mark]


def test_some_short_examples_are_also_learnt_as_follow_ups_and_mean_the_same() -> None:
    examples = [*short("ask_pain"), *short("crisis")]
    found = repeated(to_tune_on(examples, LABELS))
    assert len(found) / len(examples) == pytest.approx(1 / PAIRED, rel=0.3)
    known = {example.text: set(example.intents) for example in examples}
    assert all(labels == known[text] for _, text, labels in found)
    assert {label for _, _, labels in found for label in labels} == {"ask_pain", "crisis"}


def test_nothing_follows_danger() -> None:
    examples = [*short("crisis"), *short("emergency"), *short("ask_pain", 20)]
    both = [Labelled(f"both {n}", ("ask_fatigue", "crisis")) for n in range(50)]
    calm = {example.text for example in examples if example.intents == ("ask_pain",)}
    before = {before for before, _, _ in repeated(to_tune_on([*examples, *both], LABELS))}
    assert before
    assert before <= calm


def test_what_was_said_before_is_varied() -> None:
    assert len({before for before, _, _ in repeated(to_tune_on(short("ask_pain"), LABELS))}) > 5


def test_long_examples_are_not_repeated() -> None:
    found = to_tune_on([*lines("greet", 200), *short("ask_pain", 100)], LABELS)
    follow_ups = repeated(found)
    assert follow_ups
    assert all(text.startswith("short text") for pair in follow_ups for text in pair[:2])


def test_danger_is_repeated_after_calm_examples_only_and_not_without_any() -> None:
    assert repeated(to_tune_on(short("crisis"), LABELS)) == []


def test_an_example_of_ten_words_is_short() -> None:
    ten = "one two three four five six seven eight nine {}"
    assert repeated(to_tune_on(lines("greet", 100, ten), LABELS))
    assert not repeated(to_tune_on(lines("greet", 100, f"{ten} more"), LABELS))


def test_the_order_and_the_labels_repeat_exactly() -> None:
    examples = [*short("ask_pain"), *stories("dosing"), *lines("crisis", 9)]
    assert to_tune_on(examples, LABELS).digest() == to_tune_on(examples, LABELS).digest()


def test_the_labels_under_test_have_every_kind_of_outcome() -> None:
    kinds = {outcome_of(label) for label in LABELS}
    assert kinds & URGENT
    assert kinds & SAFETY - URGENT
    assert kinds - SAFETY
