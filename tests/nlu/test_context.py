"""Reading in context: short messages only, and only what was said just before them."""

from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphModelConfiguration
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.context import IN_CONTEXT, ContextReader
from bot.nlu.splitter import PIECES
from bot.reply.outcomes import URGENT
from bot.settings import ROOT

MINUTE = 60.0
NOON = 1_700_000_000.0
QUESTION = "does ketamine ease joint pain?"


@pytest.fixture
def make(storage: ModelStorage, context: ExecutionContext) -> Any:
    def made(**config: Any) -> ContextReader:
        merged = {"words": 10, "messages": 3, "minutes": 30, **config}
        return ContextReader.create(merged, storage, Resource("context"), context)

    return made


@pytest.fixture
def reader(make: Any) -> ContextReader:
    found: ContextReader = make()
    return found


def said(text: str | None, minutes: float = 0.0, intent: str = "ask_pain") -> UserUttered:
    return UserUttered(text, {"name": intent}, timestamp=NOON + minutes * MINUTE)


def read(reader: ContextReader, text: str, *before: Event) -> str | None:
    """Return how a message is read in context after the events."""
    tracker = DialogueStateTracker.from_events("someone", list(before))
    (message,) = reader.process([Message({TEXT: text, PIECES: [text]})], tracker)
    found: str | None = message.get(IN_CONTEXT)
    return found


def test_a_short_message_is_read_after_the_one_before_it(reader: ContextReader) -> None:
    assert read(reader, "and headaches?", said(QUESTION)) == f"{QUESTION} / and headaches?"


def test_nothing_before_it_is_no_context(reader: ContextReader) -> None:
    assert read(reader, "and headaches?") is None


def test_without_a_conversation_there_is_no_context(reader: ContextReader) -> None:
    messages = [Message({PIECES: ["and headaches?"]})]
    assert reader.process(messages) is messages
    assert messages[0].get(IN_CONTEXT) is None


def test_a_long_message_stands_on_its_own(reader: ContextReader) -> None:
    ten = "one two three four five six seven eight nine ten"
    assert read(reader, ten, said(QUESTION)) == f"{QUESTION} / {ten}"
    assert read(reader, f"{ten} eleven", said(QUESTION)) is None


def test_a_message_of_several_pieces_is_read_in_context_as_a_whole(reader: ContextReader) -> None:
    tracker = DialogueStateTracker.from_events("someone", [said(QUESTION)])
    pieces = ["really? and headaches?", "really?", "and headaches?"]
    (message,) = reader.process([Message({PIECES: pieces})], tracker)
    assert message.get(IN_CONTEXT) == f"{QUESTION} / {pieces[0]}"


@pytest.mark.parametrize("data", [{PIECES: []}, {TEXT: "/greet"}])
def test_a_message_without_words_has_no_context(
    reader: ContextReader, data: dict[str, Any]
) -> None:
    tracker = DialogueStateTracker.from_events("someone", [said(QUESTION)])
    (message,) = reader.process([Message(data)], tracker)
    assert message.get(IN_CONTEXT) is None


def test_only_what_the_person_said_is_context(reader: ContextReader) -> None:
    others = (ActionExecuted("action_answer"), BotUttered("It may."), SlotSet("topic", "pain"))
    assert read(reader, "why?", said(QUESTION), *others) == f"{QUESTION} / why?"


def test_what_leans_on_an_earlier_message_brings_it_along(reader: ContextReader) -> None:
    events = (said(QUESTION), said("and my legs?", 1), said("really?", 2))
    assert read(reader, "why?", *events) == f"{QUESTION} / and my legs? / really? / why?"


def test_context_goes_back_to_the_last_message_that_stands_on_its_own(
    reader: ContextReader,
) -> None:
    five, four = "is it good for sleep", "and for brain fog?"
    assert read(reader, "why?", said(QUESTION), said(five, 1)) == f"{five} / why?"
    assert read(reader, "why?", said(QUESTION), said(four, 1)) == f"{QUESTION} / {four} / why?"


def test_only_so_many_messages_are_context(make: Any) -> None:
    events = [said(text, minute) for minute, text in enumerate(("one", "two", "three", "four"))]
    assert read(make(messages=3), "why?", *events) == "two / three / four / why?"
    assert read(make(messages=1), "why?", *events) == "four / why?"
    assert read(make(messages=0), "why?", *events) is None


def test_how_many_words_are_short_can_be_set(make: Any) -> None:
    assert read(make(words=2), "and headaches?", said(QUESTION)) is not None
    assert read(make(words=1), "and headaches?", said(QUESTION)) is None
    assert read(make(words=0), "why?", said(QUESTION)) is None


@pytest.mark.parametrize("start", [SessionStarted(), Restarted()])
def test_what_came_before_a_new_start_is_no_context(reader: ContextReader, start: Event) -> None:
    assert read(reader, "why?", said(QUESTION), start) is None
    assert read(reader, "why?", said(QUESTION), start, said("really?", 1)) == "really? / why?"


def test_what_was_said_long_before_the_last_message_is_forgotten(make: Any) -> None:
    events = (said(QUESTION, 0), said("really?", 31))
    assert read(make(minutes=30), "why?", *events) == "really? / why?"
    assert read(make(minutes=31), "why?", *events) == f"{QUESTION} / really? / why?"


@pytest.mark.parametrize("danger", sorted(URGENT))
def test_danger_never_colours_a_later_message(reader: ContextReader, danger: str) -> None:
    urgent = said("help me", 1, danger)
    assert read(reader, "thank you", urgent) is None
    assert read(reader, "thank you", said(QUESTION), urgent) is None
    after = said("really?", 2)
    assert read(reader, "why?", said(QUESTION), urgent, after) == "really? / why?"


@pytest.mark.parametrize("text", ["/ask_pain", "/greet{}", " ", "", None])
def test_a_message_without_words_is_passed_over(reader: ContextReader, text: str | None) -> None:
    assert read(reader, "why?", said(text)) is None
    assert read(reader, "why?", said(QUESTION), said(text, 1)) == f"{QUESTION} / why?"


def test_the_words_behind_a_payload_are_context(reader: ContextReader) -> None:
    assert read(reader, "why?", said(f"/greet {QUESTION}")) == f"{QUESTION} / why?"


def test_what_was_typed_before_is_cleaned_too(reader: ContextReader) -> None:
    assert read(reader, "why?", said("  I don’t\u200b   know ")) == "I don't know / why?"


def test_every_message_of_a_batch_is_read_in_the_same_context(reader: ContextReader) -> None:
    tracker = DialogueStateTracker.from_events("someone", [said(QUESTION)])
    messages = [Message({PIECES: ["why?"]}), Message({PIECES: ["and sleep?"]})]
    assert reader.process(messages, tracker) is messages
    found = [message.get(IN_CONTEXT) for message in messages]
    assert found == [f"{QUESTION} / why?", f"{QUESTION} / and sleep?"]


def test_training_examples_stay_as_they_are(reader: ContextReader) -> None:
    data = TrainingData([Message.build("and headaches?", "ask_pain")])
    (example,) = reader.process_training_data(data).training_examples
    assert example.as_dict() == {TEXT: "and headaches?", "intent": "ask_pain"}


@pytest.mark.parametrize("name", ["words", "messages", "minutes"])
def test_a_number_below_nought_is_refused(make: Any, name: str) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        make(**{name: -1})


def test_the_default_configuration_is_valid() -> None:
    ContextReader.validate_config({"name": "bot.nlu.context.ContextReader"})
    assert set(ContextReader.get_default_config()) == {"words", "messages", "minutes"}


def graph_with_the_reader() -> GraphModelConfiguration:
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"] = [{"name": "bot.nlu.context.ContextReader"}]
    return Recipe.recipe_for_name("default.v1").graph_config_for_recipe(config, {})


def test_rasa_hands_it_the_conversation() -> None:
    nodes = graph_with_the_reader().predict_schema.nodes.values()
    (node,) = [node for node in nodes if node.uses is ContextReader]
    assert node.needs["tracker"] == "__tracker__"
