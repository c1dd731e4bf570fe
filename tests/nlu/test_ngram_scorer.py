"""The component that scores messages by their words and letters."""

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.context import IN_CONTEXT
from bot.nlu.examples import label_of
from bot.nlu.ngram_scorer import CONTEXT_NGRAM_SCORES, PIECE_NGRAM_SCORES, NgramScorer
from bot.nlu.splitter import PIECES

from .small import EXAMPLES, examples

RESOURCE = Resource("ngrams")
INTENTS = sorted({*EXAMPLES, "ask_outlook"})


@pytest.fixture
def scorer(storage: ModelStorage, context: ExecutionContext) -> NgramScorer:
    """A scorer that was trained and loaded."""
    NgramScorer.create({}, storage, RESOURCE, context).train(examples())
    return NgramScorer.load({}, storage, RESOURCE, context)


def test_it_scores_every_piece_by_the_intents_in_order(scorer: NgramScorer) -> None:
    (message,) = scorer.process([Message({PIECES: ["so tired, thank you", "tired", "thank you"]})])
    scores = message.get(PIECE_NGRAM_SCORES)
    assert scores.shape == (3, len(INTENTS))
    assert [INTENTS[index] for index in scores.argmax(1)][1:] == ["ask_fatigue", "thanks"]
    assert message.get(CONTEXT_NGRAM_SCORES) is None


def test_what_is_read_in_context_is_scored_in_context(scorer: NgramScorer) -> None:
    data = {PIECES: ["thank you"], IN_CONTEXT: "so tired / thank you"}
    (message,) = scorer.process([Message(data)])
    expected = scorer.process([Message({PIECES: ["so tired / thank you"]})])[0]
    assert np.array_equal(message.get(CONTEXT_NGRAM_SCORES), expected.get(PIECE_NGRAM_SCORES))


def test_a_message_without_pieces_gets_no_row(scorer: NgramScorer) -> None:
    (message,) = scorer.process([Message({})])
    assert message.get(PIECE_NGRAM_SCORES).shape == (0, len(INTENTS))


def test_of_training_examples_those_held_out_are_scored_with_their_pieces(
    scorer: NgramScorer,
) -> None:
    data = scorer.process_training_data(examples())
    held = 0
    for message in data.training_examples:
        example = label_of(message)
        assert example is not None
        scores = message.get(PIECE_NGRAM_SCORES)
        held += example.held_out
        assert (len(scores) == 1 + len(example.fragments)) if example.held_out else scores is None
    assert held
