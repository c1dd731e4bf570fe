"""The start of a session: silent before a message, a greeting where a client opened one."""

from actions.session import ActionSessionStart
from bot.content import Content

from .conftest import Talk

START = "action_session_start"


def kinds(events: list[dict[str, object]]) -> list[object]:
    return [event["event"] for event in events]


async def test_the_start_before_a_first_message_is_silent(talk: Talk) -> None:
    said = await talk.act(ActionSessionStart())
    assert said.texts == []
    assert kinds(said.events) == ["session_started", "action"]
    assert said.events[-1]["name"] == "action_listen"


async def test_a_client_that_opens_a_session_is_greeted(talk: Talk, content: Content) -> None:
    await talk.act(ActionSessionStart())
    said = await talk.say(ActionSessionStart(), "session_start", "/session_start")
    assert said.texts == [content.messages["greet"].text]
    assert said.payload["topic"] == "greet"
    assert kinds(said.events) == ["session_started", "action"]


async def test_a_session_that_follows_an_opened_one_is_silent(talk: Talk) -> None:
    await talk.say(ActionSessionStart(), "session_start", "/session_start")
    assert (await talk.act(ActionSessionStart())).texts == []


async def test_a_tracker_without_events_is_greeted_too(talk: Talk, content: Content) -> None:
    talk.hear("session_start", "/session_start")
    talk.events.clear()
    assert (await talk.act(ActionSessionStart())).texts == [content.messages["greet"].text]


async def test_events_of_other_kinds_neither_ask_nor_answer(talk: Talk, content: Content) -> None:
    talk.hear("session_start", "/session_start")
    talk.events.append({"event": "slot", "name": "last_topic", "value": None})
    assert (await talk.act(ActionSessionStart())).texts == [content.messages["greet"].text]


async def test_another_message_is_not_greeted(talk: Talk) -> None:
    assert (await talk.say(ActionSessionStart(), "ask_pain", "pain?")).texts == []


async def test_only_an_open_crisis_is_carried_over(talk: Talk) -> None:
    talk.slots = {"crisis_open": True, "last_topic": "pain", "offer": "human"}
    said = await talk.act(ActionSessionStart())
    assert said.slots == {"crisis_open": True}
    assert kinds(said.events) == ["session_started", "slot", "action"]


async def test_after_a_crisis_the_greeting_keeps_the_help_line(talk: Talk) -> None:
    talk.slots = {"crisis_open": True}
    said = await talk.say(ActionSessionStart(), "session_start", "/session_start")
    assert "988" in said.texts[-1]
