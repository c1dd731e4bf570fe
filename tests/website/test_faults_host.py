"""Pages of other people: a strict policy, hostile styles and scripts, origins that may not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from benchmarks.browser import Person
from benchmarks.host_page import HostPage
from benchmarks.web_bot import WebBot
from tests.website.faults import PAIN, PATIENCE_SECONDS, PATIENT, WHAT, all_once, visit

# Of a reader whose browser is as it comes, at most twice of what they chose.
MOST_FONT = 32
_DRAWN = """(host) => {
  const style = (selector) => getComputedStyle(host.shadowRoot.querySelector(selector));
  const {fontSize, fontFamily, textTransform, letterSpacing, wordSpacing} = style('.bot .text');
  return {fontSize: parseFloat(fontSize), fontFamily, textTransform, letterSpacing, wordSpacing,
    display: getComputedStyle(host).display, color: style('.bot .text').color};
}"""


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[HostPage]:
    """A page under the strict policy that hands requests on to the bot."""
    async with HostPage().served() as host:
        yield host


@pytest.fixture(scope="module")
async def elsewhere() -> AsyncIterator[HostPage]:
    """A page that the bot's settings name."""
    async with HostPage(policy="").served() as host:
        yield host


@pytest.fixture(scope="module")
async def foreign() -> AsyncIterator[HostPage]:
    """A page that they do not name; it has a copy of the widget's script."""
    async with HostPage(policy="").served() as host:
        yield host


@pytest.fixture(scope="module")
async def open_bot(
    tmp_path_factory: pytest.TempPathFactory, strict: HostPage, elsewhere: HostPage,
    foreign: HostPage,
) -> AsyncIterator[WebBot]:  # fmt: skip
    """The bot of all three pages."""
    folder = tmp_path_factory.mktemp("open")
    async with WebBot(folder, ALLOWED_ORIGINS=elsewhere.url, **PATIENT).running() as bot:
        strict.bot = elsewhere.bot = foreign.bot = bot.url
        yield bot


@pytest.mark.parametrize("width", [1000, 320])
async def test_no_policy_violation_on_a_hostile_page(
    open_bot: WebBot, strict: HostPage, new_visitor: Any, shots: Path, width: int
) -> None:
    context = await new_visitor(viewport={"width": width, "height": 800})
    person = await visit(context, strict.url)

    await person.send(WHAT)
    await all_once(person, [WHAT])
    for name in ("Menu", "Menu", "Help now"):
        await person.page.get_by_role("button", name=name, exact=True).click()
    await expect(person.page.locator(".banner")).to_be_visible()
    await person.page.get_by_role("button", name="Help now").click()
    await person.page.screenshot(path=shots / f"hostile-page-{width}.png")

    assert person.violations == []
    assert person.complaints == []
    drawn = await person.page.locator("long-covid-guide").evaluate(_DRAWN)
    assert drawn["fontSize"] <= MOST_FONT
    assert "system-ui" in drawn["fontFamily"]
    assert drawn["color"] != "rgb(0, 255, 0)"
    assert (drawn["textTransform"], drawn["letterSpacing"]) == ("none", "normal")
    assert (drawn["wordSpacing"], drawn["display"]) == ("0px", "block")
    send = await person.page.get_by_role("button", name="Send").bounding_box()
    assert send is not None
    assert 0 <= send["x"] <= send["x"] + send["width"] <= width, "the button is in view"


async def heard(person: Person, words: str) -> None:
    """Wait for a violation with these words."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(words in line for line in person.violations):
        assert time.monotonic() < deadline, person.violations
        await person.page.wait_for_timeout(50)


async def test_a_violation_would_be_seen(
    open_bot: WebBot, strict: HostPage, new_visitor: Any
) -> None:
    """The measurement's own check: what the page does wrong is heard."""
    person = await visit(await new_visitor(), strict.url)

    for wrong in ("new Image().src = 'data:,x'", "document.body.innerHTML = '<p>'"):
        await person.page.evaluate(f"setTimeout(() => {{ {wrong} }})")
    for kind in ("img-src", "require-trusted"):
        await heard(person, f"policy violation: {kind}")


async def test_a_page_can_hide_the_widget(
    open_bot: WebBot, strict: HostPage, new_visitor: Any
) -> None:
    person = await visit(await new_visitor(), strict.url)

    await person.page.locator("long-covid-guide").evaluate("(host) => { host.hidden = true }")

    await expect(person.page.locator("long-covid-guide .panel")).to_be_hidden()


async def test_an_allowed_origin_embeds_it_from_afar(
    open_bot: WebBot, elsewhere: HostPage, new_visitor: Any
) -> None:
    script = f"{open_bot.url}/widget/long-covid-guide.js"
    person = await visit(await new_visitor(), f"{elsewhere.url}/?script={script}")

    await person.send(PAIN)

    await all_once(person, [PAIN])
    assert person.complaints == []


async def test_a_foreign_origin_cannot_load_it(
    open_bot: WebBot, foreign: HostPage, new_visitor: Any
) -> None:
    """Who looks into the console is told why; a visitor reads what the page wrote inside."""
    person = Person(await (await new_visitor()).new_page())
    person.listen()
    script = f"{open_bot.url}/widget/long-covid-guide.js"

    await person.page.goto(f"{foreign.url}/?script={script}")

    await expect(person.page.locator("#inside")).to_have_count(1)
    assert await person.page.locator("long-covid-guide .launcher").count() == 0
    assert any("blocked by CORS policy" in line and script in line for line in person.complaints)


async def test_a_foreign_origin_cannot_talk(
    open_bot: WebBot, foreign: HostPage, new_visitor: Any
) -> None:
    """With a copy of the script: no session; the visitor is told, and reaches the help lines."""
    before = len(open_bot.rows())
    person = await visit(await new_visitor(), f"{foreign.url}/?server={open_bot.url}")

    await person.send(WHAT)

    status = person.page.locator("long-covid-guide .status")
    await expect(status).to_contain_text("No connection", timeout=60_000)
    await person.page.wait_for_timeout(2000)
    assert (await person.bubbles())[-1] == ("user", WHAT, "Waiting to be sent")
    assert any("403" in line for line in person.complaints)
    assert any("blocked by CORS policy" in line for line in person.complaints)
    await person.page.get_by_role("button", name="Help now").click()
    await expect(person.page.locator(".banner a[href^='tel:']").first).to_be_visible()
    assert len(open_bot.rows()) == before
