"""Answers, and "tell me more"."""

import pytest

from actions.answer import ActionAnswer, ActionAnswerMore
from bot.content import Content
from bot.reply.outcomes import ANSWER_TOPICS

from .conftest import Talk


@pytest.mark.parametrize("topic", ANSWER_TOPICS)
async def test_every_topic_is_answered(talk: Talk, content: Content, topic: str) -> None:
    said = await talk.say(ActionAnswer(), f"ask_{topic}", parts=(f"ask_{topic}",))
    assert said.texts[0] == content.answers[topic].text
    assert (said.payload["outcome"], said.payload["topic"]) == ("answer", topic)
    assert said.payload["sources"]
    assert said.buttons == [s["payload"] for s in said.payload["suggestions"]]
    assert 2 <= len(said.buttons) <= 3


async def test_without_a_decision_the_intent_says_what_to_answer(talk: Talk) -> None:
    said = await talk.say(ActionAnswer(), "ask_pain")
    assert said.payload["parts"] == [{"outcome": "answer", "topic": "pain"}]


async def test_several_questions_and_one_that_is_not_covered(talk: Talk, content: Content) -> None:
    parts = ("ask_pain", "ask_evidence", "not_covered")
    said = await talk.say(ActionAnswer(), "ask_pain", parts=parts)
    assert said.texts[:3] == [
        content.answers["pain"].text,
        content.answers["evidence"].text,
        content.messages["also_not_covered"].text,
    ]
    assert [part["outcome"] for part in said.payload["parts"]] == [
        "answer",
        "answer",
        "not_covered",
    ]
    assert "uncovered_streak" not in said.slots


async def test_disclaimers_are_never_absent_but_shorter_the_second_time(
    talk: Talk, content: Content
) -> None:
    first = await talk.say(ActionAnswer(), "ask_pain")
    second = await talk.say(ActionAnswer(), "ask_pain")
    assert first.payload["disclaimers"] == second.payload["disclaimers"]
    for name in first.payload["disclaimers"]:
        assert content.disclaimers[name].full in first.texts[-1]
        assert content.disclaimers[name].short in second.texts[-1]
        assert content.disclaimers[name].full not in second.texts[-1]


async def test_more_about_nothing_is_a_question(talk: Talk, content: Content) -> None:
    said = await talk.say(ActionAnswerMore(), "ask_more", "tell me more")
    assert said.payload["outcome"] == "clarify"
    assert said.texts == [content.messages["nothing_to_explain"].text]
    assert len(said.buttons) == 3


async def test_more_goes_deeper_and_then_on(talk: Talk, content: Content) -> None:
    await talk.say(ActionAnswer(), "ask_pain")
    deeper = await talk.say(ActionAnswerMore(), "ask_more", "tell me more")
    assert deeper.texts[0] == content.answers["pain"].more
    assert deeper.slots == {"topics_deepened": ["pain"]}
    onward = await talk.say(ActionAnswerMore(), "ask_more", "and?")
    following = content.answers["pain"].suggestions[0]
    assert onward.texts[0] == content.answers[following].text
    assert onward.slots["last_topic"] == following
    again = await talk.say(ActionAnswerMore(), "ask_more", "go on")
    assert again.texts[0] == content.answers[following].more
    assert again.slots == {"topics_deepened": ["pain", following]}


async def test_more_leads_through_every_topic_and_then_says_that_this_was_all(
    talk: Talk, content: Content
) -> None:
    await talk.say(ActionAnswer(), "ask_pain")
    for _ in range(2 * len(ANSWER_TOPICS) - 1):
        said = await talk.say(ActionAnswerMore(), "ask_more")
        assert said.payload["outcome"] == "answer"
    assert set(talk.slots["topics_seen"]) == set(talk.slots["topics_deepened"])
    assert set(talk.slots["topics_seen"]) == set(ANSWER_TOPICS)
    last = await talk.say(ActionAnswerMore(), "ask_more")
    assert last.payload["outcome"] == "clarify"
    assert last.texts == [content.messages["more_exhausted"].text]
