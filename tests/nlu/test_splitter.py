"""The splitter: the whole message first, then its parts."""

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.splitter import PIECES, MessageSplitter
from bot.nlu.text import MAX_PIECES


@pytest.fixture
def splitter(storage: ModelStorage, context: ExecutionContext) -> MessageSplitter:
    return MessageSplitter.create({}, storage, Resource("splitter"), context)


def pieces_of(splitter: MessageSplitter, text: str | None) -> list[str]:
    (message,) = splitter.process([Message({TEXT: text})])
    found: list[str] = message.get(PIECES)
    return found


def test_a_plain_question_is_one_piece(splitter: MessageSplitter) -> None:
    assert pieces_of(splitter, "  What is  PASC?") == ["What is PASC?"]


def test_several_questions_are_read_as_a_whole_and_one_by_one(splitter: MessageSplitter) -> None:
    text = "What is PASC? Is it proven?"
    assert pieces_of(splitter, text) == [text, "What is PASC?", "Is it proven?"]


def test_what_is_pasted_again_and_again_is_one_piece_beside_the_whole(
    splitter: MessageSplitter,
) -> None:
    found = pieces_of(splitter, "What is PASC?\n" * 100 + "Is it proven?")
    assert found[1:] == ["What is PASC?", "Is it proven?"]


def test_a_long_sentence_without_full_stops_is_also_read_bit_by_bit(
    splitter: MessageSplitter,
) -> None:
    words = [f"word{n}" for n in range(60)]
    whole, *parts = pieces_of(splitter, " ".join(words))
    assert whole.split() == words
    assert len(parts) > 1
    assert all(part in whole and part != whole for part in parts)


@pytest.mark.parametrize("text", [None, "", "   ", "😢", "?!", "\u200b\x00\ud83d"])
def test_a_message_without_words_has_no_pieces(splitter: MessageSplitter, text: str | None) -> None:
    assert pieces_of(splitter, text) == []


def test_a_message_of_ten_thousand_characters_has_a_bounded_number_of_pieces(
    splitter: MessageSplitter,
) -> None:
    found = pieces_of(splitter, " ".join(f"Day {n} was bad." for n in range(700))[:10_000])
    assert 1 < len(found) <= 1 + MAX_PIECES


@pytest.mark.parametrize(
    "prefix",
    ["/greet ", "/greet{} ", '/greet{"crisis_open": false} ', "/greet@0.9 ", "\n /greet\n"],
)
def test_a_payload_in_front_of_words_colours_none_of_them(
    splitter: MessageSplitter, prefix: str
) -> None:
    assert pieces_of(splitter, f"{prefix}What is PASC?") == ["What is PASC?"]
    text = "What is PASC? Is it proven?"
    assert pieces_of(splitter, prefix + text) == pieces_of(splitter, text)


@pytest.mark.parametrize("text", ["/greet", "/greet{}", "/greet 😢", "/no_such_intent"])
def test_a_payload_alone_has_no_pieces(splitter: MessageSplitter, text: str) -> None:
    assert pieces_of(splitter, text) == []


def test_the_text_itself_is_kept_with_its_payload(splitter: MessageSplitter) -> None:
    # The gate for payloads comes later and must still see it.
    (message,) = splitter.process([Message({TEXT: "/greet hello"})])
    assert message.get(TEXT) == "/greet hello"


def test_every_message_gets_its_own_pieces(splitter: MessageSplitter) -> None:
    messages = [Message({TEXT: "Is it safe?"}), Message({TEXT: "Why?"})]
    assert splitter.process(messages) is messages
    assert [message.get(PIECES) for message in messages] == [["Is it safe?"], ["Why?"]]


def test_training_examples_stay_whole(splitter: MessageSplitter) -> None:
    data = TrainingData([Message.build("What is PASC? Is it proven?", "ask_evidence")])
    (example,) = splitter.process_training_data(data).training_examples
    assert example.as_dict() == {TEXT: "What is PASC? Is it proven?", "intent": "ask_evidence"}
