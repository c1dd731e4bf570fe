"""Tabs, reloads, and what is left behind: in the browser, and in the bot's database."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import expect

from bot.channels.website.tokens import Tokens
from bot.records import conversation_reference
from bot.settings import Settings
from tests.website.conftest import Visit
from tests.website.pages import Widget
from tests.website.running import Site

# Where a visitor's rows are, and under which name: as sender, or as the records know them.
TABLES = {
    "events": "sender_id",
    "sessions": "sender",
    "entries": "sender",
    "feedback": "conversation",
    "escalations": "conversation",
}


def names_of(site: Site, token: str) -> dict[str, str]:
    """What the database calls a visitor, by column."""
    settings = Settings(data_dir=str(site.data))
    sender = Tokens(settings.secret(), settings.retention_days).read(token).sender
    known_as = conversation_reference(sender, settings.secret())
    return {"sender": sender, "sender_id": sender, "conversation": known_as}


def rows(site: Site, names: dict[str, str]) -> dict[str, int]:
    """Rows of this visitor, by table."""
    return {table: site.rows(table, **{column: names[column]}) for table, column in TABLES.items()}


async def test_two_tabs_share_a_conversation(talk: Widget, site: Site) -> None:
    await talk.ask("what is long covid")
    other = await Widget.visit(talk.page.context, site.url)
    await other.open()
    await expect(other.said).to_have_count(1)

    await other.ask("is it safe?")
    await expect(talk.answers).to_have_count(2)
    await talk.ask("thank you")
    await expect(other.answers).to_have_count(3)

    texts = [await tab.log.locator(".bubble").all_text_contents() for tab in (talk, other)]
    assert texts[0] == texts[1]
    assert await talk.token() == await other.token()


async def test_a_reload_keeps_the_conversation(talk: Widget) -> None:
    await talk.ask("what is long covid")
    before = await talk.log.locator(".bubble").all_text_contents()
    await talk.input.fill("half a sen")

    await talk.again()

    await expect(talk.answers).to_have_count(1)
    assert await talk.log.locator(".bubble").all_text_contents() == before
    await expect(talk.input).to_have_value("half a sen")


async def test_help_lines_stand_again_after_a_reload(talk: Widget) -> None:
    await talk.ask("I want to die")
    call = talk.banner.get_by_role("link", name="Call 988")
    await expect(call).to_have_attribute("href", "tel:988")

    await talk.again()

    await expect(call).to_be_visible()
    # What was said before comes from the server a moment later; only then is more counted.
    await expect(talk.said).to_have_count(1)
    await talk.ask("what is long covid")
    await expect(call).to_be_visible()
    await talk.banner.get_by_role("button", name="Make smaller").click()
    await talk.again()
    await expect(talk.banner.get_by_role("button", name="Show help lines")).to_be_visible()
    await expect(talk.banner).to_contain_text("You are not alone.")


async def test_forget_me_leaves_nothing_anywhere(talk: Widget, site: Site) -> None:
    word = f"zebra{uuid4().hex}"
    other = await Widget.visit(talk.page.context, site.url)
    await talk.ask("what is long covid")
    first = talk.answers.filter(has=talk.page.locator(".rating")).first
    await first.get_by_role("button", name="Helpful", exact=True).click()
    await first.get_by_role("textbox").fill(f"It was {word} to me.")
    await first.get_by_role("button", name="Send comment").click()
    answer = await talk.ask(f"how many mg should I take {word}")
    await expect(answer).to_contain_text("E-")
    names = names_of(site, await talk.token())
    assert all(rows(site, names).values())
    assert {"events", "entries"} <= set(site.holding(word))
    await talk.input.fill("a draft")

    await talk.choose("Forget me")
    await talk.dialog.get_by_role("button", name="Delete it all").click()
    await expect(talk.notice).to_contain_text("Everything was deleted.")

    # Only that the panel is open, which says nothing of anyone.
    assert [key.split()[-1] for key in (await talk.stored()).get("session", [])] in ([], ["open"])
    assert set(await talk.stored()) <= {"session"}
    assert await other.stored() == {}
    assert rows(site, names) == dict.fromkeys(TABLES, 0)
    for trace in (word, *names.values()):
        assert site.holding(trace) == []
    await talk.again()
    await other.open()
    assert await talk.said.count() + await other.said.count() == 0


async def test_a_shared_computer_keeps_nothing(talk: Widget) -> None:
    await talk.choose("I am on a shared computer")
    await talk.ask("what is long covid")
    await talk.ask("I want to die")
    await talk.input.fill("a draft")

    assert await talk.stored() == {}
    await talk.again()
    await talk.open()
    await expect(talk.said).to_have_count(0)
    await expect(talk.input).to_have_value("")
    await expect(talk.banner).to_have_count(0)


async def test_mode_shared_keeps_nothing_from_the_start(visit: Visit) -> None:
    widget = await visit()
    await widget.page.evaluate(
        """() => {
          const shared = document.createElement('long-covid-guide');
          shared.setAttribute('mode', 'shared');
          document.querySelector('long-covid-guide').replaceWith(shared);
        }"""
    )
    await widget.open()
    await expect(widget.root.get_by_text("Shared computer: nothing is kept")).to_be_visible()
    await widget.ask("what is long covid")

    assert await widget.stored() == {}


async def test_the_exit_leads_to_no_script(visit: Visit) -> None:
    widget = await visit()
    await widget.page.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body=""))
    await widget.page.evaluate(
        """() => {
          const other = document.createElement('long-covid-guide');
          other.setAttribute('exit', 'javascript:document.title = "taken"');
          document.querySelector('long-covid-guide').replaceWith(other);
        }"""
    )
    await widget.open()

    await widget.choose("Quick exit")

    await widget.page.wait_for_url("https://www.wikipedia.org/")
