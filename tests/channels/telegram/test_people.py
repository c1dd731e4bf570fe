"""What people do besides writing: tap, edit, send pictures, use the menu, add the bot to groups."""

from __future__ import annotations

from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.channels.telegram.commands import COMMANDS
from bot.content import load_content
from tests.channels.telegram.bubbles import MEDIA
from tests.channels.telegram.emulator import Chat
from tests.channels.telegram.rig import BUTTON, PAYLOAD, Rig, echo
from tests.channels.telegram.service import MODES

CONTENT = load_content()
TICKED = f"✓ {BUTTON}"


def words(message: str) -> str:
    """How one of the channel's own texts begins."""
    return CONTENT.messages[message].text.split("\n")[0][:25]


async def test_a_tap_is_taken_marked_and_its_spinner_ends(rig: Rig, person: Chat) -> None:
    (offer,) = await person.ask("hello")
    sent = await person.tap(BUTTON)
    await person.until(lambda: len(person.texts) == 2 and person.bubbles[0].edited)
    await rig.telegram.quiet(0.3)

    assert rig.agent.texts == ["hello", PAYLOAD]
    assert [call["callback_query_id"] for call in person.answered] == [sent.callback_id]
    assert [button.title for button in person.bubbles[0].buttons] == [TICKED]
    assert (person.bubbles[0].text, person.bubbles[0].entities) == (offer.text, offer.entities)
    assert [button.title for button in person.bubbles[1].buttons] == [BUTTON]


async def test_the_same_tap_brought_twice_is_one(rig: Rig, person: Chat) -> None:
    await person.ask("hello")
    sent = await person.tap(BUTTON)
    await person.until(lambda: len(person.texts) == 2)
    await rig.telegram.deliver(sent.update)
    await rig.telegram.quiet(0.5)

    assert rig.agent.texts == ["hello", PAYLOAD]
    assert len(person.texts) == 2


async def test_a_button_works_after_a_restart(rig: Rig) -> None:
    chat = rig.telegram.chat()
    async with rig.running():
        await chat.ask("hello")
    async with rig.running():
        await chat.tap(BUTTON)
        await chat.until(lambda: len(chat.texts) == 2)

    assert rig.agent.texts == ["hello", PAYLOAD]


@pytest.mark.parametrize("data", ["", "x", "nobody:0", "a:0:1", "../../etc:1", "é" * 30])
async def test_a_made_up_tap_gets_a_friendly_word(rig: Rig, person: Chat, data: str) -> None:
    await person.ask("hello")
    sent = await person.tap_data(data, person.bubbles[0].message_id)
    await person.until(lambda: len(person.texts) == 2 and person.answered)

    assert words("telegram_old_button") in person.texts[1]
    assert person.answered[0]["callback_query_id"] == sent.callback_id
    assert rig.agent.texts == ["hello"]


async def test_somebody_elses_button_is_no_button(rig: Rig, person: Chat) -> None:
    (offer,) = await person.ask("hello")
    other = rig.telegram.chat()
    (theirs,) = await other.ask("hi")
    await other.tap_data(str(offer.buttons[0].data), theirs.message_id)
    await other.until(lambda: len(other.texts) == 2)

    assert words("telegram_old_button") in other.texts[1]
    assert len(person.texts) == 1


async def test_a_button_of_what_was_forgotten_is_an_old_one(rig: Rig, person: Chat) -> None:
    (offer,) = await person.ask("hello")
    await person.ask("forget me")
    await person.tap(BUTTON, bubble=offer)
    await person.until(lambda: len(person.texts) == 3)

    assert words("telegram_old_button") in person.texts[2]


async def test_an_edited_message_is_answered_once(rig: Rig, person: Chat) -> None:
    await person.ask("helo")
    await person.edit("hello")
    await person.edit("hello!")
    await rig.telegram.quiet(0.5)

    assert person.texts == [echo("helo")]


async def test_an_edit_that_comes_before_its_message_is_the_message(rig: Rig, person: Chat) -> None:
    sent = await person.send("helo", held=True)
    await person.edit("hello", sent.message_id)
    await person.reply()
    await rig.telegram.deliver(sent.update)
    await rig.telegram.quiet(0.5)

    assert person.texts == [echo("hello")]


@pytest.mark.parametrize("kind", MEDIA)
async def test_what_is_not_text_gets_a_polite_word(rig: Rig, person: Chat, kind: str) -> None:
    await person.media(kind)
    (reply,) = await person.reply()

    assert words("telegram_not_text") in reply.text
    assert rig.agent.heard == []


async def test_a_caption_is_what_was_said(rig: Rig, person: Chat) -> None:
    await person.photo(caption="is this normal?")
    await person.reply()

    assert rig.agent.texts == ["is this normal?"]


async def test_what_is_written_right_behind_forget_me_is_answered(rig: Rig, person: Chat) -> None:
    await person.ask("I live in Elm Street")
    rig.agent.gate.clear()
    await person.send("forget me")
    await rig.telegram.until(lambda: rig.agent.texts[-1:] == ["forget me"])
    await person.send("what is long covid")
    await rig.telegram.taken()
    rig.agent.gate.set()
    await person.until(lambda: len(person.texts) == 3)
    await rig.telegram.quiet()

    assert "It is done" in person.texts[1]
    assert person.texts[2] == echo("what is long covid")
    assert len(person.texts) == 3
    assert rig.mentions("Elm Street") == []
    assert len(rig.rows("entries")) == 2, "a new conversation"


@pytest.mark.parametrize("mode", MODES)
async def test_the_way_to_telegram_is_known(rig: Rig, mode: str) -> None:
    async with rig.running(mode) as address, aiohttp.ClientSession() as http:
        await rig.telegram.chat().ask("hello")
        async with http.get(f"{address}/health") as answer:
            found = (await answer.json())["components"]["telegram"]

    assert (found["status"], found["mode"]) == ("up", mode)
    assert datetime.fromisoformat(found["last_success"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize("mode", MODES)
async def test_the_menu_has_every_command(rig: Rig, mode: str) -> None:
    async with rig.running(mode):
        chat = rig.telegram.chat()
        await chat.ask("hello")
        menus = (await rig.telegram.state())["commands"].values()

    # The emulator, which all tests share, may hold menus of others beside it.
    due = [{"command": name, "description": CONTENT.commands[name]} for name in COMMANDS]
    assert due in list(menus)


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_is_answered(rig: Rig, person: Chat, name: str) -> None:
    await person.command(name)
    (reply,) = await person.reply()

    payload = COMMANDS[name]
    if payload.startswith("/"):
        assert rig.agent.texts == [payload]
    else:
        assert rig.agent.heard == []
        assert words(payload) in reply.text


async def test_topics_are_tapped(rig: Rig, person: Chat) -> None:
    await person.command("topics")
    (reply,) = await person.reply()
    assert len(reply.buttons) == len(CONTENT.answers)

    await person.tap(CONTENT.answers["pain"].title)
    await person.until(lambda: len(person.texts) == 2)
    assert rig.agent.texts == ["/ask_pain"]


async def test_words_behind_a_command_are_read(rig: Rig, person: Chat) -> None:
    await person.command("start", "I want to die")
    await person.reply()

    assert rig.agent.texts == ["/start I want to die"]


async def test_it_types_while_it_thinks(rig: Rig, person: Chat) -> None:
    rig.agent.gate.clear()
    await person.send("hello")
    await person.until(lambda: person.typing)
    rig.agent.gate.set()
    await person.reply()

    assert set(person.typing) == {"typing"}


async def test_no_previews_of_links(person: Chat) -> None:
    (reply,) = await person.ask("https://example.org")

    assert not reply.previews


async def test_in_a_group_it_says_where_it_talks_and_keeps_no_words(rig: Rig, person: Chat) -> None:
    await person.ask("hello")
    group = rig.telegram.group()
    await group.send("nothing to do with the bot, Miss Elm Street")
    await group.mention("Mister Elm Street asks about ketamine")
    (reply,) = await group.reply()
    await rig.telegram.quiet(0.3)

    assert words("telegram_group") in reply.text
    assert "https://t.me/guide_bot" in reply.text
    assert len(group.texts) == 1
    assert rig.agent.texts == ["hello"]
    assert rig.mentions("Elm Street") == []


async def test_danger_in_a_group_gets_help(rig: Rig, person: Chat) -> None:
    await person.ask("hello")
    group = rig.telegram.group()
    await group.mention("I want to kill myself tonight")
    (reply,) = await group.reply()

    assert "988" in reply.text
    assert rig.mentions("kill myself") == []


async def test_a_group_that_takes_it_in_is_told(rig: Rig, person: Chat) -> None:
    await person.ask("hello")
    group = rig.telegram.group()
    await group.membership("left", "member")
    (reply,) = await group.reply()

    assert words("telegram_group") in reply.text


async def test_while_the_database_is_down_people_are_answered(rig: Rig, person: Chat) -> None:
    with rig.database_down():
        await person.send("hello")
        await person.reply()
        await person.tap(BUTTON)
        await person.until(lambda: len(person.texts) == 2)
    await person.send("again")
    await person.until(lambda: len(person.texts) == 3)
    await rig.telegram.quiet(1.0)

    assert person.texts == [echo("hello"), echo(PAYLOAD), echo("again")]


async def test_a_crisis_is_answered_with_help_while_all_is_down(rig: Rig, person: Chat) -> None:
    async def failing(message: object) -> None:
        raise RuntimeError

    rig.agent.handle_message = failing  # type: ignore[method-assign, assignment]
    with rig.database_down():
        await person.send("I want to die")
        (reply,) = await person.reply()

    assert "988" in reply.text
    assert "988" in reply.entity_texts("bold")
