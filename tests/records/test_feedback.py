"""Feedback and its comments."""

import pytest

from bot.records import InvalidValue, Records, UnknownFeedback

from .conftest import Clock


def test_feedback_is_recorded_redacted(records: Records, clock: Clock) -> None:
    identity = records.add_feedback(
        conversation="c1", topic="pain", helpful=False, comment="ask bob@example.org"
    )
    (found,) = records.feedback()
    assert (found.id, found.created_at) == (identity, clock.now)
    assert (found.conversation, found.topic, found.helpful) == ("c1", "pain", False)
    assert found.comment == "ask [email]"


def test_feedback_needs_neither_conversation_nor_comment(records: Records) -> None:
    records.add_feedback(conversation=None, topic="pain", helpful=True)
    (found,) = records.feedback()
    assert (found.conversation, found.comment, found.helpful) == (None, None, True)


def test_feedback_needs_a_topic(records: Records) -> None:
    with pytest.raises(InvalidValue, match="topic"):
        records.add_feedback(conversation="c1", topic=" ", helpful=True)


def test_a_comment_goes_to_the_latest_feedback_of_the_conversation(records: Records) -> None:
    for conversation in ("c1", "c1", "c2"):
        records.add_feedback(conversation=conversation, topic="pain", helpful=False)
    latest = records.feedback()[1]
    assert records.add_comment("c1", "too long, says tom@example.org") == latest.id
    assert [found.comment for found in records.feedback()] == [
        None,
        "too long, says [email]",
        None,
    ]


def test_a_comment_goes_to_the_feedback_of_an_id_in_place_of_an_earlier_one(
    records: Records,
) -> None:
    identity = records.add_feedback(conversation=None, topic="pain", helpful=False, comment="bad")
    assert records.add_comment(identity, "very bad") == identity
    assert records.feedback()[0].comment == "very bad"


@pytest.mark.parametrize("to", [7, "c9"])
def test_a_comment_on_nothing_is_refused(records: Records, to: int | str) -> None:
    with pytest.raises(UnknownFeedback):
        records.add_comment(to, "hello")
